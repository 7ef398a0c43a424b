#include "engine/pipeline/due_events.h"

#include <limits>
#include <utility>

#include "engine/base/hash.h"
#include "engine/codec/json.h"
#include "engine/decide/deadline.h"
#include "engine/decide/permit.h"
#include "engine/model/names.h"
#include "engine/pipeline/own_events.h"

namespace holdfast {
namespace {

// A deadline more than this before an event's time is not fired by that event.
constexpr std::int64_t kTimerReach = 30 * 24 * 3600 * kNanosPerSecond;

}  // namespace

std::shared_ptr<Event> DueEvents::DeadlineBefore(const Event& event) const {
  // A time that far after a deadline means a wrong clock.
  constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
  const std::int64_t time = event.occurred_at.nanos;
  const auto next = store_.NextDeadline(
      event.merchant, {time < kFirst + kTimerReach ? kFirst : time - kTimerReach});
  if (!next || next->due > event.occurred_at) return nullptr;
  return MakeTimerEvent(event.merchant, *next);
}

std::shared_ptr<Event> DueEvents::MakeTimerEvent(std::string_view merchant,
                                                 const Deadline& deadline) const {
  auto timer = std::make_shared<Event>();
  Arena& memory = timer->memory;
  timer->type = EventType::kTimerFired;
  timer->merchant = memory.Copy(merchant);
  timer->order_id = memory.Copy(deadline.order_id);
  timer->id = memory.Copy(DeadlineId(deadline.due, deadline.order_id));
  timer->occurred_at = deadline.due;
  timer->timer = new (memory.Allocate(sizeof(Timer))) Timer{memory.Copy("deadline"), deadline.due};
  std::string text;
  WriteEvent(*timer, text);
  timer->digest = Hash64(text);  // equal to the digest of the text parsed again
  return timer;
}

std::vector<std::shared_ptr<Event>> DueEvents::AlertsBefore(const Event& event, bool quiet) const {
  std::vector<std::shared_ptr<Event>> alerts;
  if (auto alert = AlertOfDispatch(event)) alerts.push_back(std::move(alert));
  // At most one alert for each name and pair of orders.
  const auto raise = [&](const char* name, std::string_view other, const std::string& text) {
    const std::string about = std::string(event.order_id) + " " + std::string(other);
    auto alert = MakeAlert(event.merchant, event.order_id, name, about, event.occurred_at, text);
    if (store_.FindEvent(event.merchant, SeenIdOf(alert->id)) == nullptr) {
      alerts.push_back(std::move(alert));
    }
  };
  if (event.order_id.empty() || event.joined) return alerts;
  const auto order = [&event] { return "Order " + std::string(event.order_id); };
  if (const std::string other = quiet ? "" : names_.OtherOwnerOf(event); !other.empty()) {
    raise("payment-of-two-orders", other,
          order() + " names a payment that order " + other + " named first (" +
              std::string(event.id) + "): ask the provider whose it is");
  }
  if (const std::string_view number = names_.Ambiguous(event); !number.empty()) {
    raise("number-of-two-orders", number,
          order() + " is said to be number " + std::string(number) +
              ", which is another order's: reports under that number do not reach it");
  }
  return alerts;
}

// The alert about an order that was dispatched, or arrived without a dispatch, although its last
// decision was not to ship it or its permit is not valid. Null: nothing is wrong, or the alert was
// raised before.
std::shared_ptr<Event> DueEvents::AlertOfDispatch(const Event& event) const {
  const bool arrived = SaysArrived(event.type);
  if (event.type != EventType::kShipmentDispatched && !arrived) return nullptr;
  const OrderState* state = store_.FindOrder(event.merchant, event.order_id);
  const bool known = state != nullptr && state->order != nullptr;
  // Its dispatch was checked.
  if (arrived && state != nullptr && !state->dispatched.empty()) return nullptr;
  // Imported orders were never decided.
  if (known && !state->outcome && !state->cancelled) return nullptr;
  std::string what = !known                               ? "is not known"
                     : state->cancelled                   ? "was cancelled"
                     : state->outcome == Outcome::kHold   ? "is held"
                     : state->outcome == Outcome::kReject ? "was rejected"
                                                          : "";
  if (what.empty() && !arrived) what = FaultOfPermit(event, *state);
  if (what.empty()) return nullptr;
  constexpr std::string_view kShipment = "shipment.";
  auto alert =
      MakeAlert(event.merchant, event.order_id, "shipped-while-held", event.id, event.occurred_at,
                "Order " + std::string(event.order_id) + " was " +
                    std::string(NameOf(event.type).substr(kShipment.size())) + ", but it " + what);
  if (store_.FindEvent(event.merchant, SeenIdOf(alert->id)) != nullptr) return nullptr;
  return alert;
}

// What is wrong with the permit of a dispatched parcel, as the end of a sentence. Empty: nothing.
std::string DueEvents::FaultOfPermit(const Event& event, const OrderState& state) const {
  const std::string_view token =
      event.shipment == nullptr ? std::string_view() : event.shipment->permit;
  if (token.empty()) return pack_.permit_required ? "has left without its permit" : "";
  const auto permit = ReadPermit(token);
  if (!permit || event.shipment->permit_refused.value_or(false)) {
    return "has left with a permit that is none of ours";
  }
  if (permit->merchant != event.merchant || permit->order_id != event.order_id) {
    return "has left with the permit of another order";
  }
  const auto before = state.dispatched.find(std::string(event.shipment->parcel));
  const bool again = before != state.dispatched.end() && before->second->id != event.id &&
                     before->second->shipment != nullptr &&
                     before->second->shipment->permit == token;
  if (again) return "has left a second time with the same permit";
  const bool stands = permit->claims == state.permit && permit->offset >= state.permit_offset;
  return stands ? "" : "has changed since its permit was given";
}

}  // namespace holdfast
