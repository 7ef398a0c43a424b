#include "engine/store/rocksdb_common.h"

#include <rocksdb/sst_file_manager.h>

#include <utility>

namespace holdfast {
namespace {

namespace rdb = rocksdb;

rdb::Env* test_env = nullptr;

}  // namespace

tl::unexpected<Error> FailWith(const std::string& folder, const rdb::Status& status) {
  const std::string text = status.ToString();
  if (status.IsNoSpace()) {
    return Fail(ErrorCode::kIo, folder, "the disk is full; free space and start again");
  }
  if (status.IsIOError() && text.find("/LOCK") != std::string::npos) {
    return Fail(ErrorCode::kBusy, folder, "another process has this folder open");
  }
  if (status.IsIOError() && text.find("Too many open files") != std::string::npos) {
    return Fail(ErrorCode::kIo, folder,
                "the process may open no more files; raise the limit (ulimit -n) and start again");
  }
  if (status.IsCorruption()) {
    return Fail(ErrorCode::kCorrupt, folder, text + "; restore the folder from a backup");
  }
  return Fail(ErrorCode::kIo, folder, text);
}

rdb::Options CommonOptions() {
  rdb::Options options;
  rdb::Env* const env = test_env != nullptr ? test_env : rdb::Env::Default();
  options.env = env;
  env->LowerThreadPoolIOPriority(rdb::Env::LOW);
  env->LowerThreadPoolCPUPriority(rdb::Env::LOW);
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.keep_log_file_num = 4;
  options.info_log_level = rdb::InfoLogLevel::WARN_LEVEL;
  options.bytes_per_sync = 1 << 20;
  // A large file deleted at once stops every sync for that long.
  options.sst_file_manager.reset(rdb::NewSstFileManager(env, nullptr, "", 64 << 20));
  return options;
}

void UseEnv(rdb::Env* env) { test_env = env; }

Database::~Database() {
  families.clear();
  if (db != nullptr) static_cast<void>(db->Close());
}

Result<Database> OpenDatabase(const std::string& folder, const rdb::Options& options,
                              const std::vector<rdb::ColumnFamilyDescriptor>& families,
                              bool read_only) {
  std::vector<rdb::ColumnFamilyHandle*> handles;
  rdb::DB* db = nullptr;
  const rdb::Status status =
      read_only ? rdb::DB::OpenForReadOnly(options, folder, families, &handles, &db)
                : rdb::DB::Open(options, folder, families, &handles, &db);
  if (!status.ok()) return FailWith(folder, status);
  Database database;
  database.db.reset(db);
  for (rdb::ColumnFamilyHandle* handle : handles) database.families.emplace_back(handle);
  return database;
}

}  // namespace holdfast
