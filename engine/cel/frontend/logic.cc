#include "engine/cel/frontend/logic.h"

#include <algorithm>
#include <limits>

#include "engine/base/check.h"
#include "engine/cel/eval/compiler.h"
#include "engine/cel/eval/operations.h"

namespace holdfast::cel {
namespace {

constexpr long double kInfinity = std::numeric_limits<long double>::infinity();
constexpr std::size_t kAlternativesMax = 32;

std::optional<long double> NumberOf(const Value& value) {
  switch (value.kind) {
    case Kind::kInt:
    case Kind::kDuration:
      return static_cast<long double>(value.integer);
    case Kind::kUint:
      return static_cast<long double>(value.uinteger);
    case Kind::kDouble:
      if (value.number != value.number) return std::nullopt;
      return static_cast<long double>(value.number);
    case Kind::kTimestamp:
      return static_cast<long double>(value.integer) * 1'000'000'000 + value.size;
    default:
      return std::nullopt;
  }
}

bool IsNumber(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kInt:
    case TypeKind::kUint:
    case TypeKind::kDouble:
    case TypeKind::kTimestamp:
    case TypeKind::kDuration:
      return true;
    default:
      return false;
  }
}

// True when a decimal expression cannot be NaN, for which only != holds. Facts are numbers, and
// sums and products of them too.
bool IsNumberForSure(const Expr& expr) {
  if (!expr.type.Is(TypeKind::kDouble) || expr.constant) return true;
  if (expr.meaning == Meaning::kSlot || expr.kind == ExprKind::kSelect) return true;
  if (expr.kind != ExprKind::kCall) return false;
  const bool sum = expr.name == op::kAdd || expr.name == op::kSubtract ||
                   expr.name == op::kMultiply || expr.name == op::kNegate || expr.name == "double";
  return sum && std::all_of(expr.args.begin(), expr.args.end(), [](const auto& arg) {
           return !arg->type.Is(TypeKind::kString) && IsNumberForSure(*arg);
         });
}

// The numbers that have the relation `name` to `number`.
std::optional<Domain> NumbersBy(const std::string& name, long double number) {
  if (name == op::kLess) return Domain::Numbers(-kInfinity, false, number, true);
  if (name == op::kLessEqual) return Domain::Numbers(-kInfinity, false, number, false);
  if (name == op::kGreater) return Domain::Numbers(number, true, kInfinity, false);
  if (name == op::kGreaterEqual) return Domain::Numbers(number, false, kInfinity, false);
  if (name == op::kEqual) return Domain::Numbers(number, false, number, false);
  if (name == op::kNotEqual) return Domain::NumbersBut(number);
  return std::nullopt;
}

// The relation that holds when `name` does not, or the one with swapped operands.
std::string Renamed(const std::string& name, bool opposite) {
  struct Names {
    const char *name, *opposite, *mirrored;
  };
  constexpr Names kNames[] = {{op::kLess, op::kGreaterEqual, op::kGreater},
                              {op::kLessEqual, op::kGreater, op::kGreaterEqual},
                              {op::kGreater, op::kLessEqual, op::kLess},
                              {op::kGreaterEqual, op::kLess, op::kLessEqual},
                              {op::kEqual, op::kNotEqual, op::kEqual},
                              {op::kNotEqual, op::kEqual, op::kNotEqual}};
  for (const Names& names : kNames) {
    if (name == names.name) return opposite ? names.opposite : names.mirrored;
  }
  return {};
}

}  // namespace

// ---- domains ------------------------------------------------------------------------------------

Domain Domain::Truths(bool with_false, bool with_true) {
  std::set<std::string> truths;
  if (with_false) truths.insert("false");
  if (with_true) truths.insert("true");
  return Texts(std::move(truths));
}

Domain Domain::Numbers(long double first, bool first_open, long double last, bool last_open) {
  Domain domain(Kind::kNumbers);
  const Span span{first, last, first_open, last_open};
  if (!span.IsEmpty()) domain.spans_.push_back(span);
  return domain;
}

Domain Domain::NumbersBut(long double number) {
  Domain domain(Kind::kNumbers);
  domain.spans_ = {{-kInfinity, number, false, true}, {number, kInfinity, true, false}};
  return domain;
}

