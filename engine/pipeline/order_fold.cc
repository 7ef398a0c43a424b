#include "engine/pipeline/order_fold.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "engine/decide/packing.h"
#include "engine/funds/payment_reports.h"
#include "engine/orders/answers.h"
#include "engine/pipeline/reviews.h"

namespace holdfast {
namespace {

// Keeps the later of two reports about one matter. At the same time, the one that closes it counts,
// then the more severe one, then the greater event id.
void KeepLatest(EventPtr& last, const EventPtr& event) {
  const auto rank = [](const Event& e) {
    const bool closes = e.type == EventType::kDisputeClosed;
    const bool good = closes && (e.dispute->outcome == DisputeOutcome::kWon ||
                                 e.dispute->outcome == DisputeOutcome::kWithdrawn);
    const bool lost = closes && e.dispute->outcome == DisputeOutcome::kLost;
    return std::tuple(e.occurred_at, closes, lost, !good, e.id);
  };
  if (last == nullptr || rank(*event) > rank(*last)) last = event;
}

// The name of the parcel that a shipment.* event is about.
std::string ParcelOf(const Event& event) {
  return std::string(event.shipment == nullptr ? std::string_view() : event.shipment->parcel);
}

}  // namespace

void OrderFold::Fold(const EventPtr& event, OrderState& state) {
  switch (event->type) {
    case EventType::kOrderPlaced:
      return Place(event, state);
    case EventType::kOrderAmended:
      return Amend(event, state);
    case EventType::kOrderCancelled:
      return Cancel(event, state);
    case EventType::kPaymentUpdated:
      return Pay(event, state);
    case EventType::kRefundIssued:
      KeepLatest(
          state.refunds[std::string(event->refund->id.empty() ? event->id : event->refund->id)],
          event);
      money_.Update(event, state);
      return history_.EnterEvent(event, state);
    case EventType::kDisputeOpened:
    case EventType::kDisputeUpdated:
    case EventType::kDisputeClosed:
      KeepLatest(
          state.disputes[std::string(event->dispute->id.empty() ? event->id : event->dispute->id)],
          event);
      money_.Update(event, state);
      return history_.EnterEvent(event, state);
    case EventType::kBuyerMessage:
      return history_.EnterEvent(event, state);
    case EventType::kReviewPaid:
      KeepReview(event, state);
      return money_.Update(event, state);
    case EventType::kBuyerConfirmed:
      return KeepAnswer(event, state);
    case EventType::kShipmentPacked:
      return Pack(event, state);
    case EventType::kShipmentDispatched:
      Dispatch(event, state);
      return history_.EnterEvent(event, state);
    case EventType::kShipmentDelivered:
    case EventType::kShipmentReturned:
    case EventType::kShipmentRefused:
      // A parcel that arrived was also dispatched. Carriers often do not report its name.
      if (state.dispatched.empty() || !ParcelOf(*event).empty()) {
        state.dispatched.try_emplace(ParcelOf(*event), event);
      }
      return history_.EnterEvent(event, state);
    default:
      return KeepReview(event, state);
  }
}

void OrderFold::Place(const EventPtr& event, OrderState& state) {
  state.order = event;
  state.placed_at = *event->order->placed_at;
  state.placed_address = ShippingDigest(*event->order);
  state.least_total = *event->order->total;
  if (event->order->payment != nullptr) KeepPayment(event, state);
  money_.Update(event, state);
  history_.EnterOrder(*event, state);
  if (event->order->payment != nullptr) history_.EnterReversal(*event, state);
  // Events that arrived before the order are counted now, each at its own time.
  for (const EventPtr& parked : std::exchange(state.parked, {})) history_.EnterEvent(parked, state);
}

void OrderFold::Amend(const EventPtr& event, OrderState& state) {
  // A payment in an amendment is the shop's copy at the shop's time. It is ignored: providers
  // report the money in payment.updated.
  const Order& order = *event->order;
  if (order.currency == state.order->order->currency) {
    state.least_total = std::min(state.least_total, *order.total);
  }
  if (ShippingDigest(order) != state.placed_address) {
    state.address_changed_at =
        std::max(state.address_changed_at.value_or(event->occurred_at), event->occurred_at);
  }
  const EventPtr old = state.order;
  // An order.placed event that was sent later than placed_at describes the order at that later
  // time.
  const bool amended_before =
      old->type == EventType::kOrderAmended || old->occurred_at > *old->order->placed_at;
  if (amended_before &&
      std::tuple(event->occurred_at, event->id) < std::tuple(old->occurred_at, old->id)) {
    return;  // a later amendment was applied before
  }
  const FactContext before = contexts_.Of(*old, state);
  state.order = event;
  money_.Update(event, state);
  history_.ReplaceOrder(before, *event, state);
}

void OrderFold::Cancel(const EventPtr& event, OrderState& state) {
  state.cancelled = true;
  if (state.order == nullptr && event->order != nullptr) {
    return history_.EnterOnce(*event->order, kBuyerCancelled, *event, 0);
  }
  history_.EnterEvent(event, state);
}

void OrderFold::KeepPayment(const EventPtr& event, OrderState& state) {
  const Payment& payment = *PaymentIn(event.get());
  const bool moves = payment.movement.kind != MovementKind::kUnset;
  if (payment.status == PaymentStatus::kNone && !moves) return;
  state.first_paid_at =
      std::min(state.first_paid_at.value_or(event->occurred_at), event->occurred_at);
  if (!payment.card.fingerprint.empty()) KeepLatest(state.card, event);
  if (!payment.payer.account_id.empty()) KeepLatest(state.account, event);
  if (SaysPaid(payment)) {
    state.certain_at = std::min(state.certain_at.value_or(event->occurred_at), event->occurred_at);
  }
}

void OrderFold::Pay(const EventPtr& event, OrderState& state) {
  const EventPtr card = state.card, account = state.account;
  KeepPayment(event, state);
  money_.Update(event, state);
  if (state.order != nullptr && state.card != card) {
    history_.EnterPayment(Link::kCard, *event, state, PaymentIn(card.get()));
  }
  if (state.order != nullptr && state.account != account) {
    history_.EnterPayment(Link::kAccount, *event, state, PaymentIn(account.get()));
  }
  history_.EnterEvent(event, state);
}

void OrderFold::Pack(const EventPtr& event, OrderState& state) {
  if (event->shipment == nullptr) return;
  // The last report of each parcel counts, because the parcel was packed again. An empty report for
  // a parcel that the order does not have removes the earlier report. That a parcel has left is
  // never removed.
  if (event->shipment->items.empty() && state.order != nullptr &&
      !HasParcel(*state.order->order, event->shipment->parcel)) {
    state.packed.erase(std::string(event->shipment->parcel));
  } else {
    state.packed[std::string(event->shipment->parcel)] = event;
  }
  history_.EnterEvent(event, state);
}

void OrderFold::Dispatch(const EventPtr& event, OrderState& state) {
  EventPtr& last = state.dispatched[ParcelOf(*event)];
  // A dispatch replaces an earlier delivery report, because it says more.
  if (last != nullptr && last->type != event->type) last = nullptr;
  KeepLatest(last, event);
}

void OrderFold::KeepReview(const EventPtr& event, OrderState& state) {
  if (event->review == nullptr) return;
  ApplyReview(event, state.review);
  // These change no decision, only the entry of a held order in the queue.
  const bool works = event->type == EventType::kReviewClaimed ||
                     event->type == EventType::kReviewAssigned ||
                     event->type == EventType::kReviewEscalated;
  if (!works) return;
  if (auto held = store_.HeldOf(event->merchant, event->order_id)) {
    SetWorkers(*held, state.review);
    store_.SetHeld(event->merchant, event->order_id, held);
  }
}

}  // namespace holdfast
