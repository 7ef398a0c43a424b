#include <cstdio>

#include "engine/cli/rules/rules_commands.h"
#include "engine/cli/ui/terminal.h"

namespace holdfast::cli {

std::shared_ptr<const Pack> LoadPackOrSay(const std::string& path) {
  Diagnostics diagnostics;
  auto pack = LoadPack(path, diagnostics);
  if (pack != nullptr) return pack;
  std::fputs(SafeLines(RenderText(diagnostics)).c_str(), stderr);
  std::fprintf(stderr, "%s; the pack is refused\n", CountText(diagnostics).c_str());
  return nullptr;
}

void AddRules(Command app) {
  Command rules = app.Add("rules", "Write, check, test and compare rule packs");
  rules.NeedsCommand();
  AddRulesCheck(rules);
  AddRulesTest(rules);
  AddRulesFields(rules);
  AddRulesExplain(rules);
  AddRulesDiff(rules);
  AddRulesFmt(rules);
  AddRulesSchema(rules);
}

}  // namespace holdfast::cli
