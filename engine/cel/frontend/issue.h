// Issue: one finding about an expression, with its place in the text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/frontend/ast.h"

namespace holdfast::cel {

// Stable codes of findings: syntax, unknown-name, unknown-field, unknown-function, type-mismatch,
// unknown-word, limit, bad-regex, constant-error.
struct Issue {
  std::string_view code;
  Range range;
  std::string message;
  std::string help;  // or empty
};

using Issues = std::vector<Issue>;

}  // namespace holdfast::cel
