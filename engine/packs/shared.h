// Shared: computes subexpressions that several rules of a pack have in common only once an order.
#pragma once

#include "engine/packs/pack.h"

namespace holdfast {

// The cost of reading a fact, feature, list or shared value. It decides the order in which terms of
// a condition are tried.
cel::SlotCost CostOfSlots(const Pack& pack);

// Gives each loop and function call that occurs more than once in the rules' conditions its own
// slot, and compiles those conditions again.
void ShareSubexpressions(Pack& pack);

}  // namespace holdfast
