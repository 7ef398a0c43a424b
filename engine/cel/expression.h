// Expression: text in, a checked and compiled program out. The front door of the language.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// As CompileExpression, and constant calls that can only fail are issues too. `zoned`: see
// CheckConstants. For what people write.
std::optional<Expression> CompileWritten(std::string_view text, const Environment& environment,
                                         Issues& issues, const SlotCost& cost = {},
                                         const std::vector<std::string>& zoned = {});

}  // namespace holdfast::cel
