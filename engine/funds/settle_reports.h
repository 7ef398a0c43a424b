// Computes the final state of each movement and case of a payment from its reports.
// The rules are those of docs/funds.md. Pure functions of the set of reports; any thread.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/funds/grouping.h"
#include "engine/funds/ledger.h"

namespace holdfast {

// Returns the movements by kind and reference, with amounts in `currency`. Sorts `reports` by kind
// and reference.
std::vector<Movement> SettleMovements(std::vector<const MovementReport*>& reports,
                                      std::optional<Currency> currency);

// Returns the cases by kind and reference. Reads the names, currency and movements of `payment`,
// which must be set before.
std::vector<PaymentCase> SettleCases(const std::vector<const CaseReport*>& reports,
                                     const LedgerPayment& payment);

// The amount of a report, if it has one in `currency`; otherwise empty.
template <typename Report>
std::optional<std::int64_t> AmountOf(const Report& report, std::optional<Currency> currency) {
  if (!report.amount || report.currency != currency) return std::nullopt;
  return report.amount;
}

// All names that the reports give to their payment, ascending.
template <typename Reports>
std::vector<std::string_view> NamesIn(const Reports& reports) {
  std::vector<std::string_view> names;
  for (const auto* report : reports) {
    names.insert(names.end(), report->head.names.begin(), report->head.names.end());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace holdfast
