// Points learnt from labels.
#include "engine/rescore/tune.h"

#include <doctest/doctest.h>

#include "engine/simulate/random.h"

namespace holdfast {
namespace {

constexpr std::int64_t kDay = 86'400 * kNanosPerSecond;

OrderCase Labelled(std::int64_t day, Label label, std::int64_t amount,
                   const std::vector<std::string>& rules) {
  OrderCase order;
  order.placed_at = {day * kDay};
  order.label = label;
  order.amount = amount;
  Ruling after;
  after.given = true;
  for (const std::string& rule : rules) after.hits.push_back({rule, Effect::kPoints, 20});
  order.rulings = std::make_shared<Rulings>(Ruling(), std::move(after));
  return order;
}

// A hundred days of orders: `risk` matches most fraud and few good ones, `noise` anything, `trust`
// good ones, `wrong` fraud although its author took it for trust.
Tuner Month(double fraud_share, std::uint64_t seed) {
  Random random(seed);
  Tuner tuner(100);
  for (int i = 0; i < 20'000; ++i) {
    const bool fraud = random.Below(1000) < static_cast<std::uint64_t>(fraud_share * 1000);
    std::vector<std::string> rules;
    if (random.Below(100) < (fraud ? 90U : 3U)) rules.emplace_back("risk");
    if (random.Below(100) < 30) rules.emplace_back("noise");
    if (random.Below(100) < (fraud ? 5U : 60U)) rules.emplace_back("trust");
    if (random.Below(100) < (fraud ? 50U : 10U)) rules.emplace_back("wrong");
    tuner.Add(Labelled(i / 200, fraud ? Label::kFraud : Label::kGood,
                       static_cast<std::int64_t>(5'000 + random.Below(50'000)), rules));
  }
  return tuner;
}

const std::map<std::string, int> kPoints = {
    {"risk", 20}, {"noise", 20}, {"trust", -20}, {"wrong", -20}};

int Suggested(const Tuning& tuning, const std::string& rule) {
  for (const TunedRule& one : tuning.rules) {
    if (one.rule == rule) return one.suggested;
  }
  FAIL("no such rule");
  return 0;
}

TEST_SUITE_BEGIN("rescore");

TEST_CASE("tune: rules that tell fraud get points, those that do not lose them") {
  const Tuning tuning = Month(0.04, 3).Suggest(kPoints, 50, {10, 1}, 0.3);
  CHECK(tuning.refused.empty());
  CHECK(tuning.earlier + tuning.later == 20'000);
  CHECK(tuning.later == doctest::Approx(6'000).epsilon(0.05));
  CHECK(Suggested(tuning, "risk") >= 50);
  CHECK(std::abs(Suggested(tuning, "noise")) <= 5);
  // Whatever the labels say, a rule keeps its author's sign.
  CHECK(Suggested(tuning, "trust") < 0);
  CHECK(Suggested(tuning, "wrong") == -1);
  CHECK(tuning.later_suggested.cost < tuning.later_now.cost);
  CHECK(tuning.later_suggested.fraud_passed < tuning.later_now.fraud_passed);
}

TEST_CASE("tune: what a false hold costs moves what is stopped") {
  std::uint64_t before = ~std::uint64_t{0};
  for (const double cost : {1.0, 50.0, 1000.0}) {
    const Tuning tuning = Month(0.04, 3).Suggest(kPoints, 50, {cost, 1}, 0.3);
    CHECK(tuning.earlier_suggested.good_stopped <= before);
    before = tuning.earlier_suggested.good_stopped;
  }
}

TEST_CASE("tune: nothing is suggested where it cannot be told, or costs more") {
  CHECK(Tuner(100).Suggest(kPoints, 50, {}, 0.3).refused.find("too few labels") !=
        std::string::npos);
  CHECK(Month(0, 3).Suggest(kPoints, 50, {}, 0.3).refused.find("too few labels") !=
        std::string::npos);
  CHECK(!Month(0.04, 3).Suggest({}, 50, {}, 0.3).refused.empty());
  CHECK(!Month(0.04, 3).Suggest(kPoints, 0, {}, 0.3).refused.empty());
  // What was learnt does not hold any more: the later orders say so.
  Tuner turned(100);
  for (int i = 0; i < 4000; ++i) {
    const bool later = i >= 2800, fraud = i % 10 == 0;
    turned.Add(
        Labelled(i / 100, fraud ? Label::kFraud : Label::kGood, 10'000,
                 fraud != later ? std::vector<std::string>{"risk"} : std::vector<std::string>{}));
  }
  CHECK(turned.Suggest({{"risk", 20}}, 50, {10, 1}, 0.3).refused.find("cost no more") !=
        std::string::npos);
}

TEST_CASE("tune: orders that a rule stops by itself teach nothing") {
  Tuner tuner = Month(0.04, 3);
  const Tuning without = tuner.Suggest(kPoints, 50, {}, 0.3);
  OrderCase held = Labelled(5, Label::kFraud, 1'000'000, {"noise"});
  Rulings firm = *held.rulings;
  firm.after.hits.push_back({"firm", Effect::kHold, 0});
  held.rulings = std::make_shared<Rulings>(std::move(firm));
  OrderCase unknown = Labelled(5, Label::kUnknown, 1'000'000, {"noise"});
  for (int i = 0; i < 1000; ++i) {
    tuner.Add(held);
    tuner.Add(unknown);
  }
  const Tuning with = tuner.Suggest(kPoints, 50, {}, 0.3);
  CHECK(with.earlier == without.earlier);
  for (const auto& [rule, points] : kPoints)
    CHECK(Suggested(with, rule) == Suggested(without, rule));
}

TEST_SUITE_END();

}  // namespace
}  // namespace holdfast
