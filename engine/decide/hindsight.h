// Hindsight: what later events say of an order that was decided.
#pragma once

#include <optional>

#include "engine/model/event.h"
#include "engine/orders/order_state.h"

namespace holdfast {

// Of the kinds that belong together the last word counts. The numbers stand in the log.
enum class Evidence : std::uint8_t {
  kDisputed,    // a chargeback or a fraud warning is open or lost, or a dispute that says fraud
  kUndisputed,  // none is any more
  kTakenBack,   // the money was reversed or charged back
  kGivenBack,   // and came back
  kRejected,    // by a person, for fraud
  kReleased,    // by a person
  kLeft,        // by a person, for another reason, or held
  kSent,        // the parcel has left
  kFraud,       // a label from outside; it overrides all others
  kGood,        // likewise
};

// Of an event that `state` has just folded; nothing when it says nothing.
std::optional<Evidence> EvidenceOf(const Event& event, const OrderState& state);

// Is it too late for what rules say of the order? A person has decided, the parcel has left, the
// order was cancelled, or its money is disputed or was taken back.
bool IsLate(const OrderState& state);

}  // namespace holdfast
