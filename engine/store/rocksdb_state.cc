// The state in RocksDB: a column family for each kind of record. A batch is written as one sorted
// file per family, outside the database, and all files are ingested at once. There is no
// write-ahead log, no memtable, and no half-written batch after a crash.
#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <atomic>
#include <filesystem>

#include "engine/base/coding.h"
#include "engine/base/file.h"
#include "engine/store/rocksdb_common.h"
#include "engine/store/state_disk.h"

namespace holdfast {
namespace {

namespace rdb = rocksdb;
namespace fs = std::filesystem;

// Records of the default family, which describe the folder itself.
constexpr char kHead[] = "head", kApplied[] = "applied";
constexpr std::uint8_t kFormatNow = 10;

// What must be equal for an existing state to be used.
std::string HeadBytes(const StateHead& head) {
  std::string bytes(1, static_cast<char>(kFormatNow));
  PutVarint(head.shards, bytes);
  PutVarint(head.shard, bytes);
  PutText(head.fold, bytes);
  PutText(head.log, bytes);
  return bytes;
}

// State can be computed again from the log, so the error does not ask for a backup.
Error WithoutBackup(Error error) {
  if (error.code == ErrorCode::kCorrupt) {
    error.detail = "the state is damaged; remove this folder, and it is made again from the log (" +
                   error.detail.substr(0, error.detail.find("; restore")) + ")";
  }
  return error;
}

rdb::ColumnFamilyOptions FamilyOptions(const std::shared_ptr<rdb::Cache>& cache, Family family) {
  rdb::ColumnFamilyOptions options;
  // Records are mostly digests and times, so only the lowest level is compressed.
  options.compression = rdb::kNoCompression;
  options.bottommost_compression = rdb::kLZ4Compression;
  rdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  // Postings are only walked.
  if (family != Family::kPostings) {
    // A missing key, such as a new buyer, is detected without reading a block.
    table.filter_policy.reset(rdb::NewBloomFilterPolicy(10));
    table.data_block_index_type = rdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  }
  options.table_factory.reset(rdb::NewBlockBasedTableFactory(table));
  return options;
}

// Sorts by key. The first sixteen bytes of each key are stored beside it, so that few comparisons
// read the keys themselves, which are scattered in memory.
void SortByKey(std::vector<StateBatch::Change>& changes) {
  struct Rank {
    std::uint64_t first, second;
    std::size_t place;
  };
  const auto eight = [](std::string_view key, std::size_t at) {
    std::uint64_t number = 0;
    for (std::size_t i = at; i < at + 8; ++i) {
      number = number << 8 | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0);
    }
    return number;
  };
  std::vector<Rank> ranks;
  ranks.reserve(changes.size());
  for (std::size_t i = 0; i < changes.size(); ++i) {
    ranks.push_back({eight(changes[i].key, 0), eight(changes[i].key, 8), i});
  }
  std::sort(ranks.begin(), ranks.end(), [&changes](const Rank& a, const Rank& b) {
    if (a.first != b.first) return a.first < b.first;
    if (a.second != b.second) return a.second < b.second;
    return changes[a.place].key < changes[b.place].key;
  });
  std::vector<StateBatch::Change> sorted;
  sorted.reserve(changes.size());
  for (const Rank& rank : ranks) sorted.push_back(changes[rank.place]);
  changes.swap(sorted);
}

class RocksState final : public StateDisk {
  class Cursor final : public StateCursor {
   public:
    Cursor(const RocksState& state, std::unique_ptr<rdb::Iterator> at)
        : state_(state), at_(std::move(at)) {}
    void SeekToFirst() { at_->SeekToFirst(); }
    void Seek(std::string_view key) override { at_->Seek({key.data(), key.size()}); }
    bool valid() const override { return at_->Valid(); }
    void Next() override { at_->Next(); }
    std::string_view key() const override { return {at_->key().data(), at_->key().size()}; }
    std::string_view value() const override { return {at_->value().data(), at_->value().size()}; }
    Status status() const override {
      if (at_->status().ok()) return {};
      return state_.FailState(at_->status());
    }

   private:
    const RocksState& state_;
    std::unique_ptr<rdb::Iterator> at_;
  };

 public:
  RocksState(std::string folder, Database database)
      : folder_(std::move(folder)), database_(std::move(database)) {}

