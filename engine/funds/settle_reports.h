// What the reports of one payment come to: each movement and case as the last word on it leaves it.
// The rules are those of docs/funds.md. Pure functions of the set of reports; any thread.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/funds/grouping.h"
#include "engine/funds/ledger.h"

namespace holdfast {

// By kind and reference; amounts in `currency`. Sorts `reports` so.
std::vector<Movement> SettleMovements(std::vector<const MovementReport*>& reports,
                                      std::optional<Currency> currency);

// By kind and reference; of `payment` the names, the currency and the movements are known.
std::vector<PaymentCase> SettleCases(const std::vector<const CaseReport*>& reports,
                                     const LedgerPayment& payment);

// What a report says in the payment's currency; nothing where it says none, or another one.
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
