#include "engine/webhooks/shop_order.h"

namespace holdfast {

MappedEvent ShopOrder(EventDraft& draft, bool placed) {
  MappedEvent mapped;
  Event& event = draft.event();
  event.type = placed ? EventType::kOrderAmended : EventType::kOrderPlaced;
  mapped.otherwise = draft.Json();
  event.type = placed ? EventType::kOrderPlaced : EventType::kOrderAmended;
  mapped.json = draft.Json();
  return mapped;
}

void SetShopCopy(EventDraft& draft, Payment& payment, const WebhookSettings& settings) {
  payment.source = ReportSource::kShop;
  const auto connected = draft.List<std::string_view>(settings.connected.size());
  for (std::size_t i = 0; i < connected.size(); ++i) {
    connected[i] = draft.Id(settings.connected[i]);
  }
  payment.connected = connected;
}

std::optional<std::int64_t> Sum(EventDraft& draft, const std::vector<std::string_view>& amounts,
                                std::optional<Currency> currency) {
  std::optional<std::int64_t> sum;
  for (const std::string_view text : amounts) {
    const auto amount = draft.Amount(text, currency);
    if (!amount || *amount > kMoneyMinorMax - sum.value_or(0)) return std::nullopt;
    sum = sum.value_or(0) + *amount;
  }
  return sum;
}

}  // namespace holdfast
