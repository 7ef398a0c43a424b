#include "engine/decide/release_paths.h"

#include <algorithm>

#include "engine/features/facts.h"

namespace holdfast {
namespace {

// True when `expr` reads only facts that may still change. Sets `any` when it reads one.
bool IsChangeable(const cel::Expr& expr, bool& any) {
  if (expr.meaning == cel::Meaning::kSlot || expr.meaning == cel::Meaning::kOptionalSlot) {
    const auto facts = Facts();
    const auto slot = static_cast<std::size_t>(expr.index);
    // Lists are ignored: what changes is the fact that is looked up in them.
    if (slot >= facts.size()) return expr.type.Is(cel::TypeKind::kAbstract);
    any = any || facts[slot].changeable;
    return facts[slot].changeable;
  }
  return std::all_of(expr.args.begin(), expr.args.end(),
                     [&](const auto& arg) { return IsChangeable(*arg, any); });
}

const char* Opposite(const std::string& name) {
  constexpr std::pair<const char*, const char*> kOpposites[] = {
      {cel::op::kEqual, "!="},    {cel::op::kNotEqual, "=="}, {cel::op::kLess, ">="},
      {cel::op::kLessEqual, ">"}, {cel::op::kGreater, "<="},  {cel::op::kGreaterEqual, "<"}};
  for (const auto& [relation, opposite] : kOpposites) {
    if (name == relation) return opposite;
  }
  return nullptr;
}

std::string Negated(const cel::Expr& expr) {
  if (expr.kind == cel::ExprKind::kCall) {
    if (const char* opposite = Opposite(expr.name)) {
      return cel::UnparseOperand(*expr.args[0]) + " " + opposite + " " +
             cel::UnparseOperand(*expr.args[1]);
    }
    if (expr.has_target) return "!" + cel::Unparse(expr);
    return "!(" + cel::Unparse(expr) + ")";
  }
  return "!" + cel::UnparseOperand(expr);
}

ReleasePaths Either(ReleasePaths a, const ReleasePaths& b) {
  a.insert(a.end(), b.begin(), b.end());
  KeepShortest(a);
  return a;
}

ReleasePaths WaysTo(const cel::Expr& expr, bool wanted) {
  if (expr.kind == cel::ExprKind::kCall) {
    if (expr.name == cel::op::kNot) return WaysTo(*expr.args[0], !wanted);
    const bool is_and = expr.name == cel::op::kAnd;
    if (is_and || expr.name == cel::op::kOr) {
      const ReleasePaths left = WaysTo(*expr.args[0], wanted);
      const ReleasePaths right = WaysTo(*expr.args[1], wanted);
      return is_and == wanted ? CombinePaths(left, right) : Either(left, right);
    }
  }
  bool any = false;
  if (!IsChangeable(expr, any) || !any) return {};
  std::string condition = wanted ? cel::Unparse(expr) : Negated(expr);
  // A fact that becomes unknown releases nothing.
  if (condition.starts_with("!has(")) return {};
  return {{std::move(condition)}};
}

}  // namespace

ReleasePaths WaysToFalse(const cel::Expr& expr) { return WaysTo(expr, false); }

ReleasePaths CombinePaths(const ReleasePaths& a, const ReleasePaths& b) {
  ReleasePaths all;
  for (const ReleasePath& left : a) {
    for (const ReleasePath& right : b) {
      ReleasePath way = left;
      way.insert(way.end(), right.begin(), right.end());
      std::sort(way.begin(), way.end());
      way.erase(std::unique(way.begin(), way.end()), way.end());
      all.push_back(std::move(way));
    }
  }
  KeepShortest(all);
  return all;
}

void KeepShortest(ReleasePaths& ways) {
  std::sort(ways.begin(), ways.end(), [](const ReleasePath& a, const ReleasePath& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  ReleasePaths kept;
  for (ReleasePath& way : ways) {
    const bool longer = std::any_of(kept.begin(), kept.end(), [&](const ReleasePath& shorter) {
      return std::includes(way.begin(), way.end(), shorter.begin(), shorter.end());
    });
    if (!longer) kept.push_back(std::move(way));
    if (kept.size() == kWaysMax) break;
  }
  ways = std::move(kept);
}

}  // namespace holdfast
