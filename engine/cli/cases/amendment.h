// Amendment: the changes that an operator makes to an order, and what they would end.
#pragma once

#include <string>
#include <vector>

#include "engine/cli/cases/ops_client.h"

namespace holdfast::cli {

// The changes to make to an order.
struct Amendment {
  std::vector<std::string> shipping;  // "city=Berlin", name, phone, line1, ...
  std::vector<std::string> parcels;   // "SKU=PARCEL" or "SKU:QUANTITY=PARCEL"
  std::string file;                   // the whole order as JSON; "-": standard input
};

// The event order.amended, as JSON. `looked_at`: the order as it was shown. Errors: kUsage for
// changes that cannot be read; kUnknownOrder for an order that was not placed.
Result<std::string> AmendmentEvent(const Amendment& amendment, const JsonValue& looked_at);

// Sends the event. Errors: as AmendmentEvent; kConflict when the order has been decided again.
Result<JsonDocument> SendAmendment(OpsClient& client, const Amendment& amendment,
                                   const JsonValue& looked_at);

// What an amendment would end, given the current state of the order. Which other rules hold the
// amended order is known only after the amendment is sent.
struct AmendmentEffects {
  std::vector<std::string> ends;   // for people: "the release by ana"
  std::vector<std::string> holds;  // the rules that would hold the order again
};
// Errors: as AmendmentEvent.
Result<AmendmentEffects> EffectsOf(const Amendment& amendment, const JsonValue& looked_at);

}  // namespace holdfast::cli
