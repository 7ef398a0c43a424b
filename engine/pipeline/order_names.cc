#include "engine/pipeline/order_names.h"

#include <algorithm>

#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/funds/payment_reports.h"
#include "engine/funds/terms.h"
#include "engine/orders/order_queries.h"
#include "engine/pipeline/own_events.h"

namespace holdfast {
namespace {

// Prefixes of further order numbers and of deliveries. All other names are payments.
constexpr std::string_view kOrder = "order:";
constexpr std::string_view kDelivery = "delivery:";

// The name of the event's delivery, as a name of its order. Empty: none.
std::string DeliveryName(const Event& event) {
  const bool named = event.delivery != nullptr && !event.delivery->transmission.empty();
  return named ? std::string(kDelivery) + std::string(event.delivery->transmission) : std::string();
}

// True for the name of a payment, false for an order number or a delivery.
bool IsOfPayment(std::string_view name) {
  return !name.starts_with(kOrder) && !name.starts_with(kDelivery);
}

// True when the reference is the number of the dispute itself.
bool IsOwnNumber(const Event& event, std::string_view reference) {
  const std::size_t colon = reference.find(':');
  return colon != reference.npos && reference.substr(colon + 1) == event.dispute->id;
}

// True for reports that money left or is in doubt. If another order has the same name, they concern
// both orders.
bool IsAgainst(const Event& event) {
  if (event.refund != nullptr || event.dispute != nullptr) return true;
  const Payment* payment = event.payment;
  return payment != nullptr && SpeaksAgainst(*payment);
}

}  // namespace

bool IsConfirmedByProvider(const Event& event) {
  if (event.delivery == nullptr || event.joined || event.order_id.empty()) return false;
  const Payment* payment = event.payment;
  return payment != nullptr && payment->source == ReportSource::kProvider;
}

// The reference with the canonical name of its provider: "PayPal:T1" becomes "paypal:T1". A view of
// `reference` or of `room`.
std::string_view OrderNames::CanonicalName(std::string_view reference, std::string& room) const {
  const std::size_t colon = reference.find(':');
  if (colon == reference.npos || !IsOfPayment(reference)) return reference;
  std::string normal;
  const std::string_view given = reference.substr(0, colon), id = reference.substr(colon + 1);
  const std::string_view provider = terms_.NameOf(given, normal);
  const bool plain = provider == given && provider != "offline" && !id.starts_with('#') &&
                     Trim(id) == id && reference.size() <= limits::kIdBytes;
  return plain ? reference : room = NameOfPayment(provider, id);
}

// Calls `visit` with every name that the event gives its order.
template <typename Visit>
void OrderNames::ForGivenNames(const Event& event, const Visit& visit) const {
  std::string room;
  for (const std::string_view name : event.references) visit(CanonicalName(name, room));
  if (const std::string_view own = PaymentName(event, terms_, room); !own.empty()) visit(own);
  if (const std::string delivery = DeliveryName(event); !delivery.empty()) visit(delivery);
}

// As ForGivenNames. Of a dispute only its own number, because its payments may belong to several
// orders.
template <typename Visit>
void OrderNames::ForOwnNames(const Event& event, const Visit& visit) const {
  if (event.dispute == nullptr) return ForGivenNames(event, visit);
  std::string room;
  for (const std::string_view reference : event.references) {
    if (IsOwnNumber(event, reference)) visit(CanonicalName(reference, room));
  }
}

bool OrderNames::Bears(const Event& event, std::string_view name) const {
  bool bears = false;
  ForGivenNames(event, [&](std::string_view one) { bears = bears || one == name; });
  return bears;
}

bool OrderNames::SamePayment(const Event& a, const Event& b) const {
  bool same = false;
  ForGivenNames(
      a, [&](std::string_view name) { same = same || (IsOfPayment(name) && Bears(b, name)); });
  return same;
}

bool OrderNames::Join(Event& event) const {
  if (!event.order_id.empty()) return false;
  std::string_view order;
  ForGivenNames(event, [&](std::string_view name) {
    if (!order.empty()) return;
    const Reference* known = store_.FindReference(event.merchant, name);
    if (known != nullptr && !known->order_id.empty()) order = event.memory.Copy(known->order_id);
  });
  if (order.empty()) return false;
  event.order_id = order;
  event.joined = true;
  return true;
}

Status OrderNames::CheckRoom(const Event& event) const {
  if (IsPlaced(event) || (event.order_id.empty() && event.references.empty())) return {};
  for (const std::string& name : NamesOf(event)) {
    const Reference* known = store_.FindReference(event.merchant, name);
    if (known == nullptr || known->parked.size() < limits::kParked) continue;
    return Fail(ErrorCode::kLimitExceeded, "references",
                std::to_string(limits::kParked) + " events wait for the order of '" + name + "'");
  }
  return {};
}

void OrderNames::Keep(const EventPtr& event) {
  // A money event of an order that was never placed may belong to another order. It reserves no
  // names.
  if (event->order_id.empty() || (SaysOfMoney(*event) && !IsPlaced(*event))) return Park(event);
  IndexReferences(event);
}

bool OrderNames::IsPlaced(const Event& event) const {
  if (event.type == EventType::kOrderPlaced) return true;
  return !event.order_id.empty() && IsPlaced(event.merchant, event.order_id);
}

bool OrderNames::IsPlaced(std::string_view merchant, std::string_view order_id) const {
  const OrderState* state = store_.FindOrder(merchant, order_id);
  return state != nullptr && state->order != nullptr;
}

// The names by which other events may refer to the event's order. The id of an order that was never
// placed is one of them, because it may be another order's further number.
std::vector<std::string> OrderNames::NamesOf(const Event& event) const {
  std::vector<std::string> names;
  ForGivenNames(event, [&names](std::string_view name) { names.emplace_back(name); });
  if (!event.order_id.empty() && SaysOfMoney(event) && !IsPlaced(event)) {
    names.push_back(std::string(kOrder) + std::string(event.order_id));
  }
  return names;
}

void OrderNames::Park(const EventPtr& event) {
  for (const std::string& name : NamesOf(*event)) {
    Reference& reference = store_.ChangeReference(event->merchant, name);
    if (reference.order_id.empty()) reference.parked.push_back(event);
  }
}

// Records the event's references as names of its order. The first event that uses a name counts, so
// that no other event can redirect it. Only the provider's own report can.
void OrderNames::IndexReferences(const EventPtr& event_ptr) {
  const Event& event = *event_ptr;
  IndexNames(event_ptr);
  if (event.type != EventType::kOrderPlaced) return;
  // Earlier events named the order by its id only. Their other names now become names of the order.
  const OrderState* state = store_.FindOrder(event.merchant, event.order_id);
  if (state == nullptr) return;
  for (const auto& [id, earlier] : state->money) IndexNames(earlier);
}

void OrderNames::IndexNames(const EventPtr& event_ptr) {
  const Event& event = *event_ptr;
  if (event.dispute != nullptr) return IndexDispute(event_ptr);
  ForGivenNames(event, [&](std::string_view name) { Name(event, name); });
}

// A dispute may concern payments of several orders. Its references are not recorded as names; it
// waits for the unknown ones. Only its own number becomes a name of its order.
void OrderNames::IndexDispute(const EventPtr& event_ptr) {
  const Event& event = *event_ptr;
  std::string room;
  for (const std::string_view reference : event.references) {
    const std::string_view name = CanonicalName(reference, room);
    const Reference* known = store_.FindReference(event.merchant, name);
    if (known != nullptr && !known->order_id.empty()) continue;
    if (IsOwnNumber(event, reference)) {
      Name(event, name);
    } else if (known == nullptr || known->parked.size() < limits::kParked) {
      store_.ChangeReference(event.merchant, name).parked.push_back(event_ptr);
    }
  }
}

void OrderNames::Name(const Event& event, std::string_view name) {
  const Reference* known = store_.FindReference(event.merchant, name);
  if (known != nullptr && !known->order_id.empty() && !MovesTo(event, known->order_id, name)) {
    return;
  }
  // The id of another order is not recorded as a number of this one.
  if (name.starts_with(kOrder) && IsPlaced(event.merchant, name.substr(kOrder.size()))) return;
  Reference& now = store_.ChangeReference(event.merchant, name);
  now.order_id = event.order_id;
  now.parked.clear();
}

// True when the name of a payment moves from `owner` to the event's order: the provider names the
// event's order and has not named the owner.
bool OrderNames::MovesTo(const Event& event, std::string_view owner, std::string_view name) const {
  if (owner == event.order_id || !IsOfPayment(name) || !IsConfirmedByProvider(event)) return false;
  const OrderState* state = store_.FindOrder(event.merchant, owner);
  return state == nullptr ||
         std::none_of(state->money.begin(), state->money.end(), [&](const auto& one) {
           return IsConfirmedByProvider(*one.second) && Bears(*one.second, name);
         });
}

bool OrderNames::HasNothingBefore(const Event& event) const {
  if (event.order_id.empty()) return false;
  const OrderState* state = store_.FindOrder(event.merchant, event.order_id);
  const bool first = event.type == EventType::kOrderPlaced;
  if (first ? state != nullptr : state == nullptr || state->order == nullptr) return false;
  bool quiet = true;
  ForGivenNames(event, [&](std::string_view name) {
    const Reference* known = store_.FindReference(event.merchant, name);
    quiet = quiet && (known == nullptr || known->order_id == event.order_id);
  });
  return quiet;
}

std::vector<std::shared_ptr<Event>> OrderNames::Before(const Event& event) const {
  std::vector<std::shared_ptr<Event>> all;
  if (event.order_id.empty()) return all;
  std::vector<std::string> names;
  const auto add_names = [&](const Event& of) {
    ForOwnNames(of, [&names](std::string_view name) {
      const bool known = std::find(names.begin(), names.end(), name) != names.end();
      if (!known) names.emplace_back(name);
    });
  };
  add_names(event);
  if (event.type == EventType::kOrderPlaced) {
    const OrderState* state = store_.FindOrder(event.merchant, event.order_id);
    if (state != nullptr) {
      for (const auto& [id, earlier] : state->money) {
        add_names(*earlier);
        // Another order may have claimed the payment while this order was not known.
        AddOthersOf(*earlier, true, all);
      }
    }
  }
  AddOthersOf(event, IsPlaced(event), all);
  if (!IsPlaced(event)) return all;
  // Add the events that waited for these names, and for the names that those events add.
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Reference* known = store_.FindReference(event.merchant, names[i]);
    if (known == nullptr || !known->order_id.empty()) continue;
    for (const EventPtr& parked : known->parked) {
      if (parked->order_id == event.order_id) continue;
      auto waited = JoinedTo(*parked, event.order_id);
      if (waited == nullptr) continue;
      const bool there = std::any_of(all.begin(), all.end(),
                                     [&](const auto& other) { return other->id == waited->id; });
      // An event that waited for two names was joined by the first.
      if (there || store_.FindEvent(event.merchant, SeenIdOf(waited->id)) != nullptr) continue;
      add_names(*parked);
      all.push_back(std::move(waited));
    }
  }
  return all;
}

