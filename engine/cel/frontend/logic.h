// Logic: what is certain about a condition before any order is seen: whether it can be true at all,
// and whether one condition implies another.
//
// Everything is meant of known facts: a condition that is "always" true is missing when its facts
// are. The answers are right where they say something, and often say nothing: what is not a
// comparison of a value with a constant counts as a statement of its own.
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
  // REQUIRES: both are of numbers, or both of texts and truths.
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

// What the host knows of a variable's values.
struct Bounds {
  std::vector<std::string> words;    // not empty: the only texts
  std::optional<long double> least;  // of numbers
};
using BoundsOf = std::function<Bounds(int slot)>;

// A condition as alternatives, each a set of statements that hold together.
class Condition {
 public:
  // `expr`, or its opposite. Nothing when it has too many alternatives to be looked at.
  // REQUIRES: the tree was compiled.
  static std::optional<Condition> Of(const Expr& expr, bool is_true, const BoundsOf& bounds);

  // Can it never be true?
  bool IsNever() const { return alternatives_.empty(); }
  // Whenever this is true, is `other`?
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

// The text of a condition without what does not matter even for missing facts: the order of terms
// and of the sides of a comparison, parentheses. Equal texts mean the same.
std::string CanonicalText(const Expr& expr);

enum class Truth : std::uint8_t { kOpen, kAlways, kNever };
Truth TruthOf(const Expr& expr, const BoundsOf& bounds);

}  // namespace holdfast::cel