  // True when the state in this folder is for `head`.
  Result<bool> Start(const std::string& head, bool writes) {
    writes_ = writes;
    std::string bytes;
    rdb::Status status = Db().Get({}, Meta(), kHead, &bytes);
    if (status.IsNotFound() && writes && IsNew()) {
      rdb::WriteOptions write;
      write.sync = true;
      status = Db().Put(write, Meta(), kHead, head);
      if (!status.ok()) return FailWith(folder_, status);
      return true;
    }
    if (status.IsNotFound()) return false;
    if (!status.ok()) return FailWith(folder_, status);
    if (bytes != head) return false;
    status = Db().Get({}, Meta(), kApplied, &bytes);
    if (!status.ok() && !status.IsNotFound()) return FailWith(folder_, status);
    applied_ = status.ok() ? ByteReader(bytes).Big64() : 0;
    return true;
  }

  std::uint64_t applied() const override { return applied_; }

  Result<std::optional<std::string>> Get(Family family, std::string_view key) const override {
    rdb::PinnableSlice value;
    const rdb::Status status = Db().Get({}, HandleOf(family), {key.data(), key.size()}, &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) return FailState(status);
    return value.ToString();
  }

  Status Write(StateBatch& batch) override {
    std::vector<rdb::IngestExternalFileArg> files;
    const auto file = [&](rdb::ColumnFamilyHandle* handle, std::string_view name,
                          const auto& fill) -> Status {
      rdb::IngestExternalFileArg arg;
      arg.column_family = handle;
      arg.external_files = {folder_ + "/batch-" + std::string(name) + ".sst"};
      arg.options.move_files = true;
      arg.options.write_global_seqno = false;
      // The file that an earlier batch left under this name may belong to the database by now.
      rdb::Env& env = *Db().GetEnv();
      rdb::Status gone = env.FileExists(arg.external_files[0]);
      if (gone.ok()) gone = env.DeleteFile(arg.external_files[0]);
      if (!gone.ok() && !gone.IsNotFound()) return FailState(gone);
      rdb::Options options = Db().GetOptions(handle);
      options.bottommost_compression = rdb::kDisableCompressionOption;  // these are the newest data
      rdb::SstFileWriter writer(rdb::EnvOptions(options), options, handle);
      rdb::Status status = writer.Open(arg.external_files[0]);
      if (status.ok()) status = fill(writer);
      if (status.ok()) status = writer.Finish();
      if (!status.ok()) return FailState(status);
      files.push_back(std::move(arg));
      return {};
    };
    for (const Family family : kFamilies) {
      auto& changes = batch.changes[static_cast<std::size_t>(family)];
      if (changes.empty()) continue;
      SortByKey(changes);
      const Status written =
          file(HandleOf(family), NameOf(family), [&changes](rdb::SstFileWriter& writer) {
            rdb::Status status;
            for (const StateBatch::Change& change : changes) {
              const rdb::Slice key(change.key.data(), change.key.size());
              status = change.erased ? writer.Delete(key)
                                     : writer.Put(key, {change.value.data(), change.value.size()});
              if (!status.ok()) break;
            }
            return status;
          });
      if (!written) return written;
    }
    if (batch.postings != nullptr && !batch.postings->empty()) {
      const Status written = file(HandleOf(Family::kPostings), NameOf(Family::kPostings),
                                  [&batch](rdb::SstFileWriter& writer) {
                                    rdb::Status status;
                                    batch.postings->ForSorted([&](std::string_view key) {
                                      status = writer.Put(rdb::Slice(key.data(), key.size()), {});
                                      return status.ok();
                                    });
                                    return status;
                                  });
      if (!written) return written;
    }
    const Status meta = file(Meta(), kApplied, [&batch](rdb::SstFileWriter& writer) {
      std::string offset;
      PutBig64(batch.offset, offset);
      return writer.Put(kApplied, offset);
    });
    if (!meta) return meta;
    const rdb::Status status = Db().IngestExternalFiles(files);
    if (!status.ok()) return FailState(status);
    applied_ = batch.offset;
    return {};
  }

  std::unique_ptr<StateCursor> Walk(Family family) const override {
    rdb::ReadOptions read;
    read.readahead_size = 2 << 20;
    read.fill_cache = false;
    auto cursor = CursorOf(read, family);
    cursor->SeekToFirst();
    return cursor;
  }

