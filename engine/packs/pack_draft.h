// PackDraft: a pack while it is read, with data about its source that later checks need.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/packs/pack.h"
#include "engine/packs/pack_reader.h"

namespace holdfast {

struct PackDraft {
  std::shared_ptr<Pack> pack = std::make_shared<Pack>();
  std::set<std::string, std::less<>> money_features;     // that are amounts in base currency
  std::vector<const YamlNode*> feature_keys, list_keys;  // in the order of the pack's
  std::set<int> read_by_features;                        // slots
  std::vector<const YamlNode*> whens;                    // of the rules
};

// Compiles an expression of the pack. Empty, after a report, when it has errors. `what` names it in
// the report.
std::optional<cel::Expression> CompileIn(PackReader& reader, const PackDraft& draft,
                                         const YamlNode& node, std::string_view what);

// Checks that the program reads only facts that may be read here: features must not read history,
// rules must not read payloads of events. Returns false after a report.
bool CheckScope(PackReader& reader, PackDraft& draft, const YamlNode& node,
                const cel::Program& program, bool in_feature);

bool IsBool(const cel::Type& type);

// An id of a pack or a rule: lower-case letters, digits, '-' and '_'.
bool IsRuleId(std::string_view text);

}  // namespace holdfast
