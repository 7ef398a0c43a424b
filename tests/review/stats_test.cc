// What stats counts: waiting for payment apart from held for a cause.
#include <doctest/doctest.h>

#include "engine/codec/json.h"
#include "engine/codec/json_value.h"
#include "engine/review/stats.h"

namespace holdfast {
namespace {

constexpr std::int64_t kMinute = 60;

// Orders of one merchant, and the statistics on them.
class Desk {
 public:
  Desk() : amounts_(*Currency::Parse("USD"), {}, {}), stats_({"acme", {}, {}, At(0)}, amounts_) {}

  // An event of `type` about an order, `second` seconds after the beginning, and the decision that
  // it led to.
  void See(EventType type, const std::string& order, std::int64_t second, Outcome outcome,
           Cause cause = Cause::kNone) {
    Event event;
    event.type = type;
    event.merchant = "acme";
    event.order_id = order;
    event.occurred_at = At(second);
    Review review;
    review.by = "ana";
    if (type == EventType::kReviewReleased) event.review = &review;
    const Payment payment;
    if (type == EventType::kPaymentUpdated) event.payment = &payment;
    Decision decision;
    decision.order_id = order;
    decision.merchant = "acme";
    decision.outcome = outcome;
    decision.cause = cause;
    decision.decided_at = At(second);
    decision.offset = ++offset_;
    Reason reason;
    reason.rule = cause == Cause::kFunds ? "funds" : "payer-differs";
    reason.effect = cause == Cause::kFunds ? Effect::kFunds : Effect::kHold;
    if (outcome == Outcome::kHold) decision.reasons.push_back(reason);
    std::string json;
    WriteDecision(decision, json);
    stats_.Add(event, json);
  }

  // The number at a path of the JSON.
  std::string operator()(const char* group, const char* member) const {
    const auto document = JsonDocument::Parse(stats_.Json());
    REQUIRE(document);
    return std::string(document->root()[group][member].text());
  }
  std::string ByCause(const char* cause, const char* member) const {
    const auto document = JsonDocument::Parse(stats_.Json());
    REQUIRE(document);
    return std::string(document->root()["by_cause"][cause][member].text());
  }

 private:
  static EventTime At(std::int64_t second) {
    constexpr std::int64_t kBegin = 1'790'000'000;
    return {(kBegin + second) * kNanosPerSecond};
  }

  AmountScale amounts_;
  Stats stats_;
  std::uint64_t offset_ = 0;
};

TEST_CASE("stats: an order that only waits for its payment is not held") {
  Desk desk;
  desk.See(EventType::kOrderPlaced, "1", 0, Outcome::kHold, Cause::kFunds);
  CHECK(desk("waiting_for_payment", "open") == "1");
  desk.See(EventType::kPaymentUpdated, "1", 4, Outcome::kShip);
  CHECK(desk("holds", "held") == "0");
  CHECK(desk.ByCause("funds", "held") == "");
  CHECK(desk("waiting_for_payment", "orders") == "1");
  CHECK(desk("waiting_for_payment", "to_be_shipped") == "1");
  CHECK(desk("waiting_for_payment", "open") == "0");
  CHECK(desk("waiting_for_payment", "median_seconds") == "4");
}

TEST_CASE("stats: the time held for a cause begins after the payment") {
  Desk desk;
  desk.See(EventType::kOrderPlaced, "1", 0, Outcome::kHold, Cause::kFunds);
  desk.See(EventType::kPaymentUpdated, "1", 100 * kMinute, Outcome::kHold, Cause::kIdentity);
  desk.See(EventType::kReviewReleased, "1", 112 * kMinute, Outcome::kShip);
  CHECK(desk("holds", "held") == "1");
  CHECK(desk("holds", "released") == "1");
  CHECK(desk("holds", "median_seconds") == std::to_string(12 * kMinute));
  CHECK(desk.ByCause("identity", "released") == "1");
  CHECK(desk("waiting_for_payment", "held") == "1");
  CHECK(desk("waiting_for_payment", "median_seconds") == std::to_string(100 * kMinute));
}

TEST_CASE("stats: orders that are cancelled while held and while they wait are told apart") {
  Desk desk;
  desk.See(EventType::kOrderPlaced, "1", 0, Outcome::kHold, Cause::kFunds);
  desk.See(EventType::kOrderCancelled, "1", 10, Outcome::kReject);
  desk.See(EventType::kOrderPlaced, "2", 20, Outcome::kHold, Cause::kIdentity);
  desk.See(EventType::kOrderCancelled, "2", 30, Outcome::kReject);
  CHECK(desk("waiting_for_payment", "cancelled") == "1");
  CHECK(desk("holds", "cancelled") == "1");
  CHECK(desk("holds", "held") == "1");
}

TEST_CASE("stats: a person who decides before the money came has reviewed the order") {
  Desk desk;
  desk.See(EventType::kOrderPlaced, "1", 0, Outcome::kHold, Cause::kFunds);
  desk.See(EventType::kReviewReleased, "1", 60, Outcome::kShip);
  CHECK(desk("holds", "released") == "1");
  CHECK(desk.ByCause("funds", "released") == "1");
  CHECK(desk("waiting_for_payment", "to_be_shipped") == "1");
}

// Every held order ends in one way, whatever happens to it in whatever order.
TEST_CASE("stats: the ends of held and waiting orders add up") {
  Desk desk;
  const EventType types[] = {EventType::kPaymentUpdated, EventType::kReviewReleased,
                             EventType::kOrderCancelled, EventType::kOrderAmended};
  const Cause causes[] = {Cause::kFunds, Cause::kIdentity, Cause::kAddress};
  std::uint32_t seed = 7;
  const auto next = [&seed](std::uint32_t below) {
    seed = seed * 1664525 + 1013904223;
    return (seed >> 16) % below;
  };
  for (int i = 0; i < 400; ++i) {
    const std::string order = std::to_string(next(60));
    const auto outcome = static_cast<Outcome>(next(3));
    desk.See(types[next(4)], order, i * 30, outcome,
             outcome == Outcome::kHold ? causes[next(3)] : Cause::kNone);
  }
  const auto sum = [&](const char* group, std::initializer_list<const char*> members) {
    int all = 0;
    for (const char* member : members) all += std::stoi(desk(group, member));
    return std::to_string(all);
  };
  CHECK(sum("holds", {"released", "rejected", "by_itself", "cancelled", "open"}) ==
        desk("holds", "held"));
  CHECK(sum("waiting_for_payment", {"to_be_shipped", "held", "rejected", "cancelled", "open"}) ==
        desk("waiting_for_payment", "orders"));
}

}  // namespace
}  // namespace holdfast
