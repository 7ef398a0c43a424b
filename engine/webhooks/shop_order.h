// What the orders of different shop systems have in common.
#pragma once

#include <string>
#include <string_view>

#include "engine/webhooks/event_draft.h"

namespace holdfast {

// The event of an order as a shop sends it: placed or amended. When the other of the two is right,
// it is in `otherwise`.
MappedEvent ShopOrder(EventDraft& draft, bool placed);

// Says that the payment of the draft is the shop's copy, and which providers tell of theirs
// themselves.
void SetShopCopy(EventDraft& draft, Payment& payment, const WebhookSettings& settings);

// Parts of an order's total as decimal texts, added up; nothing when one is no amount.
std::optional<std::int64_t> Sum(EventDraft& draft, const std::vector<std::string_view>& amounts,
                                std::optional<Currency> currency);

}  // namespace holdfast
