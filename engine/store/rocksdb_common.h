// Helpers for the RocksDB databases of the log and the state.
#pragma once

#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace holdfast {

// A RocksDB status as an error, with what to do about it.
tl::unexpected<Error> FailWith(const std::string& folder, const rocksdb::Status& status);

// The same for a database that is only read: files may vanish while another process writes.
tl::unexpected<Error> FailReading(const std::string& folder, const rocksdb::Status& status);

// Options for a whole database: obsolete files are deleted slowly, and background work has a lower
// priority than work for requests.
rocksdb::Options CommonOptions();

// The environment of databases that are opened from now on; null: the system's. For tests of
// faults. Not to be called while a database is open.
void UseEnv(rocksdb::Env* env);

// A database with the handles of its column families, in the order they were asked for.
struct Database {
  std::unique_ptr<rocksdb::DB> db;
  std::vector<std::unique_ptr<rocksdb::ColumnFamilyHandle>> families;

  Database() = default;
  Database(Database&&) = default;
  Database& operator=(Database&&) = default;
  ~Database();
};

// Errors: as FailWith, or with `read_only` as FailReading.
Result<Database> OpenDatabase(const std::string& folder, const rocksdb::Options& options,
                              const std::vector<rocksdb::ColumnFamilyDescriptor>& families,
                              bool read_only);

}  // namespace holdfast
