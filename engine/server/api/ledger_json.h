// The ledger of an order as JSON: what is due and paid, and each payment with its movements, its
// cases and the source of its reports.
#pragma once

#include <string>

#include "engine/orders/order_state.h"
#include "engine/packs/pack.h"

namespace holdfast {

// "null" for an order that is not known yet.
std::string LedgerJson(const OrderState& state, const Pack& pack);

}  // namespace holdfast
