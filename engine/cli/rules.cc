#include <CLI/CLI.hpp>
#include <cstdio>

#include "engine/cli/rules_commands.h"
#include "engine/cli/terminal.h"

namespace holdfast::cli {

std::shared_ptr<const Pack> LoadPackOrSay(const std::string& path) {
  Diagnostics diagnostics;
  auto pack = LoadPack(path, diagnostics);
  if (pack != nullptr) return pack;
  std::fputs(SafeLines(RenderText(diagnostics)).c_str(), stderr);
  std::fprintf(stderr, "%s; the pack is refused\n", CountText(diagnostics).c_str());
  return nullptr;
}

void AddRules(CLI::App& app, Run& run) {
  CLI::App* rules = app.add_subcommand("rules", "Write, check, test and compare rule packs");
  rules->require_subcommand(1);
  AddRulesCheck(*rules, run);
  AddRulesTest(*rules, run);
  AddRulesFields(*rules, run);
  AddRulesExplain(*rules, run);
  AddRulesDiff(*rules, run);
  AddRulesFmt(*rules, run);
  AddRulesSchema(*rules, run);
}

}  // namespace holdfast::cli