bool Domain::IsEmpty() const {
  return kind_ == Kind::kNumbers ? spans_.empty() : kind_ == Kind::kTexts && texts_.empty();
}

Domain Domain::And(const Domain& other) const {
  HOLDFAST_CHECK(IsLike(other));
  if (kind_ == Kind::kNumbers) {
    Domain both(Kind::kNumbers);
    for (const Span& a : spans_) {
      for (const Span& b : other.spans_) {
        const bool a_first = a.first > b.first || (a.first == b.first && a.first_open);
        const bool a_last = a.last < b.last || (a.last == b.last && a.last_open);
        const Span span{a_first ? a.first : b.first, a_last ? a.last : b.last,
                        a_first ? a.first_open : b.first_open, a_last ? a.last_open : b.last_open};
        if (!span.IsEmpty()) both.spans_.push_back(span);
      }
    }
    return both;
  }
  if (kind_ == Kind::kTextsBut && other.kind_ == Kind::kTextsBut) {
    std::set<std::string> all = texts_;
    all.insert(other.texts_.begin(), other.texts_.end());
    return TextsBut(std::move(all));
  }
  if (kind_ == Kind::kTextsBut) return other.And(*this);
  std::set<std::string> kept;
  for (const std::string& text : texts_) {
    if (other.texts_.contains(text) == (other.kind_ == Kind::kTexts)) kept.insert(text);
  }
  return Texts(std::move(kept));
}

bool Domain::Within(const Domain& other) const {
  if (kind_ == Kind::kNumbers) {
    return std::all_of(spans_.begin(), spans_.end(), [&other](const Span& mine) {
      return std::any_of(other.spans_.begin(), other.spans_.end(), [&mine](const Span& theirs) {
        const bool first = theirs.first < mine.first ||
                           (theirs.first == mine.first && (!theirs.first_open || mine.first_open));
        const bool last = theirs.last > mine.last ||
                          (theirs.last == mine.last && (!theirs.last_open || mine.last_open));
        return first && last;
      });
    });
  }
  if (kind_ == Kind::kTexts) {
    return std::all_of(texts_.begin(), texts_.end(), [&other](const std::string& text) {
      return other.texts_.contains(text) == (other.kind_ == Kind::kTexts);
    });
  }
  return other.kind_ == Kind::kTextsBut &&
         std::includes(texts_.begin(), texts_.end(), other.texts_.begin(), other.texts_.end());
}

// ---- conditions ---------------------------------------------------------------------------------

class Normaliser {
 public:
  explicit Normaliser(const BoundsOf& bounds) : bounds_(bounds) {}

  std::optional<Condition> Run(const Expr& expr, bool wanted) {
    // Both sides of a choice are visited more than once.
    constexpr int kStepsMax = 5'000;
    if (++steps_ > kStepsMax) return std::nullopt;
    if (const auto constant = FoldConstant(expr, arena_)) {
      if (!constant->Is(Kind::kBool)) return std::nullopt;
      Condition condition;
      if (constant->boolean == wanted) condition.alternatives_.emplace_back();
      return condition;
    }
    if (expr.kind == ExprKind::kCall) {
      const std::string& name = expr.name;
      if (name == op::kNot) return Run(*expr.args[0], !wanted);
      if (name == op::kAnd || name == op::kOr) {
        const auto left = Run(*expr.args[0], wanted), right = Run(*expr.args[1], wanted);
        if (!left || !right) return std::nullopt;
        return (name == op::kAnd) == wanted ? left->And(*right) : Or(*left, *right);
      }
      if (name == op::kConditional) return RunConditional(expr, wanted);
      if (expr.args.size() == 2) {
        if (auto statement = Comparison(expr, wanted)) return *statement;
      }
    }
    // A statement by itself.
    return Statement(Unparse(expr), Domain::Truths(!wanted, wanted), {});
  }

 private:
  static std::optional<Condition> Or(Condition a, const Condition& b) {
    a.alternatives_.insert(a.alternatives_.end(), b.alternatives_.begin(), b.alternatives_.end());
    if (a.alternatives_.size() > kAlternativesMax) return std::nullopt;
    return a;
  }

