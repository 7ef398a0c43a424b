// Reads fields of a decision that WriteDecision wrote. These functions search for the keys of its
// fixed form and parse nothing else, because a replay reads the head of every decision of the log.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/model/decision.h"

namespace holdfast {

// The head of a decision; empty for other texts.
std::optional<DecisionHead> ReadDecisionHead(std::string_view json);
// The version of the engine that made it (kEngineVersion); 0: not given.
int ReadDecisionEngine(std::string_view json);

std::string ReadDecisionMerchant(std::string_view json);
std::string ReadDecisionOrder(std::string_view json);

// True when the decision has claims of a permit.
bool HasPermit(std::string_view json);

// Replaces the permit claims in `json` by `permit`, which is JSON. Returns false, and changes
// nothing, when the decision has no permit.
bool SetPermitText(std::string_view permit, std::string& json);

}  // namespace holdfast
