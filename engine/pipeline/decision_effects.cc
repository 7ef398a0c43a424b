#include "engine/pipeline/decision_effects.h"

#include <algorithm>

#include "engine/decide/reviewer_verdict.h"
#include "engine/pipeline/reviews.h"

namespace holdfast {

void StoreDecisionEffects(const Event& event, const DecisionHead& head, const Pack& pack,
                          OrderState& state, Store& store) {
  state.decided = event.offset;
  state.outcome = head.outcome;
  if (head.permit.empty()) {
    state.permit_offset = 0;
  } else if (state.permit_offset == 0 || state.permit != head.permit) {
    state.permit_offset = event.offset;
    state.permit_event_digest = event.digest;
  }
  state.permit = head.permit;
  if (event.type == EventType::kReviewReleased || event.type == EventType::kReviewApproved) {
    state.review.covers = head.released;
    state.review.score = head.score;
  }
  if (head.outcome != Outcome::kHold) {
    state.review_due.reset();
  } else if (head.cause != Cause::kFunds && !state.review_due) {
    state.review_due = head.review_by.value_or(head.decided_at);
  }
  store.SetDeadline(event.merchant, event.order_id, head.deadline);
  std::optional<Held> held;
  if (head.outcome == Outcome::kHold) {
    const auto before = store.HeldOf(event.merchant, event.order_id);
    held.emplace();
    held->since = before ? before->since : head.decided_at;
    held->review_by = head.review_by.value_or(head.decided_at);
    held->cause = head.cause;
    held->score = head.score;
    held->offset = event.offset;
    held->amount = BaseTotal(state, pack);
    held->rank = RankOf(*held, head.deadline, pack.amounts->base());
    SetWorkers(*held, state.review);
  }
  store.SetHeld(event.merchant, event.order_id, held);
}

void UpdateStoredOffsets(const Event& event, std::uint64_t before, bool decided, OrderState& state,
                         Store& store) {
  // Search from the end, because an older event may have had the same offset.
  const auto noted = std::find(state.history.rbegin(), state.history.rend(), before);
  if (noted != state.history.rend()) *noted = event.offset;
  const bool gave = state.permit_offset == before && state.permit_event_digest == event.digest;
  if (decided && gave) state.permit_offset = event.offset;
  if (!decided || state.decided != before) return;
  state.decided = event.offset;
  if (auto held = store.HeldOf(event.merchant, event.order_id)) {
    held->offset = event.offset;
    store.SetHeld(event.merchant, event.order_id, held);
  }
}

}  // namespace holdfast
