// Grouping: groups reports by payment. Pure functions; any thread.
#pragma once

#include <vector>

#include "engine/funds/report.h"

namespace holdfast {

// The reports of one payment, as pointers into the given reports.
struct PaymentReports {
  std::vector<const MovementReport*> movements;
  std::vector<const CaseReport*> cases;
};

// Reports belong to one payment when they share a provider and a name. The reports of a provider
// that have no name form one payment. The payments are in the order of their first reports.
std::vector<PaymentReports> GroupByPayment(const FundsReports& reports);

}  // namespace holdfast
