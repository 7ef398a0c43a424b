// Logic: what can be proved about a condition without an order: whether it can be true at all, and
// whether one condition implies another.
//
// All results assume known facts: a condition that is "always" true is missing when its facts are.
// A positive result is correct, but often there is none: anything other than a comparison of a
// value with a constant is treated as an independent statement.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/cel/frontend/ast.h"

namespace holdfast::cel {

// The values that something can have.
class Domain {
 public:
  static Domain Texts(std::set<std::string> texts) {
    return Domain(Kind::kTexts, std::move(texts));
  }
  static Domain TextsBut(std::set<std::string> texts) {
    return Domain(Kind::kTextsBut, std::move(texts));
  }
  static Domain Truths(bool with_false, bool with_true);
  // From `first` to `last`; an open end does not belong to it.
  static Domain Numbers(long double first, bool first_open, long double last, bool last_open);
  static Domain NumbersBut(long double number);

  bool IsEmpty() const;
  // Both are of numbers, or both of texts and truths.
  bool IsLike(const Domain& other) const {
    return (kind_ == Kind::kNumbers) == (other.kind_ == Kind::kNumbers);
  }
  // REQUIRES: IsLike(other).
  Domain And(const Domain& other) const;
  bool Within(const Domain& other) const;

 private:
  enum class Kind : std::uint8_t { kTexts, kTextsBut, kNumbers };
  struct Span {
    long double first, last;
    bool first_open, last_open;
    bool IsEmpty() const { return first > last || (first == last && (first_open || last_open)); }
  };
  explicit Domain(Kind kind, std::set<std::string> texts = {})
      : kind_(kind), texts_(std::move(texts)) {}

  Kind kind_;
  std::set<std::string> texts_;  // truths are the texts "true" and "false"
  std::vector<Span> spans_;      // in order, apart
};

// The known bounds of a variable's values.
struct Bounds {
  std::vector<std::string> words;    // not empty: the only texts
  std::optional<long double> least;  // of numbers
};
using BoundsOf = std::function<Bounds(int slot)>;

// A condition as alternatives, each a set of statements that hold together.
class Condition {
 public:
  // `expr`, of a tree that was checked, or its opposite. Nothing when it has too many alternatives
  // to be compared.
  static std::optional<Condition> Of(const Expr& expr, bool is_true, const BoundsOf& bounds);

  // True when the condition can never be true.
  bool IsNever() const { return alternatives_.empty(); }
  // True when `other` is true whenever this condition is.
  bool Implies(const Condition& other) const;
  // Both.
  std::optional<Condition> And(const Condition& other) const;

  // How much there is to compare.
  std::size_t size() const { return alternatives_.size(); }
  // What the statements of its first alternative are about: a condition that this one implies makes
  // statements about some of the same.
  std::vector<std::string> Statements() const;

 private:
  friend class Normaliser;
  using Alternative = std::map<std::string, Domain>;  // by what the statement is about
  std::vector<Alternative> alternatives_;
};

// The text of a condition in a canonical form that ignores the order of terms, the sides of a
// comparison and parentheses. Conditions with equal texts mean the same, also when facts are
// missing.
std::string CanonicalText(const Expr& expr);

enum class Truth : std::uint8_t { kOpen, kAlways, kNever };
Truth TruthOf(const Expr& expr, const BoundsOf& bounds);

}  // namespace holdfast::cel
