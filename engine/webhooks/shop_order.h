// Helpers for the orders of all shop systems.
#pragma once

#include <string>
#include <string_view>

#include "engine/webhooks/event_draft.h"

namespace holdfast {

// The event of an order that a shop sends, placed or amended. `otherwise` has the other of the two,
// for use when the first is refused.
MappedEvent ShopOrder(EventDraft& draft, bool placed);

// Marks the payment as the shop's copy, and sets the providers that report their payments
// themselves.
void SetShopCopy(EventDraft& draft, Payment& payment, const WebhookSettings& settings);

// Parts of an order's total as decimal texts, added up; nothing when one is no amount.
std::optional<std::int64_t> Sum(EventDraft& draft, const std::vector<std::string_view>& amounts,
                                std::optional<Currency> currency);

}  // namespace holdfast
