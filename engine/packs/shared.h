// Shared: subexpressions that stand in several places of a pack's rules, computed once an order.
#pragma once

#include "engine/packs/pack.h"

namespace holdfast {

// What reading a fact, feature, list or shared value costs, for the order in which terms of a
// condition are tried.
cel::SlotCost CostOfSlots(const Pack& pack);

// Gives every loop and function call that stands more than once in the rules' conditions a slot of
// its own, and compiles the conditions again that have one.
void ShareSubexpressions(Pack& pack);

}  // namespace holdfast
