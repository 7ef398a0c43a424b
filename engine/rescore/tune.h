// Tune: suggests points and a threshold for the existing rules, learned from labelled orders.
//
// It fits a logistic regression with a ridge penalty (Hoerl and Kennard, 1970; le Cessie and van
// Houwelingen, 1992) on which points rules matched, by Newton's method, on the earlier orders. The
// later orders test the result. The sign of a rule's points does not change. Orders that a rule
// holds, rejects or allows by itself are left out, because points do not change them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/rescore/order_case.h"

namespace holdfast {

struct TuneCosts {
  double false_hold = 10;  // of a good order that is stopped, in the base currency
  double loss = 1;         // of an order that is fraud and passes, as a share of its amount
};

struct TunedRule {
  std::string rule;
  int now = 0, suggested = 0;         // points
  std::uint64_t fraud = 0, good = 0;  // earlier orders that it matched
};

// What a set of points costs.
struct TuneOutcome {
  std::uint64_t fraud_passed = 0, good_stopped = 0;
  double lost = 0, cost = 0;  // in the base currency
};

struct Tuning {
  std::vector<TunedRule> rules;          // by name
  std::uint64_t earlier = 0, later = 0;  // orders with a label
  TuneOutcome earlier_now, earlier_suggested, later_now, later_suggested;
  // Empty, or why nothing is suggested.
  std::string refused;
};

// Counts orders by the rules that matched and by quarters of days, so that memory depends on the
// number of patterns, not of orders.
class Tuner {
 public:
  // `minor`: minor units in one of the base currency.
  explicit Tuner(double minor) : minor_(minor) {}

  void Add(const OrderCase& order);
  // `now`: the points of the pack's rules, `threshold` its own. `later`: the share of the orders,
  // by whole quarters of days, on which what was learnt from the others is tried.
  Tuning Suggest(const std::map<std::string, int>& now, int threshold, const TuneCosts& costs,
                 double later) const;

 private:
  using Pattern = std::vector<std::string>;  // the rules of points that matched, sorted
  struct Counts {
    // Of fraud and of good orders; their money in the base currency.
    std::uint64_t orders[2] = {};
    double money[2] = {};
  };

  const double minor_;
  std::map<std::int64_t, std::map<Pattern, Counts>> spans_;
};

}  // namespace holdfast
