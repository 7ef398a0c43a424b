// OrderLinks: the addresses of an order and its payments at the shop and the providers.
// Pure function; any thread.
#pragma once

#include <string>

#include "engine/orders/order_state.h"
#include "engine/server/config.h"

namespace holdfast {

// {"order": ADDRESS, "payments": [{provider, transaction_id, url}]}, from the templates in `links`.
// `order` is absent without a template. A payment is in the list once, if there is a template of
// its provider and a report names its transaction.
std::string OrderLinksJson(const LinkConfig& links, const std::string& merchant,
                           const std::string& order_id, const OrderState& state);

}  // namespace holdfast
