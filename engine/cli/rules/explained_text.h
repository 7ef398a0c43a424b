// The words that commands use for explained rules.
#pragma once

#include <string>
#include <string_view>

#include "engine/decide/explain.h"

namespace holdfast::cli {

// "matches", "does not match", "cannot be judged", "fails".
std::string_view NameOfVerdict(RuleResult::How how);
// The same in JSON: "matched", "no", "missing", "failed".
std::string_view WordOfVerdict(RuleResult::How how);
// "hold review", "35 points, in shadow".
std::string EffectOf(const Rule& rule);
// {"expression":...,"state":...,"value":...}
std::string ValueJson(const ExplainedPart& part);
// The same with "parts", a list of such objects.
std::string PartJson(const ExplainedPart& part);

}  // namespace holdfast::cli
