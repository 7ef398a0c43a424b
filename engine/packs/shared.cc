#include "engine/packs/shared.h"

#include <algorithm>
#include <map>

#include "engine/features/facts.h"

namespace holdfast {
namespace {

// The cost of reading a slot, in comparisons of two numbers. Rough, from what the getter of a fact
// does.
constexpr int kFactCost = 3, kItemsCost = 60, kMatchCost = 60, kHistoryCost = 40, kFeatureCost = 60,
              kSharedCost = 40;

// True when a value is worth a slot: a loop, or a call that costs more than reading a slot.
bool IsWorthIt(const cel::Expr& expr) {
  if (expr.constant) return false;
  if (expr.kind == cel::ExprKind::kComprehension) return true;
  if (expr.kind != cel::ExprKind::kCall || expr.function == nullptr ||
      expr.function->function == nullptr) {
    return false;
  }
  // The size of a list, and the start and end of a text, cost no more than reading a slot.
  return expr.name != "size" && expr.name != "double" && expr.name != "startsWith" &&
         expr.name != "endsWith";
}

// True when `expr` reads a variable of a loop around it.
bool ReadsOuterLocal(const cel::Expr& expr, std::vector<std::string_view>& own) {
  if (expr.meaning == cel::Meaning::kLocal) {
    return std::find(own.begin(), own.end(), expr.name) == own.end();
  }
  const std::size_t before = own.size();
  bool reads = false;
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    if (i == 1 &&
        (expr.kind == cel::ExprKind::kComprehension || expr.kind == cel::ExprKind::kBind)) {
      own.push_back(expr.name);
      if (!expr.second.empty()) own.push_back(expr.second);
    }
    reads = ReadsOuterLocal(*expr.args[i], own) || reads;
  }
  own.resize(before);
  return reads;
}

// The number of nodes of a tree, up to the size that is compared with others.
constexpr int kNodesMax = 64;
int CountNodes(const cel::Expr& expr, int count = 0) {
  ++count;
  for (std::size_t i = 0; i < expr.args.size() && count <= kNodesMax; ++i) {
    count = CountNodes(*expr.args[i], count);
  }
  return count;
}

using Places = std::map<std::string, std::vector<cel::Expr*>>;

void Collect(cel::Expr& expr, Places& places) {
  std::vector<std::string_view> own;
  if (IsWorthIt(expr) && CountNodes(expr) <= kNodesMax && !ReadsOuterLocal(expr, own))
    places[cel::Unparse(expr)].push_back(&expr);
  for (auto& arg : expr.args) Collect(*arg, places);
}

// Assigns slots to the outermost expressions that occur more than once. True when any has one.
bool Assign(cel::Expr& expr, const std::map<const cel::Expr*, int>& slots) {
  const auto found = slots.find(&expr);
  if (found != slots.end()) {
    expr.shared = found->second;
    return true;
  }
  bool any = false;
  for (auto& arg : expr.args) any = Assign(*arg, slots) || any;
  return any;
}

}  // namespace

cel::SlotCost CostOfSlots(const Pack& pack) {
  const auto* environment = &pack.environment;
  return [environment](int slot) {
    const auto index = static_cast<std::size_t>(slot);
    const auto facts = Facts();
    if (index >= environment->variables().size()) return kSharedCost;
    if (index >= facts.size()) {
      return environment->variables()[index].name.starts_with("lists.") ? 1 : kFeatureCost;
    }
    const std::string_view name = facts[index].name;
    if (name == "order.items" || name == "order.attributes") return kItemsCost;
    constexpr std::string_view kCompared[] = {"match.",  "similarity.", "differs.",
                                              "postal.", "phone.",      "note."};
    if (std::any_of(std::begin(kCompared), std::end(kCompared),
                    [name](std::string_view group) { return name.starts_with(group); })) {
      return kMatchCost;
    }
    return name.starts_with("buyer.") || name.starts_with("linked.") ? kHistoryCost : kFactCost;
  };
}

void ShareSubexpressions(Pack& pack) {
  Places places;
  for (Rule& rule : pack.rules) Collect(*rule.when.tree, places);
  std::map<const cel::Expr*, int> slots;
  int next = static_cast<int>(pack.environment.variables().size());
  std::vector<cel::Expr*> shared;
  for (const auto& [text, where] : places) {
    if (where.size() < 2) continue;
    for (const cel::Expr* expr : where) slots.emplace(expr, next);
    shared.push_back(where.front());
    ++next;
  }
  if (shared.empty()) return;
  const cel::SlotCost cost = CostOfSlots(pack);
  cel::Issues issues;
  // Compiled before slots are assigned, because a shared value is computed from facts only.
  for (cel::Expr* expr : shared) {
    pack.shared.push_back(cel::Compile(*expr, issues, cost));
  }
  for (Rule& rule : pack.rules) {
    if (Assign(*rule.when.tree, slots)) {
      rule.when.program = cel::Compile(*rule.when.tree, issues, cost);
    }
  }
}

}  // namespace holdfast
