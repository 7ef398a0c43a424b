#include "engine/packs/check_rules.h"

#include <algorithm>
#include <map>
#include <optional>

#include "engine/base/enum_names.h"
#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/features/facts.h"
#include "engine/features/functions.h"

namespace holdfast {
namespace {

using cel::Expr;
using cel::ExprKind;

bool IsCall(const Expr& expr, const char* name) {
  return expr.kind == ExprKind::kCall && expr.name == name;
}

bool IsComparison(const Expr& expr) {
  for (const char* name : {cel::op::kEqual, cel::op::kNotEqual, cel::op::kLess, cel::op::kLessEqual,
                           cel::op::kGreater, cel::op::kGreaterEqual, cel::op::kIn}) {
    if (IsCall(expr, name)) return true;
  }
  return false;
}

// ---- units of lists -----------------------------------------------------------------------------

Unit UnitOf(ListType type) {
  switch (type) {
    case ListType::kCountry:
      return Unit::kCountry;
    case ListType::kEmail:
      return Unit::kEmail;
    case ListType::kDomain:
      return Unit::kDomain;
    case ListType::kIp:
      return Unit::kIp;
    case ListType::kName:
      return Unit::kName;
    case ListType::kPhone:
      return Unit::kPhone;
    case ListType::kText:
      break;
  }
  return Unit::kText;
}

std::string_view PluralOf(ListType type) {
  constexpr std::string_view kPlurals[] = {
      "texts", "countries",    "e-mail addresses", "domains", "IP addresses and networks",
      "names", "phone numbers"};
  return NameIn(kPlurals, type);
}

std::string WithArticle(std::string_view noun) {
  const bool vowel = std::string_view("aeiouAEIO").find(noun.front()) != std::string_view::npos;
  return (vowel ? "an " : "a ") + std::string(noun);
}

// The fact to look up in a list of `unit` instead of `fact`. Empty: there is none.
std::string_view InsteadOf(const Fact& fact, Unit unit) {
  if (fact.unit == Unit::kEmail && unit == Unit::kDomain) return "email.domain";
  if (fact.unit == Unit::kDomain && unit == Unit::kEmail) return "email.canonical";
  if (fact.unit == Unit::kIp && unit == Unit::kCountry) return "geo.country";
  return {};
}

class ConditionChecker {
 public:
  ConditionChecker(const Pack& pack, const YamlFile& file, const YamlNode& node,
                   Diagnostics& diagnostics)
      : pack_(pack), file_(file), node_(node), diagnostics_(diagnostics) {}

  void Run(const Expr& expr) {
    CheckLists(expr);
    CheckLiterals(expr);
    const std::uint64_t rounds = RoundsOf(expr);
    const std::uint64_t limit = cel::MachineLimits().iterations;
    if (rounds <= limit) return;
    Report({"cost", expr.range,
            "its loops may go around " + Grouped(rounds) + " times, the limit is " + Grouped(limit),
            "loops within loops multiply; an order has at most " + Grouped(limits::kItems) +
                " items"});
  }

 private:
  void Report(cel::Issue issue) {
    diagnostics_.push_back(file_.At(Severity::kError, node_, issue));
  }

  // The list that `expr` reads, or null.
  const PackList* ListOf(const Expr& expr) const {
    if (expr.meaning != cel::Meaning::kSlot) return nullptr;
    const auto list = std::find_if(pack_.lists.begin(), pack_.lists.end(),
                                   [&](const PackList& l) { return l.slot == expr.index; });
    return list == pack_.lists.end() ? nullptr : &*list;
  }

  static bool IsSimilarity(const Expr& expr) {
    return IsCall(expr, kSimilarity) && expr.args.size() == 2;
  }

  // Checks that a list in similarity() is a list of names, and is not written as a text.
  void CheckSimilarity(const Expr& expr) {
    const Expr& other = *expr.args[1];
    if (const PackList* list = ListOf(other); list != nullptr && list->type != ListType::kName) {
      return Report({"list-type", expr.range,
                     "lists." + list->name + " holds " + std::string(PluralOf(list->type)) +
                         ", similarity() needs a list of names",
                     "give the list 'type: name'"});
    }
    const auto* text = std::get_if<std::string>(&other.literal);
    if (other.kind != ExprKind::kLiteral || text == nullptr) return;
    const bool is_list = std::any_of(pack_.lists.begin(), pack_.lists.end(),
                                     [text](const PackList& list) { return list.name == *text; });
    if (!is_list) return;
    Report({"list-type", expr.range, "'" + *text + "' is a text here, not the list of that name",
            "write lists." + *text});
  }

