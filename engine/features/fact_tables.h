// Further tables of facts. facts.cc merges them into its own.
#pragma once

#include <span>

#include "engine/features/facts.h"

namespace holdfast {

// Further facts of an order and its payment: companies, tax ids, coupons, weights, 3-D Secure.
std::span<const Fact> OrderFacts();

// linked.*: what other buyers did.
std::span<const Fact> LinkFacts();

}  // namespace holdfast
