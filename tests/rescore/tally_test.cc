// What orders come to, without a log.
#include "engine/rescore/tally.h"

#include <doctest/doctest.h>

#include "engine/rescore/flips.h"
#include "engine/rescore/order_counter.h"
#include "engine/rescore/rows.h"
#include "engine/rescore/summary.h"
#include "engine/simulate/random.h"

namespace holdfast {
namespace {

Ruling Held(std::vector<RuleHit> hits, int score = 0) {
  return {true, Outcome::kHold, Cause::kReview, score, false, std::move(hits)};
}

// An order with anything in it.
OrderCase Any(Random& random) {
  const char* rules[] = {"a", "b", "c", "d"};
  const auto ruling = [&] {
    Ruling made;
    made.given = random.Below(10) > 0;
    if (!made.given) return made;
    made.outcome = static_cast<Outcome>(random.Below(3));
    made.cause =
        made.outcome == Outcome::kHold ? static_cast<Cause>(1 + random.Below(13)) : Cause::kNone;
    made.ends = random.Below(4) == 0;
    for (const char* rule : rules) {
      if (random.Below(2) == 0) continue;
      const int points = static_cast<int>(random.Below(60)) - 20;
      const bool scores = random.Below(2) == 0;
      made.hits.push_back({rule, scores ? Effect::kPoints : Effect::kHold, scores ? points : 0});
      made.score += scores ? points : 0;
    }
    made.score = std::clamp(made.score, 0, 100);
    if (made.score >= 50) made.hits.push_back({"threshold", Effect::kThreshold, 0});
    return made;
  };
  OrderCase order;
  order.merchant = random.Below(2) == 0 ? "acme" : "other";
  order.order_id = std::to_string(random.Below(1'000'000));
  order.placed_at = {static_cast<std::int64_t>(random.Below(1'000'000)) * 1'000'000'000'000};
  order.amount = static_cast<std::int64_t>(random.Below(100'000));
  order.label = static_cast<Label>(random.Below(3));
  order.immature = random.Below(2) == 0;
  order.sent = random.Below(2) == 0;
  const Ruling before = ruling();
  order.rulings = std::make_shared<Rulings>(before, random.Below(2) == 0 ? before : ruling());
  return order;
}

TEST_SUITE_BEGIN("rescore");

// Goal:   results of parts add up to that of the whole, and survive their file.
// Method: random orders, all in one tally, and spread over five.
TEST_CASE("rescore: tallies of parts are the tally of the whole") {
  Random random(11);
  Tally whole;
  std::array<Tally, 5> parts;
  OrderCounter all(whole, 50);
  for (int i = 0; i < 2000; ++i) {
    const OrderCase order = Any(random);
    all.Add(order);
    OrderCounter(parts[random.Below(5)], 50).Add(order);
  }
  Tally sum;
  for (const Tally& part : parts) {
    const auto document = JsonDocument::Parse(part.Json());
    REQUIRE(document.has_value());
    const auto read = Tally::Read(document->root());
    REQUIRE(read.has_value());
    CHECK(*read == part);
    sum += *read;
  }
  CHECK(sum == whole);
  CHECK(sum.Json() == whole.Json());
  const auto damaged = JsonDocument::Parse(R"({"events":"x"})");
  CHECK(!Tally::Read(damaged->root()).has_value());
}

// Goal:   what is remembered of rulings is bounded, and what is forgotten is counted as before.
// Method: more unlike rulings than are remembered, counted by one and each by a counter of its own.
TEST_CASE("rescore: orders that are all unlike are counted") {
  Random random(23);
  Tally together, apart;
  OrderCounter counter(together, 50);
  RulingsPool pool;
  const std::string none = [] {
    std::string bytes;
    PutRuling({}, bytes);
    return bytes;
  }();
  for (int i = 0; i < 3000; ++i) {
    Ruling ruling = Held({}, i % 101);
    for (int rule = 0; rule < 40; ++rule) {
      if (random.Below(2) == 0) continue;
      ruling.hits.push_back({"r" + std::to_string(rule), Effect::kHold, 0});
    }
    std::string bytes;
    PutRuling(ruling, bytes);
    OrderCase order;
    order.merchant = "acme";
    order.amount = i;
    order.rulings = pool.Of(none, bytes);
    REQUIRE(order.rulings != nullptr);
    REQUIRE(order.after() == ruling);
    // An order as before comes again at once.
    for (int again = 0; again < 2; ++again) {
      counter.Add(order);
      OrderCounter(apart, 50).Add(order);
    }
  }
  CHECK(together == apart);
  CHECK(together.orders.All().orders == 6000);
}

// Method: far more unlike pairs than a pool remembers; some are kept in use the whole time.
TEST_CASE("rescore: rulings in use outlive a pool that is emptied") {
  RulingsPool pool;
  std::vector<std::shared_ptr<const Rulings>> kept;
  const auto ruling = [](int i) {
    return Held({{"rule-" + std::to_string(i), Effect::kHold, 0}}, i % 101);
  };
  for (int i = 0; i < 60'000; ++i) {
    std::string before, after;
    PutRuling(ruling(i), before);
    PutRuling(ruling(i + 1), after);
    const auto rulings = pool.Of(before, after);
    REQUIRE(rulings != nullptr);
    REQUIRE(rulings->before == ruling(i));
    REQUIRE(rulings->after == ruling(i + 1));
    REQUIRE(pool.Of(before, after) == rulings);
    if (i % 1000 == 0) kept.push_back(rulings);
    CHECK(pool.Of(before, after.substr(1)) == nullptr);
  }
  for (int i = 0; i < 60; ++i) CHECK(kept[static_cast<std::size_t>(i)]->before == ruling(i * 1000));
}

TEST_CASE("rescore: rows give back what was set down") {
  Random random(5);
  RulingsPool pool;
  for (int i = 0; i < 500; ++i) {
    const OrderCase order = Any(random);
    CaseBuilder builder;
    RuledRow row;
    row.offset = 7;
    row.placed_at = order.placed_at;
    row.amount = order.amount;
    std::string before, after, bytes, late_bytes, late_ruling;
    PutRuling(order.before(), before);
    PutRuling(order.after(), after);
    row.before = before;
    row.after = after;
    PutRow(row, bytes);
    REQUIRE(builder.Add(bytes).has_value());
    // What came too late changes nothing, and cut off it is an error.
    RuledRow late = row;
    late.late = true;
    PutRuling(Held({{"late", Effect::kHold, 0}}), late_ruling);
    late.after = late_ruling;
    PutRow(late, late_bytes);
    REQUIRE(builder.Add(late_bytes).has_value());
    CHECK(!CaseBuilder().Add(bytes.substr(0, bytes.size() - 1)).has_value());
    const auto built = builder.Build("acme", "1", EventTime{}, pool);
    REQUIRE(built.has_value());
    CHECK(built->before() == order.before());
    CHECK(built->after() == order.after());
    CHECK(built->amount == order.amount);
  }
}

TEST_CASE("rescore: labels come from complaints, people, time and files, in that order of weight") {
  RuledRow row;
  row.placed_at = EventTime{100};
  std::string none;
  PutRuling({}, none);
  row.before = row.after = none;
  const auto label = [&](std::vector<Evidence> evidence, EventTime mature) {
    CaseBuilder builder;
    std::vector<std::string> rows(1 + evidence.size());
    PutRow(row, rows[0]);
    for (std::size_t i = 0; i < evidence.size(); ++i) PutRow(evidence[i], rows[i + 1]);
    for (const std::string& bytes : rows) (void)builder.Add(bytes);
    RulingsPool pool;
    return builder.Build("acme", "1", mature, pool).value().label;
  };
  const EventTime old{200}, young{50};
  CHECK(label({}, old) == Label::kUnknown);  // never sent: there can be no complaint
  CHECK(label({Evidence::kSent}, old) == Label::kGood);
  CHECK(label({Evidence::kSent}, young) == Label::kUnknown);
  CHECK(label({Evidence::kReleased}, young) == Label::kGood);
  CHECK(label({Evidence::kReleased, Evidence::kSent, Evidence::kDisputed}, old) == Label::kFraud);
  CHECK(label({Evidence::kDisputed, Evidence::kGood}, old) == Label::kGood);
  // Of what belongs together the last word counts.
  CHECK(label({Evidence::kSent, Evidence::kDisputed, Evidence::kUndisputed}, old) == Label::kGood);
  CHECK(label({Evidence::kTakenBack, Evidence::kGivenBack}, old) == Label::kUnknown);
  CHECK(label({Evidence::kRejected}, old) == Label::kFraud);
  CHECK(label({Evidence::kRejected, Evidence::kReleased}, old) == Label::kGood);
  CHECK(label({Evidence::kReleased, Evidence::kLeft, Evidence::kSent}, old) == Label::kUnknown);
  CHECK(label({Evidence::kSent, Evidence::kFraud}, old) == Label::kFraud);
}

TEST_CASE("rescore: a rule is needed where nothing else would stop the order") {
  using Names = std::vector<std::string>;
  CHECK(Needed(Held({{"a", Effect::kHold, 0}}), 50) == Names{"a"});
  CHECK(Needed(Held({{"a", Effect::kHold, 0}, {"b", Effect::kHold, 0}}), 50) == Names{});
  const RuleHit threshold{"threshold", Effect::kThreshold, 0};
  CHECK(Needed(Held({{"a", Effect::kPoints, 30}, {"b", Effect::kPoints, 25}, threshold}, 55), 50) ==
        Names{"a", "b"});
  CHECK(Needed(Held({{"a", Effect::kPoints, 60}, {"b", Effect::kPoints, 5}, threshold}, 65), 50) ==
        Names{"a"});
  CHECK(Needed(Held({{"a", Effect::kHold, 0}, {"b", Effect::kPoints, 60}, threshold}, 60), 50) ==
        Names{});
  // Points that did not reach the threshold stop nothing.
  Tally tally;
  OrderCase order;
  order.rulings = std::make_shared<Rulings>(
      Ruling(), Held({{"a", Effect::kHold, 0}, {"b", Effect::kPoints, 5}}, 5));
  OrderCounter(tally, 50).Add(order);
  CHECK(tally.rules["a"].stops.All().orders == 1);
  CHECK(tally.rules["b"].stops.All().orders == 0);
  CHECK(tally.overlap.empty());
  // An order that waits for its money alone is stopped by no rule.
  CHECK(!Held({{"funds", Effect::kFunds, 0}}).Stopped());
}

// Goal:   at the pack's own threshold the curve says what the pack does.
// Method: orders of every kind: held by score, by rules, for their money, allowed in spite of both.
TEST_CASE("rescore: the threshold curve agrees with what is stopped") {
  const RuleHit threshold{"threshold", Effect::kThreshold, 0}, funds{"funds", Effect::kFunds, 0};
  const RuleHit many{"p", Effect::kPoints, 65}, few{"p", Effect::kPoints, 10};
  const RuleHit firm{"f", Effect::kHold, 0}, vip{"v", Effect::kAllow, 0};
  Tally tally;
  OrderCounter counter(tally, 50);
  const auto add = [&](Outcome outcome, std::vector<RuleHit> hits, int score) {
    OrderCase order;
    order.label = Label::kGood;
    order.amount = 100;
    Ruling ruling = Held(std::move(hits), score);
    ruling.outcome = outcome;
    order.rulings = std::make_shared<Rulings>(ruling, ruling);
    counter.Add(order);
  };
  add(Outcome::kHold, {threshold, many}, 65);
  add(Outcome::kHold, {firm, few}, 10);
  add(Outcome::kHold, {firm, threshold, many}, 65);
  add(Outcome::kHold, {funds, few}, 10);
  add(Outcome::kHold, {funds, threshold, many}, 65);
  add(Outcome::kShip, {vip, threshold, many}, 65);
  add(Outcome::kShip, {few}, 10);
  const Confusion own = ConfusionOf(tally.orders, tally.stopped_after, tally.waiting_after);
  CHECK(own.good_stopped.orders == 4);
  CHECK(own.good_passed.orders == 2);  // and one waits for its money
  const Confusion curve = AtThreshold(tally, 50);
  CHECK(curve.good_stopped == own.good_stopped);
  CHECK(curve.good_passed == own.good_passed);
  CHECK(AtThreshold(tally, 5).good_stopped.orders == 6);
  CHECK(AtThreshold(tally, 0).good_stopped.orders == 2);
}

TEST_CASE("rescore: why two rulings differ") {
  Rulings order;
  order.before = Held({{"a", Effect::kPoints, 35}, {"b", Effect::kHold, 0}});
  order.after = Held(
      {{"a", Effect::kPoints, 60}, {"c", Effect::kPoints, 5}, {"threshold", Effect::kThreshold, 0}},
      65);
  CHECK(Why(order) == std::vector<std::string>{"a 35>60", "+c", "-b"});
  // Where only the threshold was moved it is what makes the difference.
  order.before = Held({{"a", Effect::kPoints, 35}});
  order.after = Held({{"a", Effect::kPoints, 35}, {"threshold", Effect::kThreshold, 0}}, 35);
  CHECK(Why(order) == std::vector<std::string>{"+threshold"});
}

// Values from R: prop.test(x, n, correct = FALSE)$conf.int.
TEST_CASE("rescore: intervals of shares") {
  const auto close = [](double a, double b) { return std::abs(a - b) < 5e-5; };
  const Interval few = WilsonOf({1, 10});
  CHECK(close(few.low, 0.01787621));
  CHECK(close(few.high, 0.4041500));
  const Interval none = WilsonOf({0, 20});
  CHECK(close(none.low, 0));
  CHECK(close(none.high, 0.1611252));
  const Interval half = WilsonOf({500, 1000});
  CHECK(close(half.low, 0.4690692));
  CHECK(close(half.high, 0.5309308));
  CHECK(WilsonOf({0, 0}).high == 1);
}

TEST_CASE("rescore: what a spreadsheet would run is text") {
  OrderCase order;
  order.merchant = "acme";
  order.order_id = "=HYPERLINK(\"x\")";
  order.rulings = std::make_shared<Rulings>();
  const std::string row = FlipCsv(order, *Currency::Parse("USD"));
  CHECK(row.find("\"'=HYPERLINK(\"\"x\"\")\"") != std::string::npos);
}

TEST_SUITE_END();

}  // namespace
}  // namespace holdfast