  void CheckLists(const Expr& expr) {
    for (const auto& arg : expr.args) CheckLists(*arg);
    if (IsSimilarity(expr)) return CheckSimilarity(expr);
    if (!IsCall(expr, cel::op::kIn)) return;
    const PackList* list = ListOf(*expr.args[1]);
    const Expr& looked_up = *expr.args[0];
    const auto slot = static_cast<std::size_t>(looked_up.index);
    if (list == nullptr || list->type == ListType::kText ||
        looked_up.meaning != cel::Meaning::kSlot || slot >= Facts().size()) {
      return;
    }
    const Fact& fact = Facts()[slot];
    const Unit unit = UnitOf(list->type);
    // An account id may be an e-mail address.
    const bool anything = fact.unit == Unit::kId || fact.unit == Unit::kText;
    if (fact.unit == unit || anything) return;
    const std::string_view instead = InsteadOf(fact, unit);
    Report({"list-type", expr.range,
            "lists." + list->name + " holds " + std::string(PluralOf(list->type)) + ", '" +
                std::string(fact.name) + "' is " + WithArticle(NameOf(fact.unit)),
            instead.empty() ? "" : "did you mean '" + std::string(instead) + "'?"});
  }

  // Checks that texts compared with a fact are in the form that the fact has.
  void CheckLiterals(const Expr& expr) {
    for (const auto& arg : expr.args) CheckLiterals(*arg);
    const bool equality = IsCall(expr, cel::op::kEqual) || IsCall(expr, cel::op::kNotEqual);
    if (!equality && !IsCall(expr, cel::op::kIn)) return;
    for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
      const Expr &fact = *expr.args[side], &other = *expr.args[1 - side];
      const auto slot = static_cast<std::size_t>(fact.index);
      if (fact.meaning != cel::Meaning::kSlot || fact.kind == ExprKind::kHas ||
          slot >= Facts().size()) {
        continue;
      }
      if (other.kind == ExprKind::kList) {
        for (const auto& element : other.args) CheckLiteral(Facts()[slot], *element);
      } else {
        CheckLiteral(Facts()[slot], other);
      }
    }
  }

  void CheckLiteral(const Fact& fact, const Expr& literal) {
    const auto* text = std::get_if<std::string>(&literal.literal);
    if (literal.kind != ExprKind::kLiteral || text == nullptr) return;
    const bool lower = fact.unit == Unit::kDomain || fact.name == "email.canonical";
    const ListType type = fact.unit == Unit::kCountry  ? ListType::kCountry
                          : fact.unit == Unit::kIp     ? ListType::kIp
                          : fact.unit == Unit::kDomain ? ListType::kDomain
                          : lower                      ? ListType::kEmail
                                                       : ListType::kText;
    if (type == ListType::kText) return;
    // Facts distinguish look-alike letters, and lists do not.
    const std::string entry =
        type == ListType::kEmail ? CanonicalEmail(*text) : NormaliseEntry(type, *text);
    const bool network = type == ListType::kIp && !ParseIp(entry);
    const std::string fault = FaultOfEntry(type, entry);
    if (entry == *text && fault.empty() && !network) return;
    std::string help = network && fault.empty() ? "write cidr('" + *text + "').containsIP(" +
                                                      std::string(fact.name) + ")"
                       : fault.empty() ? "write '" + entry + "'"
                                       : fault;
    Report({"unknown-word", literal.range, std::string(fact.name) + " is never '" + *text + "'",
            std::move(help)});
  }

  // The most elements that `expr` may have.
  std::uint64_t SizeOf(const Expr& expr) const {
    constexpr std::uint64_t kOther = 1'000;
    if (expr.kind == ExprKind::kList) return expr.args.size();
    if (expr.kind == ExprKind::kMap) return expr.args.size() / 2;
    if (expr.kind == ExprKind::kComprehension) return SizeOf(*expr.args[0]);
    if (expr.meaning == cel::Meaning::kSlot &&
        static_cast<std::size_t>(expr.index) < Facts().size()) {
      const std::string_view name = Facts()[static_cast<std::size_t>(expr.index)].name;
      if (name == "order.items") return limits::kItems;
      if (name == "order.attributes") return limits::kAttributes;
    }
    if (!IsCall(expr, "split")) return kOther;
    // The empty text between two separators is a part too.
    return LengthOf(*expr.args[0]) + 1;
  }

  // The most bytes that a text may have.
  static std::uint64_t LengthOf(const Expr& expr) {
    if (expr.kind == ExprKind::kSelect && expr.name == "sku") return limits::kIdBytes;
    const auto slot = static_cast<std::size_t>(expr.index);
    const bool is_long = expr.meaning != cel::Meaning::kSlot || slot >= Facts().size() ||
                         Facts()[slot].name == "order.note" || Facts()[slot].name == "message.text";
    return is_long && expr.kind != ExprKind::kSelect ? limits::kLongTextBytes : limits::kTextBytes;
  }

