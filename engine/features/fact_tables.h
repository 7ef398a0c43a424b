// Tables of facts beside that of facts.cc, which joins them.
#pragma once

#include <span>

#include "engine/features/facts.h"

namespace holdfast {

// What an order and its payment say beside the usual: companies, tax ids, coupons, weights, 3-D
// Secure.
std::span<const Fact> OrderFacts();

// linked.*: what other buyers did.
std::span<const Fact> LinkFacts();

}  // namespace holdfast
