// The subcommands of `holdfast rules`, one file each.
#pragma once

#include "engine/cli/commands.h"
#include "engine/packs/pack.h"

namespace holdfast::cli {

// What every subcommand says below its help.
inline constexpr const char* kRulesFooter =
    "Exit codes: 0 fine, 1 found something, 2 usage, 3 failed.";

void AddRulesCheck(CLI::App& rules, Run& run);
void AddRulesTest(CLI::App& rules, Run& run);
void AddRulesFields(CLI::App& rules, Run& run);
void AddRulesExplain(CLI::App& rules, Run& run);
void AddRulesDiff(CLI::App& rules, Run& run);
void AddRulesFmt(CLI::App& rules, Run& run);
void AddRulesSchema(CLI::App& rules, Run& run);

// The pack at `path`; null, with its findings on standard error, when it has errors. Warnings are
// not shown: `check` is for them.
std::shared_ptr<const Pack> LoadPackOrSay(const std::string& path);

}  // namespace holdfast::cli
