// What the log and the state have in common as RocksDB databases.
#pragma once

#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace holdfast {

// What RocksDB says, as an error that says what to do.
tl::unexpected<Error> FailWith(const std::string& folder, const rocksdb::Status& status);

// The same of a database that is open to be read: beside a writer files come and go.
tl::unexpected<Error> FailReading(const std::string& folder, const rocksdb::Status& status);

// Options of a whole database: files that are no longer needed go slowly, work in the background
// comes after the work that a request waits for.
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
