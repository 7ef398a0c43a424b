// The subcommands of `holdfast rules`, one file each.
#pragma once

#include "engine/cli/commands.h"
#include "engine/packs/pack.h"

namespace holdfast::cli {

// What every subcommand says below its help.
inline constexpr const char* kRulesFooter =
    "Exit codes: 0 fine, 1 found something, 2 usage, 3 failed.";

void AddRulesCheck(Command rules);
void AddRulesTest(Command rules);
void AddRulesFields(Command rules);
void AddRulesExplain(Command rules);
void AddRulesDiff(Command rules);
void AddRulesFmt(Command rules);
void AddRulesSchema(Command rules);

// The pack at `path`; null, with its findings on standard error, when it has errors. Warnings are
// not shown: `check` is for them.
std::shared_ptr<const Pack> LoadPackOrSay(const std::string& path);

// Prints the differences of two packs as `rules diff` does; returns its exit code.
int ShowPackDifferences(const std::string& before_path, const std::string& after_path, bool json);

}  // namespace holdfast::cli
