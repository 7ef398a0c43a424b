#include "engine/pipeline/committer.h"

#include "engine/codec/json.h"

namespace holdfast {

Status Committer::Commit(const std::vector<std::span<Answer>>& groups) {
  records_.clear();
  for (const std::span<Answer> answers : groups) {
    for (Answer& answer : answers) {
      for (Taken& taken : answer.taken) {
        if (taken.applied.decision && (render_ || log_ != nullptr)) {
          WriteDecision(*taken.applied.decision, taken.json);
        }
        records_.push_back({taken.applied.offset, taken.event->digest, taken.text, taken.json});
      }
    }
  }
  if (log_ == nullptr) return {};
  if (!records_.empty()) {
    unsynced_ = true;
    const bool sync = SyncIsDue();
    if (Status appended = log_->Append(records_, sync); !appended) return appended;
    if (sync) unsynced_ = false;
  }
  std::string memory;
  for (const std::span<Answer> answers : groups) {
    for (Answer& answer : answers) {
      if (!answer.duplicate) continue;
      const auto first = log_->At(answer.first, memory);
      if (!first) return tl::unexpected(first.error());
      answer.again = first->decision;
    }
  }
  return {};
}

Status Committer::Idle(bool last) {
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
