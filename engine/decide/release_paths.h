// Release paths: what must change so that a held order ships.
//
// A ReleasePath is a set of conditions. When all of them hold, the hold ends. ReleasePaths are
// alternatives: any one of them is enough. An example: a rule holds the order while `a && b` is
// true. The hold ends when a becomes false or when b does, so its ReleasePaths are {!a} and {!b}.
// The hold of `a || b` ends only when both become false, so it has one ReleasePath: {!a, !b}.
#pragma once

#include <string>
#include <vector>

#include "engine/cel/frontend/ast.h"
#include "engine/cel/frontend/environment.h"

namespace holdfast {

using ReleasePath =
    std::vector<std::string>;  // conditions as expressions, sorted, without duplicates
using ReleasePaths = std::vector<ReleasePath>;  // empty: no way is known

// The condition for a hold that no change of facts can end: a reviewer releases the order.
inline constexpr const char* kByReview = "review.outcome == 'released'";
// The same where only an administrator may release it.
inline constexpr const char* kByAdmin = "review.outcome == 'released' && review.role == 'admin'";

// KeepShortest keeps at most this many ways, the shortest first.
inline constexpr std::size_t kWaysMax = 8;

// The ways to make `expr` false by changing facts that may still change (Fact::changeable). Empty
// when there are none.
ReleasePaths WaysToFalse(const cel::Expr& expr);

// The ways to end two holds at once: the union of each way of `a` with each way of `b`. Empty when
// `a` or `b` is empty.
ReleasePaths CombinePaths(const ReleasePaths& a, const ReleasePaths& b);

// Sorts by number of conditions, then by text. Drops duplicates and ways that include all
// conditions of another way, and keeps the first kWaysMax.
void KeepShortest(ReleasePaths& ways);

}  // namespace holdfast
