// Shard: one deterministic fold, with its own state: the orders of the merchants that fall to it.
//
// State on disk is behind what is folded: see CheckpointIfDue.
// Threads: one owner at a time; batches are written by the thread that calls WriteBatches.
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

// Which shard of `shards` a merchant falls to.
std::uint32_t ShardOf(std::string_view merchant, std::uint32_t shards);

class Shard {
 public:
  // In memory alone.
  explicit Shard(std::shared_ptr<const Pack> pack);
  // With state in `folder`, which is a fold of `log`; `cache_bytes` of it in memory. Both pointers
  // outlive the shard. Errors: as OpenStateDisk.
  static Result<std::unique_ptr<Shard>> Open(std::shared_ptr<const Pack> pack,
                                             const std::string& folder, const StateHead& head,
                                             const EventLog* log, std::size_t cache_bytes);

  Engine& engine() { return *engine_; }

  // Null in memory.
  const StateDisk* disk() const { return disk_.get(); }

  // The last record of the log that is in the state on disk.
  std::uint64_t on_disk() const { return on_disk_; }

  // To be called now and then, between events: the log up to `applied` has been folded, `events` of
  // it since the last call. Collects what has changed, a little at a time; at least every
  // `replay_max` / 2 events a batch is begun. What is collected is handed to `write`.
  // Returns true when more than `replay_max` events would have to be replayed after a crash: then
  // nothing more is to be folded until CheckpointNow. After a fault nothing is collected: what was
  // folded without all that it needs must not get to disk.
  using Hand = std::function<void(std::unique_ptr<StateBatch>)>;
  bool CheckpointIfDue(std::uint64_t applied, std::size_t events, std::uint64_t replay_max,
                       const Hand& write);

  // Puts a batch of this shard on disk; in any one thread.
  Status Write(StateBatch& batch) { return disk_->Write(batch); }
  // Says that a batch which CheckpointIfDue handed out is on disk; in any thread.
  void SetWritten(std::unique_ptr<StateBatch> batch);

  // Collects and writes everything in this thread. REQUIRES: the log up to `applied` is on disk,
  // and no batch that CheckpointIfDue handed out is unwritten. Errors: as StateDisk::Write, and
  // fault().
  Status CheckpointNow(std::uint64_t applied);

  // What could not be read from disk.
  const Status& fault() const { return engine_->store().fault(); }

 private:
  Shard() = default;
  void TakeWritten();

  std::unique_ptr<StateDisk> disk_;  // null: in memory alone
  StateStore* store_ = nullptr;      // the engine's
  std::unique_ptr<Engine> engine_;
  std::atomic<std::uint64_t> on_disk_ = 0;
  std::uint64_t begun_ = 0;  // the offset of the last batch
  bool collecting_ = false, writing_ = false;
  std::mutex mutex_;
  std::unique_ptr<StateBatch> written_;  // by SetWritten, until TakeWritten
};

}  // namespace holdfast
