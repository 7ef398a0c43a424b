// FormatPack: formats pack.yaml. Comments stay; expressions get their canonical form; blanks at
// line ends and repeated blank lines are removed.
#pragma once

#include <string>

#include "engine/yaml/yaml_file.h"

namespace holdfast {

// The formatted text of `file`. Formatting it again changes nothing. Expressions over several lines
// or with a comment stay as they are, and so does all other text.
// `file` must be a pack without errors.
std::string FormatPack(const YamlFile& file);

}  // namespace holdfast
