// Expression: text in, a checked and compiled program out. The front door of the language.
#pragma once

#include <optional>
#include <string_view>

#include "engine/cel/eval/machine.h"
#include "engine/cel/eval/program.h"
#include "engine/cel/frontend/ast.h"
#include "engine/cel/frontend/checker.h"
#include "engine/cel/frontend/environment.h"
#include "engine/cel/frontend/issue.h"

namespace holdfast::cel {

struct Expression {
  ExprPtr tree;
  Type type;
  Program program;
};

// Nothing, with at least one issue, when `text` is wrong.
std::optional<Expression> CompileExpression(std::string_view text, const Environment& environment,
                                            Issues& issues, Checking checking = Checking::kStrict,
                                            const SlotCost& cost = {});

}  // namespace holdfast::cel