  std::optional<Condition> RunConditional(const Expr& expr, bool wanted) {
    const auto yes = Run(*expr.args[0], true), no = Run(*expr.args[0], false);
    const auto then = Run(*expr.args[1], wanted), otherwise = Run(*expr.args[2], wanted);
    if (!yes || !no || !then || !otherwise) return std::nullopt;
    const auto a = yes->And(*then), b = no->And(*otherwise);
    return a && b ? Or(*a, *b) : std::nullopt;
  }

  // The statement that `about` is in `domain` and within `bounds`.
  static Condition Statement(std::string about, Domain domain,
                             const std::optional<Domain>& bounds) {
    if (bounds && domain.IsLike(*bounds)) domain = domain.And(*bounds);
    Condition condition;
    if (!domain.IsEmpty()) {
      condition.alternatives_.emplace_back();
      condition.alternatives_.back().emplace(std::move(about), std::move(domain));
    }
    return condition;
  }

  // All values that `expr` can have, where that is known.
  std::optional<Domain> AllOf(const Expr& expr) const {
    if (expr.kind == ExprKind::kCall && expr.name == "size") {
      return Domain::Numbers(0, false, kInfinity, false);
    }
    std::vector<std::string> words;
    if (expr.meaning == Meaning::kSlot && expr.kind != ExprKind::kHas) {
      const Bounds bounds = bounds_(expr.index);
      if (bounds.least) return Domain::Numbers(*bounds.least, false, kInfinity, false);
      words = bounds.words;
    } else if (expr.kind == ExprKind::kSelect && expr.index >= 0 &&
               expr.args[0]->type.Is(TypeKind::kRecord)) {
      words = expr.args[0]->type.record().fields[static_cast<std::size_t>(expr.index)].words;
    }
    if (words.empty()) return std::nullopt;
    return Domain::Texts({words.begin(), words.end()});
  }

  std::optional<Condition> Comparison(const Expr& expr, bool wanted) {
    const Expr *a = expr.args[0].get(), *b = expr.args[1].get();
    if (expr.name == op::kIn) return Membership(*a, *b, wanted);
    std::string name = expr.name;
    if (Renamed(name, true).empty()) return std::nullopt;
    if (!wanted) name = Renamed(name, true);
    if (a->constant && !b->constant) {
      std::swap(a, b);
      name = Renamed(name, false);
    }
    const auto constant = FoldConstant(*b, arena_);
    if (IsNumber(a->type) && IsNumber(b->type)) {
      if (!IsNumberForSure(*a) || !IsNumberForSure(*b)) return std::nullopt;
      if (constant) {
        const auto number = NumberOf(*constant);
        const auto domain = number ? NumbersBy(name, *number) : std::nullopt;
        if (!domain) return std::nullopt;
        return Statement(Unparse(*a), *domain, AllOf(*a));
      }
      // A comparison of two values, with the operands in a fixed order.
      std::string left = UnparseOperand(*a), right = UnparseOperand(*b);
      if (right < left) {
        std::swap(left, right);
        name = Renamed(name, false);
      }
      const auto domain = NumbersBy(name, 0);
      if (!domain) return std::nullopt;
      return Statement(left + " against " + right, *domain, {});
    }
    const bool equal = name == op::kEqual;
    if (!equal && name != op::kNotEqual) return std::nullopt;
    if (constant && constant->Is(Kind::kString) && a->type.Is(TypeKind::kString)) {
      std::set<std::string> texts = {std::string(constant->AsText())};
      return Statement(Unparse(*a),
                       equal ? Domain::Texts(std::move(texts)) : Domain::TextsBut(std::move(texts)),
                       AllOf(*a));
    }
    if (constant && constant->Is(Kind::kBool) && a->type.Is(TypeKind::kBool)) {
      return Run(*a, constant->boolean == equal);
    }
    if (constant) return std::nullopt;
    std::string left = UnparseOperand(*a), right = UnparseOperand(*b);
    if (right < left) std::swap(left, right);
    return Statement(left + " == " + right, Domain::Truths(!equal, equal), {});
  }

  std::optional<Condition> Membership(const Expr& a, const Expr& range, bool wanted) {
    const auto list = FoldConstant(range, arena_);
    if (!list || !list->Is(Kind::kList) || !a.type.Is(TypeKind::kString)) return std::nullopt;
    std::set<std::string> texts;
    for (const Value& element : list->AsList()) {
      if (!element.Is(Kind::kString)) return std::nullopt;
      texts.emplace(element.AsText());
    }
    return Statement(Unparse(a),
                     wanted ? Domain::Texts(std::move(texts)) : Domain::TextsBut(std::move(texts)),
                     AllOf(a));
  }

