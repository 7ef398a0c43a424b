// ManPage: the manual page of the program, made of the same commands and options as --help.
// Pure function; any thread.
#pragma once

#include <string>

#include "engine/cli/command_tree.h"

namespace holdfast::cli {

// The page in roff, with the macros of man(7). `version`: "holdfast 0.1.0".
std::string ManPage(const CommandInfo& program, const std::string& version);

}  // namespace holdfast::cli
