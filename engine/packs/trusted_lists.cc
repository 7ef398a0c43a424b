#include "engine/packs/trusted_lists.h"

#include "engine/cel/frontend/ast.h"

namespace holdfast {
namespace {

using cel::Expr;

// Marks the lists of an expression. `helps`: the buyer gains when it is true.
void Mark(const Expr& expr, bool helps, Pack& pack) {
  if (expr.meaning == cel::Meaning::kSlot) {
    for (PackList& list : pack.lists) {
      if (list.slot == expr.index) list.trusted = list.trusted || helps;
    }
    return;
  }
  const bool is_not = expr.kind == cel::ExprKind::kCall && expr.name == cel::op::kNot;
  for (const auto& arg : expr.args) {
    if (arg != nullptr) Mark(*arg, is_not ? !helps : helps, pack);
  }
}

}  // namespace

void MarkTrustedLists(Pack& pack) {
  for (const Rule& rule : pack.rules) {
    if (rule.when.tree == nullptr) continue;
    const bool favours =
        rule.effect == Effect::kAllow || (rule.effect == Effect::kPoints && rule.points < 0);
    Mark(*rule.when.tree, favours, pack);
  }
}

}  // namespace holdfast
