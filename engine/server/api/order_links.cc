#include "engine/server/api/order_links.h"

#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/url.h"
#include "engine/codec/json_object.h"
#include "engine/orders/order_queries.h"

namespace holdfast {
namespace {

using Values = std::vector<std::pair<std::string_view, std::string_view>>;

// `text` with "{name}" replaced by the value, URL-encoded.
std::string Filled(std::string_view text, const Values& values) {
  std::string filled;
  while (!text.empty()) {
    const std::size_t begin = text.find('{'), end = text.find('}', begin);
    if (end == text.npos) break;
    filled += text.substr(0, begin);
    const std::string_view name = text.substr(begin + 1, end - begin - 1);
    for (const auto& [key, value] : values) {
      if (key == name) filled += EncodeUrl(value);
    }
    text.remove_prefix(end + 1);
  }
  return filled.append(text);
}

}  // namespace

std::string OrderLinksJson(const LinkConfig& links, const std::string& merchant,
                           const std::string& order_id, const OrderState& state) {
  const Values order = {{"merchant", merchant}, {"order_id", order_id}};
  JsonObject json;
  if (!links.order.empty()) json.Text("order", Filled(links.order, order));
  JsonList payments;
  std::set<std::pair<std::string_view, std::string_view>> listed;
  for (const auto& [id, event] : state.money) {
    const Payment* payment = PaymentIn(event.get());
    if (payment == nullptr || payment->transaction_id.empty()) continue;
    const auto found = links.payment.find(std::string(payment->provider));
    if (found == links.payment.end()) continue;
    if (!listed.emplace(payment->provider, payment->transaction_id).second) continue;
    Values values = order;
    values.emplace_back("transaction_id", payment->transaction_id);
    payments.Add(JsonObject()
                     .Text("provider", payment->provider)
                     .Text("transaction_id", payment->transaction_id)
                     .Text("url", Filled(found->second, values))
                     .Done());
  }
  return json.Raw("payments", payments.Done()).Done();
}

}  // namespace holdfast
