// The ledger of an order: all reports about its payments, and the funds computed from them.
#pragma once

#include "engine/funds/funds.h"
#include "engine/funds/payment_reports.h"
#include "engine/orders/order_state.h"
#include "engine/signals/amounts.h"

namespace holdfast {

// Do not copy: its parts point into each other and into the events of the state.
struct OrderLedger {
  ReadReports reports;
  OrderFunds funds;
};

// Builds the ledger from the events in `state.money` except those in `state.not_ours`. Amounts are
// converted at the rates of the day on which the order was placed. REQUIRES: the order is known.
// `state` must outlive `ledger`.
void MakeLedger(const OrderState& state, const FundsTerms& terms, const AmountScale& amounts,
                OrderLedger& ledger);

// The event with the payer, card and risk of the payment with index `payment`; null: none.
EventPtr DescriptionOf(const OrderLedger& ledger, std::size_t payment, const OrderState& state);

}  // namespace holdfast
