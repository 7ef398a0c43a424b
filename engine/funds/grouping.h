// Grouping: which reports are of one payment. Pure functions; any thread.
#pragma once

#include <vector>

#include "engine/funds/report.h"

namespace holdfast {

// The reports of one payment; they point into those that were given.
struct PaymentReports {
  std::vector<const MovementReport*> movements;
  std::vector<const CaseReport*> cases;
};

// Reports are of one payment where they share a provider and a name; those of a provider without
// any name are of one payment of its own. In the order of their first reports.
std::vector<PaymentReports> GroupByPayment(const FundsReports& reports);

}  // namespace holdfast
