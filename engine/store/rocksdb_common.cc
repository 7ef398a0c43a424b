#include "engine/store/rocksdb_common.h"

#include <rocksdb/sst_file_manager.h>

#include <utility>

namespace holdfast {
namespace {

namespace rdb = rocksdb;

rdb::Env* test_env = nullptr;

rdb::Env* EnvInUse() { return test_env != nullptr ? test_env : rdb::Env::Default(); }

// RocksDB's own log file is turned off. Errors are returned as a status, and a log that cannot be
// written, on a full disk, ends the process (an assertion in WritableFileWriter).
class NoLogger final : public rdb::Logger {
 public:
  using rdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

bool IsMissing(const rdb::Status& status) {
  const std::string text = status.ToString();
  return text.find("No such file") != std::string::npos ||
         (status.IsCorruption() && text.find("not found") != std::string::npos);
}

// True when a process has the database open for writing.
bool HasWriter(const std::string& folder) {
  rdb::FileLock* lock = nullptr;
  const rdb::Status locked = EnvInUse()->LockFile(folder + "/LOCK", &lock);
  if (locked.ok()) static_cast<void>(EnvInUse()->UnlockFile(lock));
  const std::string text = locked.ToString();
  return text.find("unavailable") != std::string::npos ||
         text.find("lock hold") != std::string::npos;
}

}  // namespace

tl::unexpected<Error> FailWith(const std::string& folder, const rdb::Status& status) {
  const std::string text = status.ToString();
  if (status.IsNoSpace()) {
    return Fail(ErrorCode::kIo, folder, "the disk is full; free space and start again");
  }
  if (status.IsIOError() && text.find("Too many open files") != std::string::npos) {
    return Fail(ErrorCode::kIo, folder,
                "the process may open no more files; raise the limit (ulimit -n) and start again");
  }
  const bool denied = text.find("Permission denied") != std::string::npos ||
                      text.find("Read-only") != std::string::npos;
  if (status.IsIOError() && text.find("/LOCK") != std::string::npos && !denied) {
    return Fail(ErrorCode::kBusy, folder, "another process has this folder open");
  }
  if (IsMissing(status)) {
    return Fail(ErrorCode::kCorrupt, folder,
                "a file is missing (" + text + "); restore the folder from a backup");
  }
  if (status.IsCorruption()) {
    return Fail(ErrorCode::kCorrupt, folder, text + "; restore the folder from a backup");
  }
  return Fail(ErrorCode::kIo, folder, text);
}

tl::unexpected<Error> FailReading(const std::string& folder, const rdb::Status& status) {
  const bool unfinished = status.ToString().find("Column family not found") != std::string::npos;
  if ((unfinished || IsMissing(status)) && HasWriter(folder)) {
    return Fail(ErrorCode::kBusy, folder, "changed while it was read; try again");
  }
  if (unfinished) {
    return Fail(ErrorCode::kNotFound, folder,
                "is not whole yet: making it was stopped; run the command that made it again");
  }
  return FailWith(folder, status);
}

rdb::Options CommonOptions() {
  rdb::Options options;
  rdb::Env* const env = EnvInUse();
  options.env = env;
  env->LowerThreadPoolIOPriority(rdb::Env::LOW);
  env->LowerThreadPoolCPUPriority(rdb::Env::LOW);
  env->LowerThreadPoolCPUPriority(rdb::Env::HIGH);
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.info_log = std::make_shared<NoLogger>();
  // Background writes reach the disk steadily. Written at once, they would delay the sync that
  // answers wait for.
  options.bytes_per_sync = 1 << 20;
  options.strict_bytes_per_sync = true;
  // Deleting a large file at once would delay every sync meanwhile.
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
  if (!read_only) {
    const rdb::Status status = rdb::DB::Open(options, folder, families, &handles, &db);
    if (!status.ok()) return FailWith(folder, status);
  }
  for (int tries = 3; read_only && db == nullptr; --tries) {
    const rdb::Status status = rdb::DB::OpenForReadOnly(options, folder, families, &handles, &db);
    if (!status.ok() && (tries == 0 || !IsMissing(status))) return FailReading(folder, status);
  }
  Database database;
  database.db.reset(db);
  for (rdb::ColumnFamilyHandle* handle : handles) database.families.emplace_back(handle);
  return database;
}

}  // namespace holdfast