  std::unique_ptr<StateCursor> Search(Family family) const override { return CursorOf({}, family); }

 private:
  rdb::DB& Db() const { return *database_.db; }
  std::unique_ptr<Cursor> CursorOf(const rdb::ReadOptions& read, Family family) const {
    return std::make_unique<Cursor>(
        *this, std::unique_ptr<rdb::Iterator>(Db().NewIterator(read, HandleOf(family))));
  }
  rdb::ColumnFamilyHandle* Meta() const { return database_.families[0].get(); }
  rdb::ColumnFamilyHandle* HandleOf(Family family) const {
    return database_.families[1 + static_cast<std::size_t>(family)].get();
  }

  // True when nothing was written yet.
  bool IsNew() const {
    const std::unique_ptr<rdb::Iterator> at(Db().NewIterator({}, Meta()));
    at->SeekToFirst();
    return !at->Valid() && at->status().ok();
  }

  tl::unexpected<Error> FailState(const rdb::Status& status) const {
    const auto error = writes_ ? FailWith(folder_, status) : FailReading(folder_, status);
    return tl::unexpected(WithoutBackup(error.value()));
  }

  std::string folder_;
  Database database_;
  std::atomic<std::uint64_t> applied_ = 0;
  bool writes_ = true;
};

}  // namespace

Result<std::uint64_t> AppliedIn(const std::string& folder) {
  std::error_code fault;
  if (!fs::exists(folder + "/CURRENT", fault)) return 0;
  rdb::Options options = CommonOptions();
  options.max_open_files = 16;  // without the files of the records
  const auto database = OpenDatabase(
      folder, options, {{rdb::kDefaultColumnFamilyName, rdb::ColumnFamilyOptions()}}, true);
  if (!database) return tl::unexpected(WithoutBackup(database.error()));
  std::string bytes;
  const rdb::Status status = database->db->Get({}, database->families[0].get(), kApplied, &bytes);
  if (status.IsNotFound()) return 0;
  if (!status.ok()) return tl::unexpected(WithoutBackup(FailReading(folder, status).value()));
  return ByteReader(bytes).Big64();
}

Result<std::unique_ptr<StateDisk>> OpenStateDisk(const std::string& folder, const StateHead& head,
                                                 StateMode mode) {
  const bool writes = mode == StateMode::kWrite;
  std::error_code fault;
  if (!writes && !fs::exists(folder + "/CURRENT", fault)) {
    return Fail(ErrorCode::kNotFound, folder, "holds no state");
  }
  if (writes) {
    // The rest of an interrupted state is of no use.
    if (!fs::exists(folder + "/CURRENT", fault)) fs::remove_all(folder, fault);
    if (!fault) fs::create_directories(folder, fault);
    if (fault) return Fail(ErrorCode::kIo, folder, "cannot be made: " + fault.message());
  }
  rdb::Options options = CommonOptions();
  constexpr std::size_t kBlockCacheBytes = 64 << 20;
  const auto cache = rdb::NewLRUCache(kBlockCacheBytes);
  std::vector<rdb::ColumnFamilyDescriptor> families = {
      {rdb::kDefaultColumnFamilyName, rdb::ColumnFamilyOptions()}};
  for (const Family family : kFamilies) {
    families.push_back({std::string(NameOf(family)), FamilyOptions(cache, family)});
  }
  // A folder for another head is created again, once.
  for (int attempt = 0;; ++attempt) {
    auto database = OpenDatabase(folder, options, families, !writes);
    if (!database) {
      return tl::unexpected(WithoutBackup(database.error()));
    }
    auto state = std::make_unique<RocksState>(folder, std::move(*database));
    const auto fits = state->Start(HeadBytes(head), writes);
    if (!fits) return tl::unexpected(fits.error());
    if (*fits) return state;
    if (!writes || attempt > 0) {
      return Fail(ErrorCode::kNotFound, folder, "holds no state for this pack");
    }
    state.reset();
    if (Status gone = RemoveFolder(folder); !gone) return tl::unexpected(gone.error());
    fs::create_directories(folder, fault);
    if (fault) return Fail(ErrorCode::kIo, folder, "cannot be made: " + fault.message());
  }
}

}  // namespace holdfast
