// Completion: scripts by which shells complete the commands, options and values of the program.
// Pure functions; any thread.
#pragma once

#include <string>

#include "engine/cli/command_tree.h"

namespace holdfast::cli {

std::string BashCompletion(const CommandInfo& program);
std::string ZshCompletion(const CommandInfo& program);
std::string FishCompletion(const CommandInfo& program);

}  // namespace holdfast::cli
