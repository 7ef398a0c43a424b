#include "engine/decide/explain.h"

#include <algorithm>
#include <map>

#include "engine/cel/frontend/walker.h"
#include "engine/features/facts.h"

namespace holdfast {
namespace {

using cel::Expr;
using cel::ExprKind;
using cel::Value;
using State = ExplainedPart::State;

constexpr std::size_t kShownMax = 120;
constexpr std::string_view kNotNeeded = "not needed";

bool IsChain(const Expr& expr) {
  return expr.kind == ExprKind::kCall && (expr.name == cel::op::kAnd || expr.name == cel::op::kOr);
}

std::string Shortened(std::string text) {
  if (text.size() <= kShownMax) return text;
  std::size_t end = kShownMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

std::string Shown(const Value& value) {
  switch (value.kind) {
    case cel::Kind::kString:
      return "'" + Shortened(std::string(value.AsText())) + "'";
    case cel::Kind::kList:
      if (value.size > 0 && value.elements[0].Is(cel::Kind::kRecord)) {
        return std::to_string(value.size) + (value.size == 1 ? " item" : " items");
      }
      return Shortened(cel::ToText(value));
    default:
      return Shortened(cel::ToText(value));
  }
}

std::string NameOfFact(std::uint32_t fact, const Pack& pack) {
  if (fact >= kItemFactBase) return NameOfField(fact);
  return pack.environment.variables()[fact].name;
}

// Why a fact is missing, when the table of facts says so.
std::string WhyMissing(const Value& value, const Pack& pack) {
  std::string text;
  for (const std::uint32_t fact : value.Facts()) {
    if (!text.empty()) text += "; ";
    if (fact == cel::kFailureFact) {
      text += "a part of it failed";
      continue;
    }
    text += NameOfFact(fact, pack) + " is missing";
    if (fact < Facts().size()) text += " (" + std::string(Facts()[fact].missing_when) + ")";
  }
  return text;
}

class Explainer {
 public:
  Explainer(const Pack& pack, std::map<const Expr*, Value> values)
      : pack_(pack), values_(std::move(values)) {}

  ExplainedPart Part(const Expr& expr) {
    ExplainedPart part;
    part.text = cel::Unparse(expr);
    const auto found = values_.find(&expr);
    if (found == values_.end()) {
      part.value = kNotNeeded;
    } else if (found->second.Is(cel::Kind::kUnknown)) {
      part.state = State::kMissing;
      part.value = WhyMissing(found->second, pack_);
    } else if (found->second.Is(cel::Kind::kError)) {
      part.state = State::kFailed;
      part.value = std::string(found->second.AsText());
    } else {
      part.value = Shown(found->second);
    }
    part.chain = IsChain(expr);
    const bool loops = expr.kind == ExprKind::kComprehension || expr.kind == ExprKind::kBind;
    for (std::size_t i = 0; i < expr.args.size(); ++i) {
      if (loops && i > 0) break;  // evaluated once for every element
      AddParts(*expr.args[i], expr, part.parts);
    }
    return part;
  }

 private:
  // Skips constants and lists, whose values are plain to see.
  void AddParts(const Expr& expr, const Expr& whole, std::vector<ExplainedPart>& parts) {
    if (expr.constant || expr.meaning == cel::Meaning::kLocal) return;
    if (expr.type.Is(cel::TypeKind::kAbstract) && expr.type.name() == "set") return;
    // The terms of a chain of && or || are listed at one level.
    if (IsChain(whole) && expr.kind == ExprKind::kCall && expr.name == whole.name) {
      for (const auto& arg : expr.args) AddParts(*arg, expr, parts);
      return;
    }
    parts.push_back(Part(expr));
  }

  const Pack& pack_;
  std::map<const Expr*, Value> values_;
};

void AddTermsNotTrue(const ExplainedPart& part, std::vector<const ExplainedPart*>& terms) {
  if (part.state == State::kKnown && (part.value == "true" || part.value == kNotNeeded)) return;
  if (!part.chain) {
    terms.push_back(&part);
    return;
  }
  for (const ExplainedPart& inner : part.parts) AddTermsNotTrue(inner, terms);
}

void AddValuesBehind(const ExplainedPart& part, std::vector<const ExplainedPart*>& values) {
  for (const ExplainedPart& inner : part.parts) AddValuesBehind(inner, values);
  if (!part.parts.empty() || part.value == kNotNeeded) return;
  const bool seen = std::any_of(values.begin(), values.end(),
                                [&](const ExplainedPart* one) { return one->text == part.text; });
  if (!seen) values.push_back(&part);
}

}  // namespace

std::vector<const ExplainedPart*> TermsNotTrue(const ExplainedPart& condition) {
  std::vector<const ExplainedPart*> terms;
  AddTermsNotTrue(condition, terms);
  return terms;
}

std::vector<const ExplainedPart*> ValuesBehind(const ExplainedPart& part) {
  std::vector<const ExplainedPart*> values;
  AddValuesBehind(part, values);
  return values;
}

ExplainedPart ExplainCondition(const Expr& condition, const Pack& pack, const Value* slots,
                               Arena& arena) {
  std::map<const Expr*, Value> values;
  cel::Walker walker(slots, arena, [&values](const Expr& expr, const Value& value) {
    values.emplace(&expr, value);
  });
  walker.Evaluate(condition);
  if (walker.exhausted()) {
    return {cel::Unparse(condition),
            "not shown: there is too much to go through",
            State::kKnown,
            {},
            {}};
  }
  return Explainer(pack, std::move(values)).Part(condition);
}

}  // namespace holdfast
