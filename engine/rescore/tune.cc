#include "engine/rescore/tune.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace holdfast {
namespace {

// Orders in which the same rules matched.
struct Sample {
  std::vector<std::size_t> rules;  // by their place
  double fraud = 0, good = 0;
};

// Solves `a` x = `b` for a symmetric positive definite matrix by Cholesky decomposition. Empty: the
// matrix is not positive definite.
std::optional<std::vector<double>> Solve(std::vector<std::vector<double>> a,
                                         std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k <= i; ++k) {
      double sum = a[i][k];
      for (std::size_t m = 0; m < k; ++m) sum -= a[i][m] * a[k][m];
      if (i == k) {
        if (sum <= 0) return std::nullopt;
        a[i][i] = std::sqrt(sum);
      } else {
        a[i][k] = sum / a[k][k];
      }
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t m = 0; m < i; ++m) b[i] -= a[i][m] * b[m];
    b[i] /= a[i][i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t m = i + 1; m < n; ++m) b[i] -= a[m][i] * b[m];
    b[i] /= a[i][i];
  }
  return b;
}

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// The weights of `count` rules followed by the intercept. Rules that are not `used` have no weight.
std::optional<std::vector<double>> Fit(const std::vector<Sample>& samples, std::size_t count,
                                       const std::vector<bool>& used) {
  constexpr double kRidge = 1;
  constexpr int kRounds = 50;
  std::vector<std::size_t> place(count, count);
  std::size_t size = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (used[i]) place[i] = size++;
  }
  std::vector<double> weights(size + 1, 0);
  std::vector<std::size_t> on;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::vector<double>> hessian(size + 1, std::vector<double>(size + 1, 0));
    std::vector<double> gradient(size + 1, 0);
    for (const Sample& sample : samples) {
      on.clear();
      double x = weights[size];
      for (const std::size_t rule : sample.rules) {
        if (place[rule] == count) continue;
        on.push_back(place[rule]);
        x += weights[place[rule]];
      }
      on.push_back(size);
      const double p = Sigmoid(x), all = sample.fraud + sample.good;
      const double slope = sample.fraud - all * p, curve = all * p * (1 - p);
      for (const std::size_t i : on) {
        gradient[i] += slope;
        for (const std::size_t k : on) hessian[i][k] += curve;
      }
    }
    // The intercept is not regularised, because the share of fraud is not a property of rules.
    for (std::size_t i = 0; i < size; ++i) {
      gradient[i] -= kRidge * weights[i];
      hessian[i][i] += kRidge;
    }
    hessian[size][size] += 1e-9;
    const auto step = Solve(hessian, gradient);
    if (!step) return std::nullopt;
    double moved = 0;
    for (std::size_t i = 0; i <= size; ++i) {
      // A long step from far away overshoots.
      const double by = std::clamp((*step)[i], -4.0, 4.0);
      weights[i] += by;
      moved = std::max(moved, std::abs(by));
    }
    if (moved < 1e-8) break;
  }
  std::vector<double> all(count + 1, 0);
  for (std::size_t i = 0; i < count; ++i) {
    if (used[i]) all[i] = weights[place[i]];
  }
  all[count] = weights[size];
  return all;
}

}  // namespace

void Tuner::Add(const OrderCase& order) {
  if (order.label == Label::kUnknown || !order.after().given) return;
  Pattern pattern;
  for (const RuleHit& hit : order.after().hits) {
    const bool decides = hit.effect == Effect::kHold || hit.effect == Effect::kReject ||
                         hit.effect == Effect::kAllow;
    if (decides) return;
    if (hit.effect == Effect::kPoints) pattern.push_back(hit.rule);
  }
  std::sort(pattern.begin(), pattern.end());
  constexpr std::int64_t kSpan = 6 * 3600 * kNanosPerSecond;
  Counts& counts = spans_[order.placed_at.nanos / kSpan][std::move(pattern)];
  const auto label = static_cast<std::size_t>(order.label);
  ++counts.orders[label];
  counts.money[label] += static_cast<double>(order.amount.value_or(0)) / minor_;
}