  const BoundsOf& bounds_;
  Arena arena_;
  int steps_ = 0;
};

std::optional<Condition> Condition::Of(const Expr& expr, bool is_true, const BoundsOf& bounds) {
  return Normaliser(bounds).Run(expr, is_true);
}

std::optional<Condition> Condition::And(const Condition& other) const {
  if (alternatives_.size() * other.alternatives_.size() > kAlternativesMax) return std::nullopt;
  Condition both;
  for (const Alternative& a : alternatives_) {
    for (const Alternative& b : other.alternatives_) {
      Alternative joined = a;
      bool possible = true;
      for (const auto& [about, domain] : b) {
        const auto [at, added] = joined.emplace(about, domain);
        if (added) continue;
        // One value is compared with numbers and with texts: its type is checked at run time.
        if (!at->second.IsLike(domain)) return std::nullopt;
        at->second = at->second.And(domain);
        possible = possible && !at->second.IsEmpty();
      }
      if (possible) both.alternatives_.push_back(std::move(joined));
    }
  }
  return both;
}

bool Condition::Implies(const Condition& other) const {
  return std::all_of(alternatives_.begin(), alternatives_.end(), [&other](const Alternative& mine) {
    return std::any_of(other.alternatives_.begin(), other.alternatives_.end(),
                       [&mine](const Alternative& theirs) {
                         return std::all_of(theirs.begin(), theirs.end(), [&mine](const auto& s) {
                           const auto found = mine.find(s.first);
                           return found != mine.end() && found->second.Within(s.second);
                         });
                       });
  });
}

std::vector<std::string> Condition::Statements() const {
  std::vector<std::string> all;
  if (alternatives_.empty()) return all;
  for (const auto& [about, domain] : alternatives_.front()) all.push_back(about);
  return all;
}

Truth TruthOf(const Expr& expr, const BoundsOf& bounds) {
  const auto when_true = Condition::Of(expr, true, bounds);
  if (when_true && when_true->IsNever()) return Truth::kNever;
  const auto when_false = Condition::Of(expr, false, bounds);
  return when_false && when_false->IsNever() ? Truth::kAlways : Truth::kOpen;
}

// ---- one form -----------------------------------------------------------------------------------

namespace {

void CollectTerms(const Expr& expr, const std::string& name, std::vector<std::string>& terms) {
  for (const auto& arg : expr.args) {
    if (arg->kind == ExprKind::kCall && arg->name == name) {
      CollectTerms(*arg, name, terms);
    } else {
      terms.push_back(CanonicalText(*arg));
    }
  }
}

std::string Joined(std::vector<std::string> terms, const char* open, const char* between) {
  std::sort(terms.begin(), terms.end());
  std::string text = open;
  for (std::size_t i = 0; i < terms.size(); ++i) text += (i > 0 ? between : "") + terms[i];
  return text + ")";
}

}  // namespace

std::string CanonicalText(const Expr& expr) {
  if (expr.kind != ExprKind::kCall) return Unparse(expr);
  if (expr.name == op::kAnd || expr.name == op::kOr) {
    std::vector<std::string> terms;
    CollectTerms(expr, expr.name, terms);
    return Joined(std::move(terms), "(", expr.name == op::kAnd ? " && " : " || ");
  }
  if (expr.name == op::kNot) return "!(" + CanonicalText(*expr.args[0]) + ")";
  if (expr.name == op::kIn && expr.args[1]->kind == ExprKind::kList) {
    std::vector<std::string> elements;
    for (const auto& element : expr.args[1]->args) elements.push_back(Unparse(*element));
    return Unparse(*expr.args[0]) + Joined(std::move(elements), " in (", ", ");
  }
  const std::string mirrored = Renamed(expr.name, false);
  if (mirrored.empty()) return Unparse(expr);
  const std::string left = Unparse(*expr.args[0]), right = Unparse(*expr.args[1]);
  const bool swap = right < left;
  return (swap ? right : left) + " " + (swap ? mirrored : expr.name) + " " + (swap ? left : right);
}

}  // namespace holdfast::cel
