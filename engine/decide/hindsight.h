// Hindsight: evidence from later events about an order that was decided.
#pragma once

#include <optional>

#include "engine/model/event.h"
#include "engine/orders/order_state.h"

namespace holdfast {

// Within a group (disputed or not; taken back or given back; decided by a person; the label) the
// last evidence counts. The log stores the values, so they must not change.
enum class Evidence : std::uint8_t {
  kDisputed,    // a chargeback or a fraud warning is open or lost, or a dispute that says fraud
  kUndisputed,  // no such dispute is left
  kTakenBack,   // the money was reversed or charged back
  kGivenBack,   // it was taken back and has come back
  kRejected,    // by a person, for fraud
  kReleased,    // by a person
  kLeft,        // rejected by a person for another reason, or held
  kSent,        // the parcel has left
  kFraud,       // a label from outside; it overrides all others
  kGood,        // likewise, for a good order
};

// The evidence in an event that was just applied to `state`; empty if there is none.
std::optional<Evidence> EvidenceOf(const Event& event, const OrderState& state);

// True when a decision of the rules can no longer change what happens to the order: a person has
// decided, the parcel has left, the order was cancelled, or its money is disputed or was taken
// back.
bool IsLate(const OrderState& state);

}  // namespace holdfast
