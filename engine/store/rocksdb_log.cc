// The log in RocksDB: one column family of records, one of what is known about the folder.
#include <rocksdb/db.h>
#include <rocksdb/sst_file_manager.h>
#include <rocksdb/table.h>

#include <filesystem>
#include <vector>

#include "engine/store/event_log.h"

namespace holdfast {
namespace {

namespace rdb = rocksdb;

constexpr char kFormat[] = "format";
constexpr std::uint64_t kFormatNow = 1;

void AppendBig64(std::uint64_t number, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
}
std::uint64_t Big64(const char* bytes) {
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

// A record's value: version, digest, size of the event (4 bytes), event, decision.
constexpr char kRecordVersion = 1;
constexpr std::size_t kHeadBytes = 1 + 8 + 4;

void EncodeRecord(const LogRecord& record, std::string& out) {
  out.clear();
  out += kRecordVersion;
  AppendBig64(record.digest, out);
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += static_cast<char>(record.event.size() >> shift);
  }
  out += record.event;
  out += record.decision;
}

bool DecodeRecord(rdb::Slice key, rdb::Slice value, LogRecord& record) {
  if (key.size() != 8 || value.size() < kHeadBytes || value[0] != kRecordVersion) return false;
  record.offset = Big64(key.data());
  record.digest = Big64(value.data() + 1);
  std::size_t size = 0;
  for (std::size_t i = 9; i < kHeadBytes; ++i) {
    size = size << 8 | static_cast<unsigned char>(value[i]);
  }
  if (size > value.size() - kHeadBytes) return false;
  record.event = {value.data() + kHeadBytes, size};
  record.decision = {value.data() + kHeadBytes + size, value.size() - kHeadBytes - size};
  return true;
}

// What RocksDB says, as an error that says what to do.
tl::unexpected<Error> FailWith(const std::string& folder, const rdb::Status& status) {
  const std::string text = status.ToString();
  if (status.IsNoSpace()) {
    return Fail(ErrorCode::kIo, folder, "the disk is full; free space and start again");
  }
  if (status.IsIOError() && text.find("/LOCK") != std::string::npos) {
    return Fail(ErrorCode::kBusy, folder, "another process has this folder open");
  }
  if (status.IsCorruption()) {
    return Fail(ErrorCode::kCorrupt, folder, text + "; restore the folder from a backup");
  }
  return Fail(ErrorCode::kIo, folder, text);
}

rdb::Options Options() {
  rdb::Options options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  // What a crash has torn at the end of the write-ahead log was never acknowledged; damage anywhere
  // else, or a missing file, is an error.
  options.wal_recovery_mode = rdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;
  options.max_write_buffer_number = 4;
  options.keep_log_file_num = 4;
  options.info_log_level = rdb::InfoLogLevel::WARN_LEVEL;
  // Obsolete files go slowly: a large file deleted at once stops every sync for that long.
  options.sst_file_manager.reset(
      rdb::NewSstFileManager(rdb::Env::Default(), nullptr, "", 64 << 20));
  return options;
}

rdb::ColumnFamilyOptions LogOptions() {
  rdb::ColumnFamilyOptions options;
  options.compression = rdb::kLZ4Compression;
  rdb::BlockBasedTableOptions table;
  table.block_size = 32 << 10;
  options.table_factory.reset(rdb::NewBlockBasedTableFactory(table));
  return options;
}

class RocksLog final : public EventLog {
 public:
  RocksLog(std::string folder, std::unique_ptr<rdb::DB> db,
           std::vector<std::unique_ptr<rdb::ColumnFamilyHandle>> families)
      : folder_(std::move(folder)), db_(std::move(db)), families_(std::move(families)) {}

  ~RocksLog() override {
    families_.clear();
    static_cast<void>(db_->Close());
  }

  // What stands in the folder, checked; to be called once.
  Status Start(LogMode mode) {
    std::string format;
    const rdb::Status status = db_->Get({}, db_->DefaultColumnFamily(), kFormat, &format);
    if (status.IsNotFound() && mode == LogMode::kWrite) {
      std::string now;
      AppendBig64(kFormatNow, now);
      rdb::WriteOptions write;
      write.sync = true;
      const rdb::Status put = db_->Put(write, db_->DefaultColumnFamily(), kFormat, now);
      if (!put.ok()) return FailWith(folder_, put);
    } else if (!status.ok() && !status.IsNotFound()) {
      return FailWith(folder_, status);
    } else if (status.ok() && (format.size() != 8 || Big64(format.data()) > kFormatNow)) {
      return Fail(ErrorCode::kNewerFormat, folder_,
                  "was written by a later version of Holdfast, which alone can read it");
    }
    const std::unique_ptr<rdb::Iterator> at(db_->NewIterator({}, Records()));
    at->SeekToLast();
    if (at->Valid()) {
      if (at->key().size() != 8) return Damaged(0);
      last_ = Big64(at->key().data());
    }
    if (!at->status().ok()) return FailWith(folder_, at->status());
    return {};
  }

