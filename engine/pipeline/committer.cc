#include "engine/pipeline/committer.h"

#include <algorithm>

#include "engine/codec/json.h"

namespace holdfast {

Status Committer::Commit(const std::vector<std::span<SubmissionResult>>& groups) {
  const ExclusiveUse::Scope use(use_);
  records_.clear();
  for (const std::span<SubmissionResult> answers : groups) {
    for (SubmissionResult& answer : answers) {
      for (AppliedEvent& taken : answer.taken) {
        if (taken.applied.decision && (render_ || log_ != nullptr)) {
          WriteDecision(*taken.applied.decision, taken.json);
        }
        // The submitted event is the last one applied; own events, such as deadlines, come before
        // it. With `now` the deadlines themselves were requested.
        const bool sent = &taken == &answer.taken.back() || answer.input.now.has_value();
        const auto origin = taken_over_ ? LogRecord::Origin::kImported
                            : sent      ? LogRecord::Origin::kSent
                                        : LogRecord::Origin::kOwnEvent;
        records_.push_back({taken.applied.offset, taken.event->digest, taken.text, taken.json,
                            origin, taken.applied.facts});
      }
    }
  }
  if (log_ == nullptr) return {};
  if (!records_.empty()) {
    // The log must hold the schema before the first fact row that refers to it.
    if (!schema_kept_ && !schema_.empty()) {
      if (Status kept = log_->KeepSchema(schema_); !kept) return kept;
      schema_kept_ = true;
    }
    unsynced_ = true;
    const bool sync = SyncIsDue();
    if (Status appended = log_->Append(records_, sync); !appended) return appended;
    if (sync) unsynced_ = false;
  }
  for (const std::span<SubmissionResult> answers : groups) {
    for (SubmissionResult& answer : answers) {
      if (!answer.duplicate) continue;
      if (Status found = LoadOriginalAnswer(answer); !found) return found;
    }
  }
  return {};
}

// Loads the original answer of a duplicate: the decision of the original event and, before it, the
// decisions of the deadlines that were applied with it.
Status Committer::LoadOriginalAnswer(SubmissionResult& answer) {
  std::string memory;
  for (std::uint64_t offset = answer.first; offset > 0; --offset) {
    const auto record = log_->At(offset, memory);
    if (!record && offset != answer.first && offset <= log_->trim().upto) break;
    if (!record) return tl::unexpected(record.error());
    const bool due = record->origin == LogRecord::Origin::kOwnEvent;
    if (offset != answer.first && !due) break;
    if (!record->decision.empty()) answer.again.emplace_back(record->decision);
    if (offset == answer.first && due) break;
  }
  std::reverse(answer.again.begin(), answer.again.end());
  return {};
}

Status Committer::Idle(bool last) {
  const ExclusiveUse::Scope use(use_);
  if (log_ == nullptr || !unsynced_ || (sync_ == Sync::kNever && !last)) return {};
  if (Status synced = log_->Sync(); !synced) return synced;
  unsynced_ = false;
  synced_ = std::chrono::steady_clock::now();
  return {};
}

bool Committer::SyncIsDue() {
  if (sync_ != Sync::kInterval) return sync_ == Sync::kAlways;
  const auto now = std::chrono::steady_clock::now();
  if (now - synced_ < kInterval) return false;
  synced_ = now;
  return true;
}

}  // namespace holdfast
