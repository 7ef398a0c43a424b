// Finds orders by a text, for commands that accept a text in place of an order id.
#pragma once

#include <optional>
#include <string>

#include "engine/cli/cases/ops_client.h"
#include "engine/cli/ui/screen.h"

namespace holdfast::cli {

// GET /v1/find. `after`: `next` of an answer; empty: the first page.
Result<JsonDocument> FindOrders(OpsClient& client, const std::string& text, int limit,
                                const std::string& after);

// The rows of an answer of GET /v1/find.
void ShowFound(const JsonValue& found, Screen& screen);

// An order in full; or, when a text means several, the answer of GET /v1/find that lists them.
struct OrderOrList {
  std::optional<JsonDocument> order;
  std::optional<JsonDocument> list;
};
// The order with the id `text`; else the one order that a search for `text` finds; else the orders
// found.
// Errors: as FetchOrder and FindOrders; kUnknownOrder when none is found.
Result<OrderOrList> FetchMeant(OpsClient& client, const std::string& text);

}  // namespace holdfast::cli
