#include "engine/pipeline/durable_engine.h"

#include "engine/pipeline/replay.h"

namespace holdfast {

DurableEngine::DurableEngine(std::shared_ptr<const Pack> pack, std::unique_ptr<EventLog> log)
    : engine_(std::move(pack), MakeMemoryStore()), log_(std::move(log)) {}

Result<std::unique_ptr<DurableEngine>> DurableEngine::Open(std::shared_ptr<const Pack> pack,
                                                           const std::string& folder,
                                                           const Progress& progress) {
  auto log = OpenEventLog(folder);
  if (!log) return tl::unexpected(log.error());
  std::unique_ptr<DurableEngine> engine(new DurableEngine(std::move(pack), std::move(*log)));
  const std::uint64_t all = engine->log_->last();
  const Status replayed = ReplayLog(*engine->log_, engine->engine_, false,
                                    [&](const LogRecord& record, const Applied&) -> Status {
                                      if (!progress || progress(record.offset, all)) return {};
                                      return Fail(ErrorCode::kInterrupted, folder,
                                                  "stopped while its log was replayed");
                                    });
  if (!replayed) return tl::unexpected(replayed.error());
  return engine;
}

Result<Applied> DurableEngine::Apply(EventPtr event) {
  Pending pending;
  WriteEvent(*event, pending.event);
  // What is folded is what the log will give back: a replay cannot differ, and what could not be
  // read again, which would close the folder for good, is refused.
  auto kept = std::make_shared<Event>();
  if (Status readable = parser_.Parse(pending.event, *kept); !readable) {
    return Fail(readable.error().code, readable.error().where,
                "cannot be kept: " + readable.error().detail);
  }
  kept->digest = event->digest;
  auto applied = engine_.Apply(std::move(kept));
  if (!applied || applied->duplicate) return applied;
  pending.offset = applied->offset;
  pending.digest = event->digest;
  if (applied->decision) WriteDecision(*applied->decision, pending.decision);
  pending_bytes_ += pending.event.size() + pending.decision.size();
  pending_.push_back(std::move(pending));
  return applied;
}

Status DurableEngine::Commit(bool sync) {
  if (pending_.empty()) return sync ? log_->Sync() : Status();
  std::vector<LogRecord> records;
  records.reserve(pending_.size());
  for (const Pending& p : pending_) records.push_back({p.offset, p.digest, p.event, p.decision});
  Status appended = log_->Append(records, sync);
  if (appended) {
    pending_.clear();
    pending_bytes_ = 0;
  }
  return appended;
}

Result<std::string> DurableEngine::FirstAnswer(std::uint64_t offset) const {
  for (const Pending& pending : pending_) {
    if (pending.offset == offset) return pending.decision;
  }
  return log_->DecisionAt(offset);
}

}  // namespace holdfast
