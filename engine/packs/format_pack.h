// FormatPack: pack.yaml in one form, comments kept: expressions as the language writes them, no
// blanks at line ends, no two blank lines in a row.
#pragma once

#include <string>

#include "engine/yaml/yaml_file.h"

namespace holdfast {

// The text of `file` in that form. Formatting what was formatted changes nothing. What is not an
// expression on one line stays as it is, and so does an expression with a comment.
// REQUIRES: the file is a pack without errors.
std::string FormatPack(const YamlFile& file);

}  // namespace holdfast