  // The most iterations of the loops of `expr` in one run. A comparison of names counts as several.
  std::uint64_t RoundsOf(const Expr& expr) const {
    constexpr std::uint64_t kNames = 20, kListOfNames = 2'000;
    std::uint64_t inside = 0, rounds = 0;
    if (IsSimilarity(expr)) rounds = ListOf(*expr.args[1]) != nullptr ? kListOfNames : kNames;
    const bool loops = expr.kind == ExprKind::kComprehension && expr.macro < cel::Macro::kOptMap;
    for (std::size_t i = 0; i < expr.args.size(); ++i) {
      (loops && i > 0 ? inside : rounds) += RoundsOf(*expr.args[i]);
    }
    if (!loops) return rounds + inside;
    const std::uint64_t size = SizeOf(*expr.args[0]);
    constexpr std::uint64_t kEnough = 1'000'000'000'000;
    if (inside > kEnough / std::max<std::uint64_t>(size, 1)) return kEnough;
    return rounds + size * (1 + inside);
  }

  const Pack& pack_;
  const YamlFile& file_;
  const YamlNode& node_;
  Diagnostics& diagnostics_;
};

// ---- rules compared with each other -------------------------------------------------------------

class RulesChecker {
 public:
  RulesChecker(const Pack& pack, const YamlFile& file, const std::vector<const YamlNode*>& whens,
               Diagnostics& diagnostics)
      : pack_(pack),
        file_(file),
        whens_(whens),
        diagnostics_(diagnostics),
        bounds_(BoundsOfValues(pack)) {}

  void Run() {
    for (std::size_t i = 0; i < pack_.rules.size(); ++i) {
      const Expr& condition = *pack_.rules[i].when.tree;
      // A condition that is always or never true was reported before.
      if (cel::TruthOf(condition, bounds_) == cel::Truth::kOpen) CheckTerms(condition, *whens_[i]);
      conditions_.push_back(cel::Condition::Of(*pack_.rules[i].when.tree, true, bounds_));
      // Other rules are found by the first statement of their condition.
      if (conditions_[i] && !conditions_[i]->Statements().empty()) {
        by_statement_[conditions_[i]->Statements().front()].push_back(i);
      }
    }
    for (std::size_t i = 0; i < pack_.rules.size() && compared_ < kComparedMax; ++i) CheckRule(i);
  }

 private:
  // Enough for any pack written by people. Limits the time for generated packs.
  static constexpr std::size_t kComparedMax = 3'000'000;

  void Warn(std::size_t rule, std::string code, std::string message, std::string help) {
    diagnostics_.push_back(file_.At(Severity::kWarning, std::move(code), *whens_[rule],
                                    std::move(message), std::move(help)));
  }
  void Warn(const YamlNode& node, const Expr& term, std::string_view code, std::string message,
            std::string help = {}) {
    diagnostics_.push_back(file_.At(Severity::kWarning, node,
                                    {code, term.range, std::move(message), std::move(help)}));
  }

  // ---- the terms of one condition

  // Reports comparisons whose result is certain from the possible values of facts, and terms that
  // other terms of their chain imply.
  void CheckTerms(const Expr& expr, const YamlNode& node) {
    if (IsComparison(expr)) {
      const cel::Truth truth = cel::TruthOf(expr, bounds_);
      if (truth != cel::Truth::kOpen) {
        const bool always = truth == cel::Truth::kAlways;
        Warn(node, expr, always ? "always-true" : "never-true",
             always ? "this is always true" : "this is never true",
             "it follows from what the fact can be; `holdfast rules fields` says it");
      }
      return;
    }
    if (IsCall(expr, cel::op::kAnd)) CheckChain(expr, node);
    for (const auto& arg : expr.args) CheckTerms(*arg, node);
  }

  static void CollectTerms(const Expr& expr, std::vector<const Expr*>& terms) {
    if (IsCall(expr, cel::op::kAnd)) {
      for (const auto& arg : expr.args) CollectTerms(*arg, terms);
    } else {
      terms.push_back(&expr);
    }
  }

