// Calls whose constant arguments can only fail are found before anything runs: a time that is none,
// a network of 40 bits, a time zone that does not exist.
#pragma once

#include <string>
#include <vector>

#include "engine/cel/frontend/ast.h"
#include "engine/cel/frontend/issue.h"

namespace holdfast::cel {

// Adds an issue for each constant call in `expr` that fails. The tree was compiled.
// `zoned`: functions of the host whose last of three arguments is a time zone.
void CheckConstants(const Expr& expr, const std::vector<std::string>& zoned, Issues& issues);

}  // namespace holdfast::cel
