// DurableEngine: an Engine whose events are in a log, on disk, before their answers leave.
//
// Apply folds and decides at once; its answer is to be held back until Commit has returned. A group
// of events costs one sync. State is a fold of the log: opening a folder replays it.
//
// Threads: one owner.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/codec/json.h"
#include "engine/pipeline/engine.h"
#include "engine/store/event_log.h"

namespace holdfast {

class DurableEngine {
 public:
  // Opens `folder`, made when it is not there, and replays its log with `pack`. `progress` is
  // called with how many events of how many have been replayed; false stops it (kInterrupted).
  // Errors: as OpenEventLog and ReplayLog.
  using Progress = std::function<bool(std::uint64_t done, std::uint64_t all)>;
  static Result<std::unique_ptr<DurableEngine>> Open(std::shared_ptr<const Pack> pack,
                                                     const std::string& folder,
                                                     const Progress& progress = {});

  // As Engine::Apply. The answer may leave once Commit has returned.
  // Errors: also those of an event that could not be read again from the log.
  Result<Applied> Apply(EventPtr event);

  // Puts what Apply has taken since the last time into the log. With `sync` it, and all before it,
  // survives the loss of power; without, the end of the process.
  // Errors: as EventLog::Append; then no answer since the last Commit may leave, and the folder is
  // to be opened again.
  Status Commit(bool sync);

  // Events that wait for a Commit, and their bytes.
  std::size_t pending() const { return pending_.size(); }
  std::size_t pending_bytes() const { return pending_bytes_; }

  // The answer that the event at `offset` had, as WriteDecision writes it, or empty.
  Result<std::string> FirstAnswer(std::uint64_t offset) const;

 private:
  struct Pending {
    std::uint64_t offset = 0, digest = 0;
    std::string event, decision;
  };
  DurableEngine(std::shared_ptr<const Pack> pack, std::unique_ptr<EventLog> log);

  Engine engine_;
  std::unique_ptr<EventLog> log_;
  JsonEventParser parser_{UnknownFields::kKeep, kLogLimits};
  std::vector<Pending> pending_;
  std::size_t pending_bytes_ = 0;
};

}  // namespace holdfast
