// Release paths: what would have to change for a hold to become a ship.
//
// A way is a set of conditions that together make an expression false (or true). The ways of
// `a && b` to be false are those of a and those of b; of `a || b`, every pair of one of each.
#pragma once

#include <string>
#include <vector>

#include "engine/cel/frontend/ast.h"
#include "engine/cel/frontend/environment.h"

namespace holdfast {

using Way = std::vector<std::string>;  // conditions, sorted, each once
using Ways = std::vector<Way>;

// The condition where no fact can change what holds the order: a reviewer can release it.
inline constexpr const char* kByReview = "review.outcome == 'released'";

// No more ways than this are kept anywhere, the shortest first.
inline constexpr std::size_t kWaysMax = 8;

// The ways to make `expr` false through facts that may still change; none where there are none.
Ways WaysToFalse(const cel::Expr& expr);

// Every way of `a` together with every way of `b`.
Ways Both(const Ways& a, const Ways& b);

// Sorts by length and text, drops repeats and ways that contain another way.
void Minimise(Ways& ways);

}  // namespace holdfast
