// The ledger of an order: all that was told of its money, and what that comes to.
#pragma once

#include "engine/funds/funds.h"
#include "engine/funds/read_reports.h"
#include "engine/orders/order_state.h"
#include "engine/signals/amounts.h"

namespace holdfast {

// Not to be copied: parts point into others, and into the events of the state.
struct OrderLedger {
  ReadReports reports;
  OrderFunds funds;
};

// Of the events in `state.money` but for those in `state.not_ours`; amounts at the rates of the day
// on which the order was placed. REQUIRES: the order is known. The state outlives `ledger`.
void MakeLedger(const OrderState& state, const FundsTerms& terms, const AmountScale& amounts,
                OrderLedger& ledger);

// The event that describes a payment of the ledger: its payer, card and risk; null: none.
EventPtr DescriptionOf(const OrderLedger& ledger, std::size_t payment, const OrderState& state);

}  // namespace holdfast
