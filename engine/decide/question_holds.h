// The holds for questions to the buyer that have no valid answer. Pure; any thread.
#pragma once

#include <vector>

#include "engine/decide/combine_results.h"
#include "engine/orders/order_state.h"
#include "engine/packs/pack.h"

namespace holdfast {

// True when the question was answered validly since it was asked.
bool IsAnswered(const OrderState& state, const std::string& request, const Event& asked,
                const Pack& pack);

// One hold for each question without a valid answer.
std::vector<EngineHold> QuestionHolds(const OrderState& state, const Pack& pack);

}  // namespace holdfast