Tuning Tuner::Suggest(const std::map<std::string, int>& now, int threshold, const TuneCosts& costs,
                      double later_share) const {
  Tuning tuning;
  std::uint64_t all = 0, seen = 0;
  for (const auto& [span, patterns] : spans_) {
    for (const auto& [pattern, counts] : patterns) all += counts.orders[0] + counts.orders[1];
  }
  struct Halves {
    Counts half[2];  // the earlier, the later
  };
  std::map<Pattern, Halves> halves;
  for (const auto& [span, patterns] : spans_) {
    const bool later = static_cast<double>(seen) >= static_cast<double>(all) * (1 - later_share);
    for (const auto& [pattern, counts] : patterns) {
      Counts& sum = halves[pattern].half[later ? 1 : 0];
      for (const std::size_t label : {0, 1}) {
        sum.orders[label] += counts.orders[label];
        sum.money[label] += counts.money[label];
        seen += counts.orders[label];
      }
    }
  }
  std::map<std::string, std::size_t> place;
  std::vector<std::string> names;
  for (const auto& [rule, points] : now) {
    place[rule] = names.size();
    names.push_back(rule);
    tuning.rules.push_back({rule, points, points, 0, 0});
  }
  std::vector<Sample> samples;
  double fraud = 0, good = 0, money = 0;
  for (const auto& [pattern, counts] : halves) {
    Sample sample;
    sample.fraud = static_cast<double>(counts.half[0].orders[0]);
    sample.good = static_cast<double>(counts.half[0].orders[1]);
    for (const std::string& rule : pattern) {
      const auto at = place.find(rule);
      if (at == place.end()) continue;
      sample.rules.push_back(at->second);
      tuning.rules[at->second].fraud += counts.half[0].orders[0];
      tuning.rules[at->second].good += counts.half[0].orders[1];
    }
    fraud += sample.fraud;
    good += sample.good;
    money += counts.half[0].money[0];
    tuning.later += counts.half[1].orders[0] + counts.half[1].orders[1];
    samples.push_back(std::move(sample));
  }
  tuning.earlier = static_cast<std::uint64_t>(fraud + good);

  const auto cost_of = [&](bool suggested, int later) {
    TuneOutcome outcome;
    for (const auto& [pattern, counts] : halves) {
      int score = 0;
      for (const std::string& rule : pattern) {
        const auto at = place.find(rule);
        if (at == place.end()) continue;
        const TunedRule& one = tuning.rules[at->second];
        score += suggested ? one.suggested : one.now;
      }
      const bool stopped = threshold > 0 && std::clamp(score, 0, 100) >= threshold;
      if (stopped) {
        outcome.good_stopped += counts.half[later].orders[1];
      } else {
        outcome.fraud_passed += counts.half[later].orders[0];
        outcome.lost += counts.half[later].money[0] * costs.loss;
      }
    }
    outcome.cost = outcome.lost + costs.false_hold * static_cast<double>(outcome.good_stopped);
    return outcome;
  };
  tuning.earlier_now = tuning.earlier_suggested = cost_of(false, 0);
  tuning.later_now = tuning.later_suggested = cost_of(false, 1);

  constexpr double kLeast = 30;
  if (names.empty() || threshold <= 0) {
    tuning.refused = "the pack has no rules of points with a threshold";
  } else if (fraud < kLeast || good < kLeast) {
    tuning.refused = "there are too few labels: " + std::to_string(static_cast<long>(fraud)) +
                     " orders of fraud and " + std::to_string(static_cast<long>(good)) +
                     " good ones among the earlier, 30 of each are the least";
  }
  if (!tuning.refused.empty()) return tuning;

  // Each order has the cost of a wrong decision as its weight. The sum of the weights is the number
  // of orders.
  const double unit = (fraud + good) / (money * costs.loss + good * costs.false_hold);
  std::size_t next = 0;
  for (const auto& [pattern, counts] : halves) {
    samples[next].fraud = counts.half[0].money[0] * costs.loss * unit;
    samples[next++].good *= costs.false_hold * unit;
  }

  // A weight with a sign other than the author's is rejected: the rule is left out and the others
  // are fitted again.
  std::vector<bool> used(names.size(), true);
  std::optional<std::vector<double>> weights;
  for (bool again = true; again;) {
    weights = Fit(samples, names.size(), used);
    if (!weights) break;
    again = false;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const double weight = (*weights)[i];
      if (!used[i] || (tuning.rules[i].now >= 0 ? weight >= 0 : weight <= 0)) continue;
      used[i] = false;
      again = true;
    }
  }
  if (!weights) {
    tuning.refused = "the labels do not tell the rules apart";
    return tuning;
  }
  // The weights give the ratios of the rules. How many points reach the threshold is chosen by the
  // lowest cost.
  std::vector<TunedRule> best = tuning.rules;
  tuning.earlier_suggested.cost = std::numeric_limits<double>::infinity();
  constexpr double kStep = 0.1, kMost = 12;  // of the log odds above those of no rule at all
  for (double reach = kStep; reach <= kMost; reach += kStep) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const double points = (*weights)[i] * threshold / reach;
      const int sign = tuning.rules[i].now < 0 ? -1 : 1;
      tuning.rules[i].suggested = static_cast<int>(std::lround(std::clamp(points, -100.0, 100.0)));
      // A rule with 0 points would do nothing. Its author decides whether it can be deleted.
      if (tuning.rules[i].suggested == 0) tuning.rules[i].suggested = sign;
    }
    const TuneOutcome outcome = cost_of(true, 0);
    if (outcome.cost >= tuning.earlier_suggested.cost) continue;
    tuning.earlier_suggested = outcome;
    best = tuning.rules;
  }
  tuning.rules = std::move(best);
  tuning.later_suggested = cost_of(true, 1);
  if (tuning.later_suggested.cost >= tuning.later_now.cost) {
    tuning.refused = "for the later orders the points there are cost no more";
  }
  return tuning;
}

}  // namespace holdfast
