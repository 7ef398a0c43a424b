#include "engine/packs/trusted_lists.h"

#include <cstddef>
#include <optional>
#include <variant>

#include "engine/cel/frontend/ast.h"

namespace holdfast {
namespace {

using cel::Expr;

// How the value of an expression counts: for the buyer when it is true (or greater), when it is
// false (or less), or not known here.
enum class Helps { kTrue, kFalse, kUnknown };

Helps Opposite(Helps helps) {
  return helps == Helps::kTrue    ? Helps::kFalse
         : helps == Helps::kFalse ? Helps::kTrue
                                  : Helps::kUnknown;
}

std::optional<bool> TruthOf(const Expr& expr) {
  const bool* truth = std::get_if<bool>(&expr.literal);
  return expr.kind == cel::ExprKind::kLiteral && truth != nullptr ? std::optional(*truth)
                                                                  : std::nullopt;
}

// How the argument `at` of a call counts, when the call counts as `helps`.
Helps OfArgument(const Expr& call, std::size_t at, Helps helps) {
  namespace op = cel::op;
  const auto is = [&call](const char* name) { return call.name == name; };
  if (is(op::kNot)) return Opposite(helps);
  if (is(op::kLess) || is(op::kLessEqual)) return at == 0 ? Opposite(helps) : helps;
  if (is(op::kGreater) || is(op::kGreaterEqual)) return at == 0 ? helps : Opposite(helps);
  if (is(op::kEqual) || is(op::kNotEqual)) {
    const auto truth = TruthOf(*call.args[1 - at]);
    if (!truth) return Helps::kUnknown;
    return *truth == is(op::kEqual) ? helps : Opposite(helps);
  }
  if (is(op::kConditional) && at == 0) {
    const auto then = TruthOf(*call.args[1]), otherwise = TruthOf(*call.args[2]);
    const auto truth = then ? then : otherwise ? std::optional(!*otherwise) : std::nullopt;
    if (!truth) return Helps::kUnknown;
    return *truth ? helps : Opposite(helps);
  }
  return helps;
}

// Marks the lists of an expression. Where it is not known for whom a list counts, it is trusted.
void Mark(const Expr& expr, Helps helps, Pack& pack) {
  if (expr.meaning == cel::Meaning::kSlot) {
    for (PackList& list : pack.lists) {
      if (list.slot == expr.index) list.trusted = list.trusted || helps != Helps::kFalse;
    }
    return;
  }
  const bool is_call = expr.kind == cel::ExprKind::kCall;
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    if (expr.args[i] == nullptr) continue;
    Mark(*expr.args[i], is_call ? OfArgument(expr, i, helps) : helps, pack);
  }
}

}  // namespace

void MarkTrustedLists(Pack& pack) {
  for (const Rule& rule : pack.rules) {
    if (rule.when.tree == nullptr) continue;
    const bool favours =
        rule.effect == Effect::kAllow || (rule.effect == Effect::kPoints && rule.points < 0);
    Mark(*rule.when.tree, favours ? Helps::kTrue : Helps::kFalse, pack);
  }
  // Evidence of the packing is asked for when the condition is true.
  if (pack.evidence && pack.evidence->tree != nullptr) {
    Mark(*pack.evidence->tree, Helps::kFalse, pack);
  }
  for (const auto& [kind, name] : pack.review.trust_lists) {
    for (PackList& list : pack.lists) list.trusted = list.trusted || list.name == name;
  }
}

}  // namespace holdfast
