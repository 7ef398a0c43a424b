// DataFolder: a log and the state that is folded from it, as they lie on disk.
//
//   FOLDER/          the log
//   FOLDER/state/    0-of-1, or one folder a shard; may be removed at any time when no process has
//                    the folder open: it is made again from the log
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
  std::size_t cache_bytes = 1ULL << 30;  // of state in memory, all shards together
  std::uint64_t replay_max = 100'000;    // events that are folded again after a crash, at most
};
inline constexpr std::uint32_t kShardsMax = 64;

// Opens a log of which everything is there, as of one that anything is folded from.
// Errors: as OpenEventLog and CheckWhole; kCorrupt when there is state in the folder that is ahead
// of the log: then its end is lost.
Result<std::unique_ptr<EventLog>> OpenWholeLog(const std::string& folder, LogMode mode);

// kCorrupt for a log of which a trim or a copy has not come to its end.
Status CheckWhole(const EventLog& log, const std::string& folder);

// The folder of a shard's state.
std::string StateFolder(const std::string& folder, const StateHead& head);

// Called with how many events of how many have been replayed; false stops (kInterrupted).
using ReplayProgress = std::function<bool(std::uint64_t done, std::uint64_t all)>;

class DataFolder {
 public:
  // Opens `folder`, made when it is not there, and folds what of its log is not in its state yet;
  // that is all of it when the state is for other features or another number of shards.
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
