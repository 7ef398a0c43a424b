// The log in RocksDB: one column family for records, one for data about the folder.
#include <rocksdb/table.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <random>
#include <vector>

#include "engine/base/coding.h"
#include "engine/base/exclusive_use.h"
#include "engine/base/file.h"
#include "engine/base/hash.h"
#include "engine/store/event_log.h"
#include "engine/store/rocksdb_common.h"

namespace holdfast {
namespace {

namespace rdb = rocksdb;

constexpr char kFormat[] = "format", kTrim[] = "trim", kName[] = "name", kFacts[] = "facts";
constexpr std::uint64_t kFormatNow = 2;

std::uint64_t Big64(rdb::Slice bytes) { return ByteReader({bytes.data(), bytes.size()}).Big64(); }

// A record's value: origin, digest, size of the event (4 bytes), [size of the facts (4 bytes),]
// event, decision, facts.
constexpr std::size_t kHeadBytes = 1 + 8 + 4;
constexpr std::uint8_t kWithFacts = 0x10;  // flag beside the origin: the size of the facts follows

void PutSize(std::size_t size, std::string& out) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift);
}

std::size_t TakeSize(rdb::Slice& in) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(in[i]);
  in.remove_prefix(4);
  return size;
}

void EncodeHead(const LogRecord& record, std::string& out) {
  out.clear();
  const bool facts = !record.facts.empty();
  out += static_cast<char>(static_cast<std::uint8_t>(record.origin) | (facts ? kWithFacts : 0));
  PutBig64(record.digest, out);
  PutSize(record.event.size(), out);
  if (facts) PutSize(record.facts.size(), out);
}

bool DecodeRecord(rdb::Slice key, rdb::Slice value, LogRecord& record) {
  if (key.size() != 8 || value.size() < kHeadBytes) return false;
  const auto first = static_cast<std::uint8_t>(value[0]);
  const bool facts = (first & kWithFacts) != 0;
  record.origin = static_cast<LogRecord::Origin>(first & ~kWithFacts);
  if (record.origin < LogRecord::Origin::kSent || record.origin > LogRecord::Origin::kOwnEvent)
    return false;
  record.offset = Big64(key);
  value.remove_prefix(1);
  record.digest = Big64(value);
  value.remove_prefix(8);
  const std::size_t event = TakeSize(value);
  if (facts && value.size() < 4) return false;
  const std::size_t behind = facts ? TakeSize(value) : 0;
  if (event > value.size() || behind > value.size() - event) return false;
  const std::size_t decision = value.size() - event - behind;
  record.event = {value.data(), event};
  record.decision = {value.data() + event, decision};
  record.facts = {value.data() + event + decision, behind};
  return true;
}

