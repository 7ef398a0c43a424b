// OpsWork: the actions of operators on one order, for the commands and for the walk through the
// queue.
#pragma once

#include <string>

#include "engine/base/time.h"
#include "engine/cli/cases/ops_client.h"

namespace holdfast::cli {

// GET /v1/orders/{id}.
Result<JsonDocument> FetchOrder(OpsClient& client, const std::string& order);

// The offset of the decision in an order's answer.
std::uint64_t SeenOf(const JsonValue& order);

// The parcels of an order's lines, for a person to choose from, if `parcel` is not one of them;
// otherwise empty.
std::string OtherParcels(const JsonValue& order, const std::string& parcel);

// True when a reason of a decision holds the order.
bool Holds(const JsonValue& reason);

struct ReviewWords {
  std::string reason, note, request, to;
  std::string person;                       // who is assigned, or whose claim is ended
  std::string reference, amount, currency;  // of money that has come
  std::optional<EventTime> until;
  std::vector<std::string> tags, untag;
};

// Sends review.TYPE ("released") about an order. `looked_at`: the order as it was shown; null: not
// shown.
Result<JsonDocument> SendReview(OpsClient& client, const OpsOptions& options,
                                const std::string& type, const std::string& order,
                                const ReviewWords& words, const JsonValue* looked_at);

// "order 100045: ship", with the reasons that still hold it; "Note saved on 100045" where nothing
// was decided, `what` being what was sent; or the answer as JSON. Returns 0 when the order is
// `wanted` (empty: whatever it is), else 1.
int SayResult(const JsonDocument& result, const std::string& order, std::string_view wanted,
              bool json, std::string_view what);

}  // namespace holdfast::cli
