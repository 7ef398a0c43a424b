#include "engine/pipeline/shard.h"

#include "engine/base/hash.h"
#include "engine/pipeline/replay.h"

namespace holdfast {

std::uint32_t ShardOf(std::string_view merchant, std::uint32_t shards) {
  return shards == 1 ? 0 : static_cast<std::uint32_t>(Hash64(merchant) % shards);
}

Shard::Shard(std::shared_ptr<const Pack> pack)
    : engine_(std::make_unique<Engine>(std::move(pack), MakeMemoryStore())) {}

Result<std::unique_ptr<Shard>> Shard::Open(std::shared_ptr<const Pack> pack,
                                           const std::string& folder, const StateHead& head,
                                           const EventLog* log, std::size_t cache_bytes,
                                           Postings postings) {
  auto disk = OpenStateDisk(folder, head);
  if (!disk) return tl::unexpected(disk.error());
  std::unique_ptr<Shard> shard(new Shard());
  shard->disk_ = std::move(*disk);
  shard->begun_ = shard->disk_->applied();
  shard->on_disk_ = shard->begun_;
  const auto read = [log](std::uint64_t offset) -> Result<EventPtr> {
    std::string memory;
    const auto record = log->At(offset, memory);
    if (!record) return tl::unexpected(record.error());
    auto event = ReadRecord(*record);
    if (!event) return tl::unexpected(event.error());
    return std::move(*event);
  };
  auto store = MakeStateStore(shard->disk_.get(), read, cache_bytes, postings);
  if (!store) return tl::unexpected(store.error());
  shard->store_ = store->get();
  shard->engine_ = std::make_unique<Engine>(std::move(pack), std::move(*store));
  return shard;
}

bool Shard::CheckpointIfDue(std::uint64_t applied, std::size_t events, std::uint64_t replay_max,
                            const Hand& write) {
  // While a log is replayed, a shard may be ahead of where the slowest one is.
  if (disk_ == nullptr || applied < begun_ || !fault()) return false;
  CollectWritten();
  if (!collecting_ && !writing_ && applied - begun_ >= replay_max / 2) {
    store_->Begin(applied);
    begun_ = applied;
    collecting_ = true;
  }
  if (collecting_) {
    // More records than one event changes, so that a batch is complete before the next is due.
    constexpr std::size_t kRecordsAnEvent = 32, kLeast = 64;
    if (auto batch = store_->Collect(kLeast + kRecordsAnEvent * events)) {
      collecting_ = false;
      writing_ = true;
      write(std::move(batch));
    }
  }
  store_->Trim();
  return applied - on_disk_ >= replay_max;
}

void Shard::SetWritten(std::unique_ptr<StateBatch> batch) {
  const std::lock_guard lock(mutex_);
  on_disk_ = batch->offset;
  written_ = std::move(batch);
}

void Shard::CollectWritten() {
  const std::lock_guard lock(mutex_);
  if (written_ == nullptr) return;
  store_->Written(std::move(written_));
  writing_ = false;
}

Status Shard::CheckpointNow(std::uint64_t applied) {
  if (disk_ == nullptr || !fault()) return fault();
  CollectWritten();
  // First the batch that is being collected, then all later changes.
  while (collecting_ || begun_ < applied) {
    if (!collecting_) {
      store_->Begin(applied);
      begun_ = applied;
    }
    collecting_ = false;
    auto batch = store_->Collect(~std::size_t{0});
    if (Status written = disk_->Write(*batch); !written) return written;
    on_disk_ = batch->offset;
    store_->Written(std::move(batch));
  }
  return {};
}

}  // namespace holdfast
