#include "engine/pipeline/event_checks.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "engine/base/text.h"
#include "engine/decide/deadline.h"
#include "engine/decide/packing.h"
#include "engine/model/names.h"
#include "engine/orders/answers.h"
#include "engine/pipeline/list_changes.h"
#include "engine/pipeline/own_events.h"
#include "engine/pipeline/reviews.h"

namespace holdfast {
namespace {

std::string Named(std::string_view id) { return "'" + std::string(id) + "'"; }

// The number of different parcels that the order's lines name.
std::size_t CountParcels(const Order& order) {
  std::set<std::string_view> names;
  for (const Item& item : order.items) names.insert(item.parcel);
  return names.size();
}

// True when a shipment.* event names another parcel, and the order has as many as are kept. The
// order's own parcels are always kept.
bool IsOneParcelTooMany(const Event& event, const OrderState& state) {
  if (state.order != nullptr && HasParcel(*state.order->order, event.shipment->parcel))
    return false;
  const Events& parcels =
      event.type == EventType::kShipmentPacked ? state.packed : state.dispatched;
  return parcels.size() >= OrderState::kMaxParcels &&
         !parcels.contains(std::string(event.shipment->parcel));
}

// `state`: of the order; null: nothing is known of it.
Status CheckAnswer(const Confirmation& answer, const OrderState* state) {
  if (answer.agreed) {
    return Fail(ErrorCode::kInvalidInput, "confirmation.agreed",
                "is the name of earlier versions; give `confirmed` alone");
  }
  if (!answer.confirmed) {
    return Fail(ErrorCode::kInvalidInput, "confirmation.confirmed",
                "is missing; true if the buyer says yes, false if the buyer says no");
  }
  if (answer.role != ReviewRole::kReview) return {};
  if (Trim(answer.from).empty()) {
    return Fail(ErrorCode::kInvalidInput, "confirmation.from",
                "is missing; it names the mailbox that the answer came from");
  }
  if (state == nullptr || state->order == nullptr) {
    return Fail(ErrorCode::kUnknownOrder, "order_id", "is not known, so nobody could have asked");
  }
  const auto last = state->answers.find(std::string(answer.request));
  if (last == state->answers.end()) return {};
  const Confirmation& before = *last->second->confirmation;
  // A reviewer may correct only an own record. Otherwise a second no would become a yes.
  const bool own = before.role == ReviewRole::kReview && before.by == answer.by;
  if (SaysYes(before) || own) return {};
  return Fail(ErrorCode::kForbidden, "confirmation.confirmed",
              "the buyer has said no; another answer is recorded by the shop's mail system or an "
              "administrator");
}

}  // namespace

// Checks an event with the id of a deadline. Holdfast creates these events. From outside they are
// accepted only when a log is read again, at the position where they were applied.
Status EventChecks::CheckDeadline(const Event& event, bool decide) const {
  const bool whole = event.type == EventType::kTimerFired && event.timer->due_at &&
                     event.occurred_at == *event.timer->due_at &&
                     event.id == DeadlineId(*event.timer->due_at, event.order_id);
  if (!whole) {
    return Fail(ErrorCode::kInvalidInput, "id",
                "ids that begin with 'deadline ' are those of deadlines; give another");
  }
  const bool waits = store_.DeadlineOf(event.merchant, event.order_id) == event.timer->due_at;
  if (decide && !waits) {
    return Fail(
        ErrorCode::kInvalidInput, "timer.due_at",
        "order " + Named(event.order_id) + " has no such deadline; deadlines come by themselves");
  }
  const OrderState* state = store_.FindOrder(event.merchant, event.order_id);
  if (!decide && (state == nullptr || state->order == nullptr)) {
    return Fail(ErrorCode::kUnknownOrder, "order.id",
                "order " + Named(event.order_id) + " of this deadline is not known");
  }
  if (!decide && waits) {
    return Fail(
        ErrorCode::kInvalidInput, "timer.due_at",
        "order " + Named(event.order_id) + " waits here for this deadline, which comes by itself");
  }
  return {};
}

// Times from which deadlines run and by which amendments replace each other.
Status EventChecks::CheckTimes(const Event& event, const OrderState* state) {
  constexpr std::int64_t kAhead = 3600 * kNanosPerSecond;  // clocks of shops differ
  const auto& placed_at = event.order->placed_at;
  if (placed_at && placed_at->nanos > event.occurred_at.nanos + kAhead) {
    return Fail(ErrorCode::kInvalidInput, "order.placed_at",
                "is " + FormatRfc3339(*placed_at) +
                    ", more than an hour after the event's own time, " +
                    FormatRfc3339(event.occurred_at));
  }
  const bool amends = event.type == EventType::kOrderAmended && state != nullptr;
  // The clock of the shop may be ahead of the one that gave the event's time.
  const bool known = amends && state->placed_at && state->order != nullptr;
  if (known && event.occurred_at < std::min(*state->placed_at, state->order->occurred_at)) {
    return Fail(ErrorCode::kInvalidInput, "occurred_at",
                "is " + FormatRfc3339(event.occurred_at) + ", before the order was placed at " +
                    FormatRfc3339(*state->placed_at) + "; an amendment comes after it");
  }
  return {};
}

Status EventChecks::Check(const Event& event, bool decide) const {
  const OrderState* state = store_.FindOrder(event.merchant, event.order_id);
  const bool known = state != nullptr && state->order != nullptr;
  if (event.type == EventType::kOrderPlaced && known) {
    return Fail(
        ErrorCode::kOrderExists, "order.id",
        "order " + Named(event.order_id) + " was placed before; send order.amended to change it");
  }
  if (event.type == EventType::kOrderAmended && !known) {
    return Fail(ErrorCode::kUnknownOrder, "order.id",
                "order " + Named(event.order_id) + " is not known; send order.placed first");
  }
  if (decide && event.order != nullptr) {
    if (Status checked = CheckTimes(event, state); !checked) return checked;
  }
  if (IsDeadlineId(event.id)) {
    if (Status checked = CheckDeadline(event, decide); !checked) return checked;
  }
  if (decide && PayloadKeyOf(event.type) == "review") {
    if (!known) {
      return Fail(ErrorCode::kUnknownOrder, "order_id",
                  "order " + Named(event.order_id) + " is not known");
    }
    if (Status checked = CheckReview(event, *state, pack_); !checked) return checked;
    if (Status checked = CheckScore(event); !checked) return checked;
  }
  if (decide && event.type == EventType::kAlertAcknowledged) {
    const bool is_alert = event.alert->of.starts_with("alert ");
    if (!is_alert || store_.FindEvent(event.merchant, SeenIdOf(event.alert->of)) == nullptr) {
      return Fail(ErrorCode::kInvalidInput, "alert.of",
                  "there is no alert " + Named(event.alert->of));
    }
  }
  if (decide && event.confirmation != nullptr) {
    if (Status checked = CheckAnswer(*event.confirmation, state); !checked) return checked;
  }
  if (decide && event.order != nullptr && CountParcels(*event.order) > OrderState::kMaxParcels) {
    return Fail(ErrorCode::kLimitExceeded, "order.items",
                "name more than " + std::to_string(OrderState::kMaxParcels) + " parcels");
  }
  if (decide && known && event.shipment != nullptr && IsOneParcelTooMany(event, *state)) {
    return Fail(ErrorCode::kLimitExceeded, "shipment.parcel",
                "more than " + std::to_string(OrderState::kMaxParcels) + " parcels");
  }
  // Joined events, like deadlines, are accepted only from a log.
  if (IsJoinedId(event.id) && !event.joined) {
    return Fail(ErrorCode::kInvalidInput, "id",
                "ids that begin with 'joined ' are those of events that waited for their order; "
                "give another");
  }
  if (event.type == EventType::kListChanged) return CheckListChange(event, pack_);
  return {};
}

// A release covers the score that a person saw, so it cannot name a higher score than the order
// has.
Status EventChecks::CheckScore(const Event& event) const {
  if (event.type != EventType::kReviewReleased || !event.review->score) return {};
  const auto held = store_.HeldOf(event.merchant, event.order_id);
  if (!held || *event.review->score <= held->score) return {};
  return Fail(ErrorCode::kInvalidInput, "review.score",
              "is more than the order's score, " + std::to_string(held->score));
}

Status EventChecks::CheckSeen(const Event& event, std::uint64_t seen) const {
  const OrderState* state = store_.FindOrder(event.merchant, event.order_id);
  const auto due = store_.DeadlineOf(event.merchant, event.order_id);
  const bool is_due = due && *due <= event.occurred_at;
  if (state == nullptr || (state->decided == seen && !is_due)) return {};
  if (state->decided == seen) {
    return Fail(ErrorCode::kConflict, {},
                "a deadline of order " + Named(event.order_id) + " came at " + FormatRfc3339(*due));
  }
  return Fail(ErrorCode::kConflict, {},
              "order " + Named(event.order_id) + " has changed; look at it again");
}

}  // namespace holdfast
