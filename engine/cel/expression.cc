#include "engine/cel/expression.h"

#include "engine/cel/constant_check.h"
#include "engine/cel/frontend/parser.h"

namespace holdfast::cel {

std::optional<Expression> CompileExpression(std::string_view text, const Environment& environment,
                                            Issues& issues, Checking checking,
                                            const SlotCost& cost) {
  const std::size_t before = issues.size();
  Expression expression;
  expression.tree = Parse(text, issues);
  if (!expression.tree) return std::nullopt;
  expression.type = Check(*expression.tree, environment, checking, issues);
  if (issues.size() > before) return std::nullopt;
  expression.program = Compile(*expression.tree, issues, cost);
  if (issues.size() > before) return std::nullopt;
  return expression;
}

std::optional<Expression> CompileWritten(std::string_view text, const Environment& environment,
                                         Issues& issues, const SlotCost& cost,
                                         const std::vector<std::string>& zoned) {
  const std::size_t before = issues.size();
  auto expression = CompileExpression(text, environment, issues, Checking::kStrict, cost);
  if (expression) CheckConstants(*expression->tree, zoned, issues);
  return issues.size() == before ? std::move(expression) : std::nullopt;
}

}  // namespace holdfast::cel
