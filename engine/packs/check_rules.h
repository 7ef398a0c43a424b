// CheckRules: what is odd about the rules of a pack that compiles: conditions that cannot be true,
// rules that others make pointless.
#pragma once

#include <vector>

#include "engine/cel/frontend/logic.h"
#include "engine/packs/pack.h"
#include "engine/yaml/yaml_file.h"

namespace holdfast {

// What the pack's environment knows of the values of facts and features.
cel::BoundsOf BoundsOfValues(const Pack& pack);

// Finds errors in one condition: lists of another unit than what is looked up in them, more work
// than the limits allow.
void CheckCondition(const cel::Expr& condition, const Pack& pack, const YamlFile& file,
                    const YamlNode& node, Diagnostics& diagnostics);

// Finds warnings: comparisons that are always true or never, rules that are unreachable behind a
// reject rule, shadowed by an equal one, or the same as another. `whens` are the nodes of the
// conditions of the pack's rules, in their order.
void CheckRules(const Pack& pack, const YamlFile& file, const std::vector<const YamlNode*>& whens,
                Diagnostics& diagnostics);

}  // namespace holdfast
