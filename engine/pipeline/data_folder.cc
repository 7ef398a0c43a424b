#include "engine/pipeline/data_folder.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "engine/base/file.h"
#include "engine/pipeline/replay.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

// Removes the state folders that are not in `keep`, and what interrupted removals left.
Status RemoveOtherState(const std::string& folder, const std::set<std::string>& keep) {
  std::error_code fault;
  const fs::path state = fs::path(folder) / "state";
  if (Status gone = RemoveFolder(state.string() + kGoing); !gone) return gone;
  std::vector<std::string> others;
  for (fs::directory_iterator at(state, fault), end; !fault && at != end; at.increment(fault)) {
    if (!keep.contains(at->path().string())) others.push_back(at->path().string());
  }
  for (const std::string& other : others) {
    if (Status gone = RemoveFolder(other); !gone) return gone;
  }
  return {};
}

// The highest log offset that any state in the data folder includes, whatever its pack or number of
// shards. 0: there is no state.
Result<std::uint64_t> AppliedAnywhere(const std::string& folder) {
  std::uint64_t most = 0;
  std::error_code fault;
  const fs::path state = fs::path(folder) / "state";
  for (fs::directory_iterator at(state, fault), end; !fault && at != end; at.increment(fault)) {
    const std::string path = at->path().string();
    if (path.ends_with(kGoing)) continue;
    const auto applied = AppliedIn(path);
    // Another process that writes to the folder may have removed it meanwhile.
    if (!applied && !fs::exists(path + "/CURRENT")) continue;
    if (!applied) return applied;
    most = std::max(most, *applied);
  }
  return most;
}

}  // namespace

Result<std::unique_ptr<EventLog>> OpenWholeLog(const std::string& folder, LogMode mode) {
  // In read mode another process may be writing. The state's offset is read first, so that the log
  // is at least as long.
  Result<std::uint64_t> applied = std::uint64_t{0};
  if (mode == LogMode::kRead) applied = AppliedAnywhere(folder);
  auto log = OpenEventLog(folder, mode);
  if (!log) return log;
  if (Status whole = CheckWhole(**log, folder); !whole) return tl::unexpected(whole.error());
  if (mode != LogMode::kRead) applied = AppliedAnywhere(folder);
  if (!applied) return tl::unexpected(applied.error());
  if (*applied > (*log)->last()) {
    return Fail(ErrorCode::kCorrupt, folder,
                "the log ends with record " + std::to_string((*log)->last()) +
                    ", but there is state of record " + std::to_string(*applied) +
                    ": the end of the log is lost; restore the folder from a backup");
  }
  return log;
}

Status CheckWhole(const EventLog& log, const std::string& folder) {
  switch (log.trim().begun) {
    case LogTrim::Begun::kTrim:
      return Fail(ErrorCode::kCorrupt, folder,
                  "`log trim` was stopped before its end; run it again with --before " +
                      FormatRfc3339(log.trim().before));
    case LogTrim::Begun::kCopy:
      return Fail(ErrorCode::kCorrupt, folder,
                  "`backup` or `restore` was stopped before its end; run it again");
    default:
      return {};
  }
}

std::string StateFolder(const std::string& folder, const StateHead& head) {
  return folder + "/state/" + std::to_string(head.shard) + "-of-" + std::to_string(head.shards);
}

Result<std::unique_ptr<DataFolder>> DataFolder::Open(const std::shared_ptr<const Pack>& pack,
                                                     const std::string& folder,
                                                     const FolderOptions& options,
                                                     const ReplayProgress& progress) {
  std::unique_ptr<DataFolder> made(new DataFolder());
  auto log = OpenWholeLog(folder, LogMode::kWrite);
  if (!log) return tl::unexpected(log.error());
  made->log_ = std::move(*log);
  const std::string& name = made->log_->name();
  std::set<std::string> keep;
  for (std::uint32_t i = 0; i < options.shards; ++i) {
    keep.insert(StateFolder(folder, {name, pack->fold, options.shards, i}));
  }
  if (Status removed = RemoveOtherState(folder, keep); !removed) {
    return tl::unexpected(removed.error());
  }
  for (std::uint32_t i = 0; i < options.shards; ++i) {
    const StateHead head{name, pack->fold, options.shards, i};
    auto shard = Shard::Open(pack, StateFolder(folder, head), head, made->log_.get(),
                             options.cache_bytes / options.shards);
    if (!shard) return tl::unexpected(shard.error());
    made->shards_.push_back(std::move(*shard));
  }
  if (Status replayed = made->Replay(folder, options, progress); !replayed) {
    return tl::unexpected(replayed.error());
  }
  return made;
}

Status DataFolder::Replay(const std::string& folder, const FolderOptions& options,
                          const ReplayProgress& progress) {
  std::uint64_t on_disk = log_->last();
  for (const auto& shard : shards_) on_disk = std::min(on_disk, shard->on_disk());
  for (const auto& shard : shards_) shard->engine().SetLast(on_disk);
  const std::uint64_t all = log_->last() - on_disk;
  if (all == 0) return {};
  Status written;
  const Status status = ReplayLog(*log_, on_disk + 1, [&](const Replayed& replayed) -> Status {
    const std::shared_ptr<Event>& event = replayed.event;
    Shard& shard = *shards_[ShardOf(event->merchant, options.shards)];
    if (event->offset <= shard.on_disk()) return {};
    const auto taken = shard.engine().Replay(event, Deciding::kNothing, replayed.decision);
    if (!shard.fault()) return shard.fault();
    if (!taken) return tl::unexpected(taken.error());
    constexpr std::uint64_t kOften = 256;
    if (event->offset % kOften == 0 && progress && !progress(event->offset - on_disk, all)) {
      return Fail(ErrorCode::kInterrupted, folder, "stopped while its log was replayed");
    }
    if (event->offset % kOften == 0) {
      for (const auto& each : shards_) {
        each->CheckpointIfDue(event->offset, kOften, options.replay_max,
                              [&](std::unique_ptr<StateBatch> batch) {
                                if (written) written = each->Write(*batch);
                                each->SetWritten(std::move(batch));
                              });
      }
    }
    return written;
  });
  for (const auto& shard : shards_) shard->engine().SetLast(log_->last());
  return status;
}

}  // namespace holdfast
