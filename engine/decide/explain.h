// Explain: how a rule's condition came to its value, part by part.
#pragma once

#include <string>
#include <vector>

#include "engine/decide/combine_results.h"
#include "engine/decide/release.h"
#include "engine/model/decision.h"
#include "engine/packs/pack.h"

namespace holdfast {

// One part of a condition.
struct ExplainedPart {
  enum class State : std::uint8_t { kKnown, kMissing, kFailed };
  std::string text;   // the expression, in one form
  std::string value;  // as the language writes it; of kMissing and kFailed, why
  State state = State::kKnown;
  std::vector<ExplainedPart> parts;
};

struct ExplainedRule {
  const Rule* rule = nullptr;
  RuleResult::How how = RuleResult::How::kNo;
  ExplainedPart condition;
  std::vector<std::string> missing;  // the facts that it lacked
  Ways ways_out;                     // of a rule that holds: what would end that
};

struct Explanation {
  Decision decision;
  std::vector<std::string> funds;    // how they came about, see AccountOf
  std::vector<ExplainedRule> rules;  // in the pack's order
};

// The parts of `condition` over `slots`, which holds every fact that it reads.
ExplainedPart ExplainCondition(const cel::Expr& condition, const Pack& pack,
                               const cel::Value* slots, Arena& arena);

}  // namespace holdfast
