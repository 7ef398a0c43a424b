// Shard: one engine with its own state. It handles the orders of the merchants assigned to it.
//
// The state on disk is older than the state in memory; see CheckpointIfDue.
// Threads: one owner at a time. Write and SetWritten may be called by another thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "engine/base/queue.h"
#include "engine/pipeline/engine.h"
#include "engine/store/event_log.h"
#include "engine/store/state_store.h"

namespace holdfast {

// The shard, from 0 to `shards` - 1, that a merchant is assigned to.
std::uint32_t ShardOf(std::string_view merchant, std::uint32_t shards);

class Shard {
 public:
  // A shard with all its state in memory.
  explicit Shard(std::shared_ptr<const Pack> pack);
  // A shard with state in `folder`, derived from `log`. About `cache_bytes` of it are kept in
  // memory. `log` must outlive the shard. Without postings no order can be found by FindOrders.
  // Errors: as OpenStateDisk.
  static Result<std::unique_ptr<Shard>> Open(std::shared_ptr<const Pack> pack,
                                             const std::string& folder, const StateHead& head,
                                             const EventLog* log, std::size_t cache_bytes,
                                             Postings postings = Postings::kKept);

  Engine& engine() { return *engine_; }

  // Null in memory.
  const StateDisk* disk() const { return disk_.get(); }

  // The offset of the last log record that the state on disk includes.
  std::uint64_t on_disk() const { return on_disk_; }

  // To be called regularly between events. The log up to offset `applied` has been applied,
  // `events` of it since the last call. Collects changed records into a batch, some at each call,
  // and passes a complete batch to `write`. A batch is begun at least every `replay_max` / 2
  // events.
  // Returns true when a crash would now require `replay_max` events or more to be replayed; then
  // apply no more events until a later call returns false. After a fault nothing is collected:
  // state that was computed from incomplete data must not be written.
  using Hand = std::function<void(std::unique_ptr<StateBatch>)>;
  bool CheckpointIfDue(std::uint64_t applied, std::size_t events, std::uint64_t replay_max,
                       const Hand& write);

  // Writes a batch to disk. Threads: any, one at a time. Errors: as StateDisk::Write.
  Status Write(StateBatch& batch) { return disk_->Write(batch); }
  // Returns a batch of CheckpointIfDue after it was written. Threads: any.
  void SetWritten(std::unique_ptr<StateBatch> batch);

  // Collects and writes all changes in the calling thread. The log up to `applied` must be on
  // disk, and every batch of CheckpointIfDue written. Errors: as StateDisk::Write, and fault().
  Status CheckpointNow(std::uint64_t applied);

  // The error of a read from disk that failed; OK if none did.
  const Status& fault() const { return engine_->store().fault(); }

 private:
  Shard() = default;
  void CollectWritten();

  std::unique_ptr<StateDisk> disk_;  // null: in memory alone
  StateStore* store_ = nullptr;      // the engine's
  std::unique_ptr<Engine> engine_;
  std::atomic<std::uint64_t> on_disk_ = 0;
  std::uint64_t begun_ = 0;  // the offset of the last batch
  bool collecting_ = false, writing_ = false;
  std::mutex mutex_;
  std::unique_ptr<StateBatch> written_;  // by SetWritten, until CollectWritten
};

}  // namespace holdfast
