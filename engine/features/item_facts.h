// The fact `order.items`: the lines of an order, as rules see them.
#pragma once

#include "engine/features/facts.h"

namespace holdfast {

// The lines of the context's order; a list of ItemRecord. A missing field holds
// MissingFact(kItemFactBase + its number).
cel::Value ItemsOf(const FactContext& context);

}  // namespace holdfast
