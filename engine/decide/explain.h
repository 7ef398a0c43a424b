// Explain: shows how the value of a rule's condition was computed, part by part.
#pragma once

#include <string>
#include <vector>

#include "engine/decide/combine_results.h"
#include "engine/decide/release_paths.h"
#include "engine/model/decision.h"
#include "engine/packs/pack.h"

namespace holdfast {

// One part of a condition.
struct ExplainedPart {
  enum class State : std::uint8_t { kKnown, kMissing, kFailed };
  std::string text;   // the expression, in canonical form
  std::string value;  // as a literal; of kMissing and kFailed: the reason
  State state = State::kKnown;
  bool chain = false;  // its parts are the terms of a chain of && or ||
  std::vector<ExplainedPart> parts;
};

struct ExplainedRule {
  const Rule* rule = nullptr;
  RuleResult::How how = RuleResult::How::kNo;
  ExplainedPart condition;
  std::vector<std::string> missing;  // the facts that it lacked
  ReleasePaths release_paths;        // of a hold rule that matched: what would end it
};

struct Explanation {
  Decision decision;
  std::vector<std::string> funds;    // how they were computed, see AccountOf
  std::vector<ExplainedRule> rules;  // in the pack's order
};

// Evaluates all parts of `condition`. `slots` must hold every fact that it reads.
ExplainedPart ExplainCondition(const cel::Expr& condition, const Pack& pack,
                               const cel::Value* slots, Arena& arena);

// The terms of `condition` that were false, missing or failed, each operand of && and ||
// separately. The condition itself when it is one term. The pointers are into `condition`.
std::vector<const ExplainedPart*> TermsNotTrue(const ExplainedPart& condition);
// The values that `part` was computed from: its innermost parts that were evaluated, each once.
std::vector<const ExplainedPart*> ValuesBehind(const ExplainedPart& part);

}  // namespace holdfast
