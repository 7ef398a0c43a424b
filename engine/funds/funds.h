// The funds of an order: the sum of its payments in the order's currency, compared with what is
// due.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/funds/ledger.h"
#include "engine/funds/terms.h"
#include "engine/model/funds.h"

namespace holdfast {

// Converts amounts at the rates of the day on which the order was placed.
class Exchange {
 public:
  virtual ~Exchange() = default;
  // Minor units of `to`, rounded down; nothing without a rate.
  virtual std::optional<std::int64_t> Convert(std::int64_t minor, Currency from,
                                              Currency to) const = 0;
};

struct OrderFunds {
  Funds sums;
  std::vector<LedgerPayment> payments;
  // For each of `payments`: its amounts count. False for a shop's copy of money that others report.
  std::vector<bool> counts;
  // Index of the payment that brings most of the money: the most captured, else authorised, else
  // pending; -1: there is none.
  int main = -1;
};

// Computes the funds from `reports`, which must outlive the result. `due` is in minor units of
// `currency`.
OrderFunds FundsOf(std::int64_t due, Currency currency, const FundsReports& reports,
                   const FundsTerms& terms, const Exchange& exchange);

// The id of the event with the payer, card and risk of a payment; empty: none. It is the event of
// the latest movement report that is not pending. Reports of shop copies count only if there are no
// others, and so do pending reports.
std::string_view DescriptionOf(const LedgerPayment& payment, const FundsReports& reports);

}  // namespace holdfast
