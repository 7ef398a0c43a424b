// Diff: what another version of a pack would do differently, in the words of a rule author.
#pragma once

#include <string>
#include <vector>

#include "engine/packs/pack.h"

namespace holdfast {

struct PackDifference {
  enum class Kind : std::uint8_t { kAdded, kRemoved, kChanged };
  Kind kind = Kind::kChanged;
  std::string what;                  // "rule new-buyer", "list blocked", "thresholds.hold"
  std::vector<std::string> details;  // "points: 35 -> 40"
};

// The changes from `before` to `after`: settings, lists, features, rules, in this order. What is
// only written differently is no change.
std::vector<PackDifference> DiffPacks(const Pack& before, const Pack& after);

}  // namespace holdfast
