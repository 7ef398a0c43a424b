// What is read again of a decision that WriteDecision wrote. These look for the keys of its fixed
// form and read no more: a replay reads the head of every decision of the log.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/model/decision.h"

namespace holdfast {

// The head of a decision; nothing for other texts.
std::optional<DecisionHead> ReadDecisionHead(std::string_view json);
// The version of the engine that made it, see kEngineVersion; 0: it names none.
int ReadDecisionEngine(std::string_view json);

std::string ReadDecisionMerchant(std::string_view json);
std::string ReadDecisionOrder(std::string_view json);

// Puts `permit`, which is JSON, in the place of the claims of the permit. False, and nothing
// changed: the decision has none.
bool SetPermitText(std::string_view permit, std::string& json);

}  // namespace holdfast
