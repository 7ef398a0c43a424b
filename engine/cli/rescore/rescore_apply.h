// RescoreApply: has the orders of a rescoring's result decided again by the active pack.
#pragma once

#include <cstddef>
#include <string>

#include "engine/cli/cases/ops_client.h"

namespace holdfast::cli {

struct ApplyOptions : OpsOptions {
  std::string plan;               // the result folder of a rescoring
  std::size_t max_changes = 100;  // if more orders would change, none is changed
  bool rehearse = false;
};

// Only orders that are still held and whose money is certain, through events of the log. Again, it
// changes nothing more. The command's exit code.
int ApplyPlan(const ApplyOptions& options);

}  // namespace holdfast::cli
