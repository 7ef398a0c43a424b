// DataFolder: a data folder on disk. It holds an event log and the state derived from the log.
//
//   FOLDER/          the log
//   FOLDER/state/    one folder for each shard, such as 0-of-1. May be deleted while no process has
//                    the folder open; it is rebuilt from the log
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/pipeline/shard.h"
#include "engine/store/event_log.h"

namespace holdfast {

struct FolderOptions {
  std::uint32_t shards = 1;              // 1..kShardsMax
  std::size_t cache_bytes = 1ULL << 30;  // state kept in memory, all shards together
  std::uint64_t replay_max = 100'000;    // most events to replay after a crash
};
inline constexpr std::uint32_t kShardsMax = 64;

// Opens a log and checks that it is complete, so that state can be derived from it.
// Errors: as OpenEventLog and CheckWhole; kCorrupt when state in the folder is ahead of the log,
// which means that the end of the log is lost.
Result<std::unique_ptr<EventLog>> OpenWholeLog(const std::string& folder, LogMode mode);

// Checks that the log is complete. Errors: kCorrupt when a trim, backup or restore was started and
// not finished.
Status CheckWhole(const EventLog& log, const std::string& folder);

// The folder of a shard's state.
std::string StateFolder(const std::string& folder, const StateHead& head);

// Reports progress: `done` of `all` events are replayed. Returning false stops (kInterrupted).
using ReplayProgress = std::function<bool(std::uint64_t done, std::uint64_t all)>;

class DataFolder {
 public:
  // Opens `folder`, creating it if needed, and replays the log records that its state does not
  // include yet. That is the whole log when the state was made with other features or another
  // number of shards.
  // Errors: as OpenWholeLog, OpenStateDisk and ReplayLog.
  static Result<std::unique_ptr<DataFolder>> Open(const std::shared_ptr<const Pack>& pack,
                                                  const std::string& folder,
                                                  const FolderOptions& options,
                                                  const ReplayProgress& progress = {});

  EventLog& log() { return *log_; }
  std::vector<std::unique_ptr<Shard>>& shards() { return shards_; }

 private:
  DataFolder() = default;
  Status Replay(const std::string& folder, const FolderOptions& options,
                const ReplayProgress& progress);

  std::unique_ptr<EventLog> log_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace holdfast