// Adds copies of the event for the other orders that its money concerns: a dispute about captures
// of two orders, a refund under another order's number, or a payment that two orders name.
void OrderNames::AddOthersOf(const Event& event, bool claims,
                             std::vector<std::shared_ptr<Event>>& all) const {
  // Money that a person recorded (review.paid) concerns that order only.
  const bool seen = event.type == EventType::kReviewPaid;
  if (!SaysOfMoney(event) || seen || IsJoinedId(event.id)) return;
  const Payment* payment = PaymentIn(&event);
  const bool reports = payment == nullptr || payment->status != PaymentStatus::kNone ||
                       payment->movement.kind != MovementKind::kUnset;
  if (!reports) return;
  if (claims && IsAgainst(event)) claims = false;
  std::vector<std::string> others;
  const std::string delivery = DeliveryName(event);
  for (const std::string& name : NamesOf(event)) {
    const Reference* known = store_.FindReference(event.merchant, name);
    if (known == nullptr || known->order_id.empty() || known->order_id == event.order_id) continue;
    if (name == delivery) continue;
    if (std::find(others.begin(), others.end(), known->order_id) == others.end()) {
      others.push_back(known->order_id);
    }
  }
  for (const std::string& other : others) {
    const Joining how = claims                      ? Joining::kClaim
                        : &other == &others.front() ? Joining::kFirst
                                                    : Joining::kFurther;
    auto copy = JoinedTo(event, other, how, claims ? event.order_id : std::string_view());
    if (copy != nullptr && store_.FindEvent(event.merchant, SeenIdOf(copy->id)) == nullptr) {
      all.push_back(std::move(copy));
    }
  }
}

std::string OrderNames::OtherOwnerOf(const Event& event) const {
  const bool placed = event.type == EventType::kOrderPlaced && event.order != nullptr;
  const Payment* payment = placed ? event.order->payment : event.payment;
  if (payment == nullptr && event.type != EventType::kReviewPaid) return {};
  std::string other;
  ForGivenNames(event, [&](std::string_view name) {
    if (!other.empty() || !IsOfPayment(name)) return;
    const Reference* known = store_.FindReference(event.merchant, name);
    const bool owned = known != nullptr && !known->order_id.empty();
    if (owned && known->order_id != event.order_id) other = known->order_id;
  });
  return other;
}

std::string_view OrderNames::Ambiguous(const Event& event) const {
  if (event.order_id.empty()) return {};
  for (const std::string_view name : event.references) {
    if (!name.starts_with(kOrder)) continue;
    const std::string_view number = name.substr(kOrder.size());
    const Reference* known = store_.FindReference(event.merchant, name);
    const bool taken =
        known != nullptr && !known->order_id.empty() && known->order_id != event.order_id;
    if (taken || (number != event.order_id && IsPlaced(event.merchant, number))) return number;
  }
  return {};
}

}  // namespace holdfast
