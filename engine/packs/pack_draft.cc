#include "engine/packs/pack_draft.h"

#include <algorithm>

#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/features/facts.h"
#include "engine/packs/shared.h"

namespace holdfast {

std::optional<cel::Expression> CompileIn(PackReader& reader, const PackDraft& draft,
                                         const YamlNode& node, std::string_view what) {
  if (!node.IsScalar() || Trim(node.text).empty()) {
    reader.Report("missing-key", node, std::string(what) + " must be an expression");
    return std::nullopt;
  }
  cel::Issues issues;
  auto expression =
      cel::CompileWritten(node.text, draft.pack->environment, issues, CostOfSlots(*draft.pack));
  for (const cel::Issue& issue : issues) {
    reader.diagnostics().push_back(reader.file().At(Severity::kError, node, issue));
  }
  return expression;
}

bool CheckScope(PackReader& reader, PackDraft& draft, const YamlNode& node,
                const cel::Program& program, bool in_feature) {
  const auto facts = Facts();
  if (in_feature) draft.read_by_features.insert(program.slots().begin(), program.slots().end());
  for (const int slot : program.slots()) {
    if (static_cast<std::size_t>(slot) >= facts.size()) {
      const auto& name = draft.pack->environment.variables()[static_cast<std::size_t>(slot)].name;
      if (!in_feature || name.starts_with("lists.")) continue;
      reader.Report("not-here", node, "a feature cannot read the feature '" + name + "'");
      return false;
    }
    const Fact& fact = facts[static_cast<std::size_t>(slot)];
    if (in_feature && fact.scope == FactScope::kRules) {
      reader.Report("not-here", node, "a feature cannot read '" + std::string(fact.name) + "'",
                    "it is itself made of history; read it in a rule");
      return false;
    }
    if (!in_feature && fact.scope == FactScope::kFeatures) {
      reader.Report("not-here", node, "a rule cannot read '" + std::string(fact.name) + "'",
                    "count it with a feature that has 'on: " +
                        std::string(fact.name.substr(0, fact.name.find('.'))) + "'");
      return false;
    }
  }
  return true;
}

bool IsBool(const cel::Type& type) {
  return type.Is(cel::TypeKind::kBool) || type.Is(cel::TypeKind::kDyn);
}

bool IsRuleId(std::string_view text) {
  return !text.empty() && text.size() <= limits::kIdBytes &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

}  // namespace holdfast