  // Reports terms that another term of the same && implies.
  void CheckChain(const Expr& expr, const YamlNode& node) {
    std::vector<const Expr*> terms;
    CollectTerms(expr, terms);
    constexpr std::size_t kTermsMax = 30;
    if (terms.size() > kTermsMax || !seen_.insert(terms.front()).second) return;
    std::vector<std::optional<cel::Condition>> conditions;
    for (const Expr* term : terms) {
      conditions.push_back(cel::Condition::Of(*term, true, bounds_));
    }
    for (std::size_t i = 0; i < terms.size(); ++i) {
      for (std::size_t k = 0; k < terms.size(); ++k) {
        if (i == k || !conditions[i] || !conditions[k] || conditions[k]->IsNever()) continue;
        // Of two equal terms, the later one is reported.
        const bool same = conditions[i]->Implies(*conditions[k]);
        if (!conditions[k]->Implies(*conditions[i]) || (same && i < k)) continue;
        if (cel::TruthOf(*terms[i], bounds_) != cel::Truth::kOpen) continue;  // reported before
        Warn(node, *terms[i], "always-true",
             "this is always true where '" + cel::Unparse(*terms[k]) + "' is", "leave it out");
        break;
      }
    }
  }

  // ---- rules

  void CheckRule(std::size_t i) {
    const Rule& rule = pack_.rules[i];
    if (!conditions_[i] || conditions_[i]->IsNever() || rule.shadow) return;
    // If this condition implies another one, both have a statement about the same thing.
    for (const std::string& statement : conditions_[i]->Statements()) {
      const auto others = by_statement_.find(statement);
      if (others == by_statement_.end()) continue;
      for (const std::size_t k : others->second) {
        const Rule& other = pack_.rules[k];
        if (i == k || other.shadow || !conditions_[k]) continue;
        compared_ += conditions_[i]->size() * conditions_[k]->size();
        if (compared_ > kComparedMax) return;
        if (!conditions_[i]->Implies(*conditions_[k])) continue;
        if (Compare(i, k, conditions_[k]->Implies(*conditions_[i]))) return;
      }
    }
  }

  // Rule i matches only where rule k does. True when a finding was reported and no other is needed.
  bool Compare(std::size_t i, std::size_t k, bool same) {
    const Rule &rule = pack_.rules[i], &other = pack_.rules[k];
    // If a fact is missing, this rule may do something that the other does not.
    if (rule.on_missing != OnMissing::kSkip && rule.on_missing != other.on_missing) return false;
    if (other.effect == Effect::kReject && rule.effect != Effect::kReject) {
      Warn(i, "unreachable", "every order that matches is rejected by '" + other.id + "'",
           "narrow '" + other.id + "', or delete this rule");
      return true;
    }
    const bool alike = rule.effect == other.effect && rule.cause == other.cause &&
                       rule.ask == other.ask && rule.hard == other.hard &&
                       rule.deadline == other.deadline && rule.on_deadline == other.on_deadline;
    if (!alike || rule.effect == Effect::kAdvise) return false;
    if (same) {
      // Reported once, for the later rule.
      if (i < k) return false;
      Warn(i, "duplicate-condition", "the rule '" + other.id + "' has the same condition",
           "make one rule of both");
      return true;
    }
    if (rule.effect == Effect::kPoints) return false;  // the points of both count
    Warn(i, "unreachable", "whenever it matches, '" + other.id + "' does too, and does the same",
         "delete this rule, or narrow '" + other.id + "'");
    return true;
  }

  const Pack& pack_;
  const YamlFile& file_;
  const std::vector<const YamlNode*>& whens_;
  Diagnostics& diagnostics_;
  cel::BoundsOf bounds_;
  std::vector<std::optional<cel::Condition>> conditions_;
  std::map<std::string, std::vector<std::size_t>> by_statement_;
  std::set<const Expr*> seen_;  // chains, by their first term
  std::size_t compared_ = 0;
};

}  // namespace

cel::BoundsOf BoundsOfValues(const Pack& pack) {
  return [&pack](int slot) {
    cel::Bounds bounds;
    const auto index = static_cast<std::size_t>(slot);
    const auto facts = Facts();
    bounds.words = pack.environment.variables()[index].words;
    if (index < facts.size()) {
      if (const auto least = LeastOf(facts[index])) bounds.least = *least;
    } else if (index >= facts.size() + pack.lists.size()) {
      const Feature& feature = pack.features.features[index - facts.size() - pack.lists.size()];
      if (feature.op == FeatureOp::kCount || feature.op == FeatureOp::kDistinct) bounds.least = 0;
    }
    return bounds;
  };
}

void CheckCondition(const cel::Expr& condition, const Pack& pack, const YamlFile& file,
                    const YamlNode& node, Diagnostics& diagnostics) {
  ConditionChecker(pack, file, node, diagnostics).Run(condition);
}

void CheckRules(const Pack& pack, const YamlFile& file, const std::vector<const YamlNode*>& whens,
                Diagnostics& diagnostics) {
  RulesChecker(pack, file, whens, diagnostics).Run();
}

}  // namespace holdfast