rdb::Options Options() {
  rdb::Options options = CommonOptions();
  // A record torn by a crash at the end of the write-ahead log was never acknowledged. Damage
  // elsewhere, or a missing file, is an error.
  options.wal_recovery_mode = rdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;
  options.max_write_buffer_number = 4;
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
  RocksLog(std::string folder, Database database)
      : folder_(std::move(folder)), database_(std::move(database)) {}

  // Reads and checks the data about the folder. To be called once.
  Status Start(LogMode mode) {
    std::string format;
    const rdb::Status status = Db().Get({}, Db().DefaultColumnFamily(), kFormat, &format);
    if (!status.ok() && !status.IsNotFound()) return FailWith(folder_, status);
    if (status.ok() && (format.size() != 8 || Big64(format) > kFormatNow)) {
      return Fail(ErrorCode::kNewerFormat, folder_,
                  "was written by a later version of Holdfast, which alone can read it");
    }
    // Logs of the first format have no facts. Records that are appended from now on have them.
    const bool older = status.IsNotFound() || Big64(format) < kFormatNow;
    if (older && mode != LogMode::kRead) {
      std::string now;
      PutBig64(kFormatNow, now);
      if (Status said = Say(kFormat, now); !said) return said;
    }
    const rdb::Status named = Db().Get({}, Db().DefaultColumnFamily(), kName, &name_);
    if (!named.ok() && !named.IsNotFound()) return FailWith(folder_, named);
    if (named.IsNotFound() && mode != LogMode::kRead) {
      std::random_device random;
      for (int i = 0; i < 4; ++i) PutBig64(std::uint64_t{random()} << 32 | random(), name_);
      if (Status said = Say(kName, name_); !said) return said;
    }
    std::string trim;
    const rdb::Status trimmed = Db().Get({}, Db().DefaultColumnFamily(), kTrim, &trim);
    if (!trimmed.ok() && !trimmed.IsNotFound()) return FailWith(folder_, trimmed);
    if (trimmed.ok()) {
      ByteReader in(trim);
      trim_.upto = in.Big64();
      trim_.kept = in.Big64();
      if (!in.Done()) {
        trim_.begun = static_cast<LogTrim::Begun>(in.Byte());
        trim_.before = {static_cast<std::int64_t>(in.Big64())};
      }
      if (!in.Done() || trim_.begun > LogTrim::Begun::kCopy) return Damaged(0);
    }
    // An incomplete copy ends with its last record.
    last_ = trim_.begun == LogTrim::Begun::kCopy ? 0 : trim_.upto;
    const std::unique_ptr<rdb::Iterator> at(Db().NewIterator({}, Records()));
    at->SeekToLast();
    if (at->Valid()) {
      if (at->key().size() != 8) return Damaged(0);
      last_ = std::max<std::uint64_t>(last_, Big64(at->key()));
    }
    if (!at->status().ok()) return FailWith(folder_, at->status());
    return {};
  }

  Status Append(std::span<const LogRecord> records, bool sync) override {
    const ExclusiveUse::Scope use(use_);
    if (broken_) {
      return Fail(ErrorCode::kIo, folder_,
                  "an earlier write failed; mend its cause and start again");
    }
    rdb::WriteBatch batch;
    std::string key, head;
    std::uint64_t next = last_;
    for (const LogRecord& record : records) {
      const bool gap = record.offset > next + 1 && record.offset - 1 > trim_.upto;
      if (gap || record.offset <= next) {
        return Fail(ErrorCode::kInternal, folder_, "a record is out of its order");
      }
      next = record.offset;
      key.clear();
      PutBig64(record.offset, key);
      EncodeHead(record, head);
      const rdb::Slice keys[] = {key};
      const rdb::Slice values[] = {head,
                                   {record.event.data(), record.event.size()},
                                   {record.decision.data(), record.decision.size()},
                                   {record.facts.data(), record.facts.size()}};
      batch.Put(Records(), {keys, 1}, {values, 4});
    }
    rdb::WriteOptions write;
    write.sync = sync;
    const rdb::Status status = Db().Write(write, &batch);
    if (!status.ok()) {
      broken_ = true;
      return FailWith(folder_, status);
    }
    last_ = next;
    return {};
  }

  Status Sync() override {
    const rdb::Status status = broken_ ? rdb::Status::IOError() : Db().SyncWAL();
    if (status.ok()) return {};
    broken_ = true;
    return FailWith(folder_, status);
  }

  std::uint64_t last() const override { return last_; }
  const std::string& name() const override { return name_; }
  LogTrim trim() const override { return trim_; }

  Status Trim(const LogTrim& trim, std::span<const std::uint64_t> gone) override {
    LogTrim begun = trim;
    begun.begun = LogTrim::Begun::kTrim;
    if (Status said = SetTrim(begun); !said) return said;
    constexpr std::size_t kGroup = 10'000;
    for (std::size_t i = 0; i < gone.size(); i += kGroup) {
      rdb::WriteBatch batch;
      std::string key;
      for (const std::uint64_t offset : gone.subspan(i, std::min(kGroup, gone.size() - i))) {
        key.clear();
        PutBig64(offset, key);
        batch.Delete(Records(), key);
      }
      const rdb::Status status = Db().Write({}, &batch);
      if (!status.ok()) return FailWith(folder_, status);
    }
    if (Status said = SetTrim({trim.upto, trim.kept}); !said) return said;
    // Returns the disk space.
    const rdb::Status status = Db().CompactRange({}, Records(), nullptr, nullptr);
    if (!status.ok()) return FailWith(folder_, status);
    return {};
  }

  Status SetTrim(const LogTrim& trim) override {
    std::string bytes;
    PutBig64(trim.upto, bytes);
    PutBig64(trim.kept, bytes);
    if (trim.begun != LogTrim::Begun::kNothing) {
      bytes += static_cast<char>(trim.begun);
      PutBig64(static_cast<std::uint64_t>(trim.before.nanos), bytes);
    }
    if (Status said = Say(kTrim, bytes); !said) return said;
    trim_ = trim;
    return {};
  }

  Status KeepSchema(std::string_view schema) override {
    std::string key = kFacts, known;
    PutBig64(Hash64(schema), key);
    const rdb::Status status = Db().Get({}, Db().DefaultColumnFamily(), key, &known);
    if (status.ok()) return {};
    if (!status.IsNotFound()) return FailWith(folder_, status);
    return Say(key, std::string(schema));
  }

  Result<std::vector<std::string>> Schemas() const override {
    std::vector<std::string> schemas;
    const std::unique_ptr<rdb::Iterator> at(Db().NewIterator({}, Db().DefaultColumnFamily()));
    for (at->Seek(kFacts); at->Valid() && at->key().starts_with(kFacts); at->Next()) {
      schemas.push_back(at->value().ToString());
    }
    if (!at->status().ok()) return FailWith(folder_, at->status());
    return schemas;
  }

  Result<LogRecord> At(std::uint64_t offset, std::string& memory) const override {
    std::string key;
    PutBig64(offset, key);
    const rdb::Status status = Db().Get({}, Records(), key, &memory);
    LogRecord record;
    if (status.IsNotFound() || (status.ok() && !DecodeRecord(key, memory, record))) {
      return Damaged(offset);
    }
    if (!status.ok()) return FailWith(folder_, status);
    return record;
  }

  Status Read(std::uint64_t offset, const Visit& visit) const override {
    std::string key;
    PutBig64(offset, key);
    rdb::ReadOptions read;
    read.readahead_size = 2 << 20;
    read.fill_cache = false;
    const std::unique_ptr<rdb::Iterator> at(Db().NewIterator(read, Records()));
    std::uint64_t expected = offset, kept = 0;
    const bool counts = offset == 1 && trim_.upto > 0 && trim_.begun == LogTrim::Begun::kNothing;
    for (at->Seek(key); at->Valid(); at->Next()) {
      LogRecord record;
      if (!DecodeRecord(at->key(), at->value(), record) || record.offset < expected ||
          (record.offset > expected && record.offset - 1 > trim_.upto)) {
        return Damaged(expected);
      }
      if (record.offset <= trim_.upto) {
        ++kept;
      } else if (counts && kept != trim_.kept && expected <= trim_.upto + 1) {
        return Damaged(expected);
      }
      expected = record.offset + 1;
      if (Status visited = visit(record); !visited) return visited;
    }
    if (!at->status().ok()) return FailWith(folder_, at->status());
    if (counts && kept != trim_.kept) return Damaged(expected);
    return {};
  }

 private:
  // Writes a value about the folder. It is on disk on return.
  Status Say(const std::string& key, const std::string& value) {
    rdb::WriteOptions write;
    write.sync = true;
    rdb::Status status = Db().Put(write, Db().DefaultColumnFamily(), key, value);
    // While the value is only in the write-ahead log, no file of that log could be removed.
    if (status.ok()) status = Db().Flush({}, Db().DefaultColumnFamily());
    if (!status.ok()) return FailWith(folder_, status);
    return {};
  }

  rdb::DB& Db() const { return *database_.db; }
  rdb::ColumnFamilyHandle* Records() const { return database_.families.back().get(); }
  tl::unexpected<Error> Damaged(std::uint64_t offset) const {
    return Fail(ErrorCode::kCorrupt, folder_,
                "record " + std::to_string(offset) +
                    " is damaged or missing; restore the folder "
                    "from a backup");
  }

  std::string folder_;
  Database database_;  // default, log
  std::atomic<std::uint64_t> last_ = 0;
  LogTrim trim_;
  std::string name_;
  std::atomic<bool> broken_ = false;
  mutable ExclusiveUse use_;
};

