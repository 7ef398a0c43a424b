// Compiler: what the parts of the compiler share. CompileExpression is the front door.
#pragma once

#include <optional>

#include "engine/cel/eval/program.h"
#include "engine/cel/frontend/ast.h"
#include "engine/cel/frontend/issue.h"

namespace holdfast::cel {

// The value of a constant expression, in `arena`; nothing for one that is not constant or fails.
// Only literals are, until Compile has marked what is constant in the tree of `expr`.
std::optional<Value> FoldConstant(const Expr& expr, Arena& arena);

// The steps of `expr` without a predicate.
Program CompileSteps(const Expr& expr, Issues& issues);

}  // namespace holdfast::cel
