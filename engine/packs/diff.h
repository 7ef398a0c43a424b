// Diff: the differences between two versions of a pack, in terms that rule authors use.
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

// The changes from `before` to `after`, in this order: settings, lists, features, rules.
// Differences only in formatting do not count.
std::vector<PackDifference> DiffPacks(const Pack& before, const Pack& after);

}  // namespace holdfast