// True when the folder has only files that remain from an interrupted creation of a log.
bool IsUnborn(const std::string& folder, std::error_code& fault) {
  for (const auto& entry : std::filesystem::directory_iterator(folder, fault)) {
    const std::string name = entry.path().filename().string();
    const bool early = name == "LOCK" || name == "IDENTITY" || name == "MANIFEST-000001" ||
                       name == kRestoring || name.ends_with(".dbtmp");
    if (!early) return false;
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<EventLog>> OpenEventLog(const std::string& folder, LogMode mode) {
  namespace fs = std::filesystem;
  std::error_code fault;
  const bool has_log = fs::exists(folder + "/CURRENT", fault);
  if (fault) return Fail(ErrorCode::kIo, folder, "cannot be read: " + fault.message());
  const std::string restoring = folder + "/" + kRestoring;
  const bool half = fs::exists(restoring, fault);
  if (half && mode != LogMode::kRestore) {
    return Fail(ErrorCode::kCorrupt, folder, "`restore` was stopped before its end; run it again");
  }
  if (has_log && !half && mode == LogMode::kRestore) {
    return Fail(ErrorCode::kInvalidInput, folder, "has a log already; give a new or empty folder");
  }
  if (!has_log && mode != LogMode::kWrite && mode != LogMode::kRestore) {
    return Fail(ErrorCode::kNotFound, folder, "holds no log");
  }
  if (!has_log) {
    // Existing files are never overwritten, least of all the remains of a log.
    fs::create_directories(folder, fault);
    if (fault) return Fail(ErrorCode::kIo, folder, "cannot be made: " + fault.message());
    const bool unborn = IsUnborn(folder, fault);
    if (fault) return Fail(ErrorCode::kIo, folder, "cannot be read: " + fault.message());
    if (!unborn) {
      return Fail(ErrorCode::kNotFound, folder,
                  "has files, but no log (CURRENT is not there); give a new or empty folder, or "
                  "restore this one from a backup");
    }
    if (mode == LogMode::kRestore) {
      if (Status marked = ReplaceFile(restoring, "See `holdfast restore`.\n"); !marked) {
        return tl::unexpected(marked.error());
      }
    }
  }
  const std::vector<rdb::ColumnFamilyDescriptor> families = {
      {rdb::kDefaultColumnFamilyName, rdb::ColumnFamilyOptions()}, {"log", LogOptions()}};
  auto database = OpenDatabase(folder, Options(), families, mode == LogMode::kRead);
  if (!database) return tl::unexpected(database.error());
  auto log = std::make_unique<RocksLog>(folder, std::move(*database));
  if (Status started = log->Start(mode); !started) return tl::unexpected(started.error());
  return log;
}

}  // namespace holdfast
