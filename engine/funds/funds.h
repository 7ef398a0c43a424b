// The funds of an order: its payments together, in the order's currency, against what is due.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/funds/ledger.h"
#include "engine/funds/terms.h"
#include "engine/model/funds.h"

namespace holdfast {

// Converts amounts at the rates of an order's day.
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
  // Of `payments`, those whose amounts count: a shop's copy of what others report does not.
  std::vector<bool> counts;
  // The one of `payments` that brings most of the money, or is nearest to it; -1: there is none.
  int main = -1;
};

// `due` in minor units of `currency`. The reports outlive the result.
OrderFunds FundsOf(std::int64_t due, Currency currency, const FundsReports& reports,
                   const FundsTerms& terms, const Exchange& exchange);

// The id of the event that describes a payment of these reports: the last movement report of its
// own source that decided how it stands; empty: none.
std::string_view DescriptionOf(const LedgerPayment& payment, const FundsReports& reports);

}  // namespace holdfast