  Status Append(std::span<const LogRecord> records, bool sync) override {
    if (broken_) {
      return Fail(ErrorCode::kIo, folder_,
                  "an earlier write failed; mend its cause and start again");
    }
    rdb::WriteBatch batch;
    std::string key, value;
    std::uint64_t next = last_;
    for (const LogRecord& record : records) {
      if (record.offset != ++next) {
        return Fail(ErrorCode::kInternal, folder_, "a record is out of its order");
      }
      key.clear();
      AppendBig64(record.offset, key);
      EncodeRecord(record, value);
      batch.Put(Records(), key, value);
    }
    rdb::WriteOptions write;
    write.sync = sync;
    const rdb::Status status = db_->Write(write, &batch);
    if (!status.ok()) {
      broken_ = true;
      return FailWith(folder_, status);
    }
    last_ = next;
    return {};
  }

  Status Sync() override {
    const rdb::Status status = broken_ ? rdb::Status::IOError() : db_->SyncWAL();
    if (status.ok()) return {};
    broken_ = true;
    return FailWith(folder_, status);
  }

  std::uint64_t last() const override { return last_; }

  Result<std::string> DecisionAt(std::uint64_t offset) const override {
    std::string key, value;
    AppendBig64(offset, key);
    const rdb::Status status = db_->Get({}, Records(), key, &value);
    LogRecord record;
    if (status.IsNotFound() || (status.ok() && !DecodeRecord(key, value, record))) {
      return Damaged(offset);
    }
    if (!status.ok()) return FailWith(folder_, status);
    return std::string(record.decision);
  }

  Status Read(std::uint64_t offset, const Visit& visit) const override {
    std::string key;
    AppendBig64(offset, key);
    rdb::ReadOptions read;
    read.readahead_size = 2 << 20;
    read.fill_cache = false;
    const std::unique_ptr<rdb::Iterator> at(db_->NewIterator(read, Records()));
    std::uint64_t expected = offset;
    for (at->Seek(key); at->Valid(); at->Next()) {
      LogRecord record;
      if (!DecodeRecord(at->key(), at->value(), record) || record.offset != expected) {
        return Damaged(expected);
      }
      ++expected;
      if (Status visited = visit(record); !visited) return visited;
    }
    if (!at->status().ok()) return FailWith(folder_, at->status());
    return {};
  }

 private:
  rdb::ColumnFamilyHandle* Records() const { return families_.back().get(); }
  tl::unexpected<Error> Damaged(std::uint64_t offset) const {
    return Fail(ErrorCode::kCorrupt, folder_,
                "record " + std::to_string(offset) +
                    " is damaged or missing; restore the folder "
                    "from a backup");
  }

  std::string folder_;
  std::unique_ptr<rdb::DB> db_;
  std::vector<std::unique_ptr<rdb::ColumnFamilyHandle>> families_;  // default, log
  std::uint64_t last_ = 0;
  bool broken_ = false;
};

}  // namespace

Result<std::unique_ptr<EventLog>> OpenEventLog(const std::string& folder, LogMode mode) {
  namespace fs = std::filesystem;
  std::error_code fault;
  const bool has_log = fs::exists(folder + "/CURRENT", fault);
  if (!has_log && mode == LogMode::kRead) {
    return Fail(ErrorCode::kNotFound, folder, "holds no log");
  }
  if (!has_log) {
    // Nothing is made over what somebody has there, least of all over what is left of a log.
    fs::create_directories(folder, fault);
    if (fault) return Fail(ErrorCode::kIo, folder, "cannot be made: " + fault.message());
    if (!fs::is_empty(folder, fault)) {
      return Fail(ErrorCode::kNotFound, folder,
                  "has files, but no log (CURRENT is not there); give a new or empty folder, or "
                  "restore this one from a backup");
    }
  }
  const std::vector<rdb::ColumnFamilyDescriptor> families = {
      {rdb::kDefaultColumnFamilyName, rdb::ColumnFamilyOptions()}, {"log", LogOptions()}};
  std::vector<rdb::ColumnFamilyHandle*> handles;
  rdb::DB* db = nullptr;
  const rdb::Status status =
      mode == LogMode::kRead ? rdb::DB::OpenForReadOnly(Options(), folder, families, &handles, &db)
                             : rdb::DB::Open(Options(), folder, families, &handles, &db);
  if (!status.ok()) return FailWith(folder, status);
  std::vector<std::unique_ptr<rdb::ColumnFamilyHandle>> owned;
  for (rdb::ColumnFamilyHandle* handle : handles) owned.emplace_back(handle);
  auto log = std::make_unique<RocksLog>(folder, std::unique_ptr<rdb::DB>(db), std::move(owned));
  if (Status started = log->Start(mode); !started) return tl::unexpected(started.error());
  return log;
}

}  // namespace holdfast
