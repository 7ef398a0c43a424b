// CheckRules: finds mistakes in the rules of a pack that compiles: conditions that cannot be true,
// rules that other rules make useless.
#pragma once

#include <vector>

#include "engine/cel/frontend/logic.h"
#include "engine/packs/pack.h"
#include "engine/yaml/yaml_file.h"

namespace holdfast {

// The known bounds of the values of facts and features.
cel::BoundsOf BoundsOfValues(const Pack& pack);

// Finds errors in one condition: a list whose unit differs from that of the value looked up in it;
// more work than the limits allow.
void CheckCondition(const cel::Expr& condition, const Pack& pack, const YamlFile& file,
                    const YamlNode& node, Diagnostics& diagnostics);

// Finds warnings: comparisons that are always or never true; rules that a reject rule makes
// unreachable; rules that another rule covers or repeats. `whens` are the nodes of the conditions
// of the pack's rules, in their order.
void CheckRules(const Pack& pack, const YamlFile& file, const std::vector<const YamlNode*>& whens,
                Diagnostics& diagnostics);

}  // namespace holdfast
