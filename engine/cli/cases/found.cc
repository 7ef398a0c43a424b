#include "engine/cli/cases/found.h"

#include <utility>
#include <vector>

#include "engine/base/url.h"
#include "engine/cli/cases/case_view.h"
#include "engine/cli/cases/ops_work.h"

namespace holdfast::cli {

Result<JsonDocument> FindOrders(OpsClient& client, const std::string& text, int limit,
                                const std::string& after) {
  std::string target = "/v1/find?text=" + EncodeUrl(text) + "&limit=" + std::to_string(limit);
  if (!after.empty()) target += "&after=" + EncodeUrl(after);
  if (!client.merchant().empty()) target += "&" + client.merchant();
  return client.Get(target);
}

void ShowFound(const JsonValue& found, Screen& screen) {
  std::vector<std::vector<std::string>> rows = {
      {"order", "placed", "outcome", "cause", "amount", "buyer", "what matched"}};
  for (const JsonValue& order : found["orders"].list()) {
    std::string matched;
    for (const JsonValue& one : order["matched"].list()) {
      matched += (matched.empty() ? "" : ", ") + std::string(one["kind"].text()) + " " +
                 std::string(one["text"].text());
    }
    rows.push_back(
        {std::string(order["order_id"].text()), ShortTime(order["placed_at"].text()),
         order["cancelled"].truth() ? "cancelled" : std::string(order["outcome"].text()),
         std::string(order["cause"].text()),
         std::string(order["total"].text()) + " " + std::string(order["currency"].text()),
         std::string(order["buyer"].text()), matched});
  }
  if (rows.size() > 1) {
    screen.Table(rows);
  } else {
    screen.Line(found["more"].truth() ? "no order on this page" : "no order is found",
                Colour::kDim);
  }
  if (found["incomplete"].truth()) {
    screen.Item("",
                "too many words begin with the last one; not all were searched: type more of it",
                Colour::kDim);
  }
  if (found["more"].truth()) {
    screen.Item("", "more: --after '" + std::string(found["next"].text()) + "'", Colour::kDim);
  }
}

Result<OrderOrList> FetchMeant(OpsClient& client, const std::string& text) {
  // The rows of one screen; `find` shows further pages.
  constexpr int kRows = 25;
  auto order = FetchOrder(client, text);
  if (order) return OrderOrList{std::move(*order), {}};
  if (order.error().code != ErrorCode::kUnknownOrder) return tl::unexpected(order.error());
  auto found = FindOrders(client, text, kRows, {});
  if (!found) return tl::unexpected(found.error());
  const auto orders = found->root()["orders"].list();
  const bool more = found->root()["more"].truth();
  if (orders.empty() && !more) return tl::unexpected(order.error());
  if (orders.size() != 1 || more) return OrderOrList{{}, std::move(*found)};
  auto meant = FetchOrder(client, std::string(orders[0]["order_id"].text()));
  if (!meant) return tl::unexpected(meant.error());
  return OrderOrList{std::move(*meant), {}};
}

}  // namespace holdfast::cli
