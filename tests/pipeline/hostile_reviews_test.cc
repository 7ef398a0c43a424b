// What a fraudster or a dishonest reviewer must not open.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>

#include "tests/pipeline/harness.h"

namespace holdfast {
namespace {

using testing::Desk;
using testing::MakeEvent;
using testing::OrderJson;
using testing::PaymentJson;

constexpr const char* kRules = R"(
thresholds: { hold: 50 }
rules:
  - { id: odd, when: "order.note == 'odd'", hold: identity, on_missing: skip }
  - { id: late, when: "order.ip == '203.0.113.9'", hold: geo, on_missing: skip }
  - { id: bad, when: "order.note == 'bad'", reject: true, on_missing: skip }
  - { id: asks, when: "order.note == 'q'", hold: identity, ask: q, on_missing: skip }
)";

std::string EventJson(const std::string& id, const std::string& type, const std::string& payload) {
  return R"({"id":")" + id + R"(","type":")" + type +
         R"(","merchant":"acme","occurred_at":"2026-11-20T11:00:00Z","order_id":"1",)" + payload +
         "}";
}

std::string Release(const std::string& rules, const std::string& more = "") {
  return EventJson("r", "review.released",
                   R"("review":{"by":"ana","role":"review","reason":"known_buyer","rules":[)" +
                       rules + "]" + more + "}");
}

// Order 1, paid, with more of it as JSON.
void Place(Desk& desk, const std::string& more) {
  desk(OrderJson("1", 0, more));
  desk(PaymentJson("p1", "1", 0, "completed",
                   R"("amount":100,"currency":"USD","payer":{"email":"pia@example.com"})"));
}

TEST_SUITE_BEGIN("pipeline");

// A buyer's answer at 10:MINUTE, recorded by a person, or sent by the shop's mail system.
std::string AnswerJson(const std::string& id, int minute, bool yes, const std::string& by,
                       const std::string& role) {
  return R"({"id":")" + id +
         R"(","type":"buyer.confirmed","merchant":"acme","occurred_at":"2026-11-20T10:)" +
         std::to_string(minute) +
         R"(:00Z","order_id":"1","confirmation":{"request":"q","from":"pia@example.com","by":")" +
         by + R"(","role":")" + role + R"(","confirmed":)" + (yes ? "true" : "false") + "}}";
}

TEST_CASE("reviews: a reviewer never turns the buyer's no into a yes") {
  Desk desk(kRules);
  Place(desk, R"("note":"q")");
  desk(AnswerJson("m", 10, false, "", ""));
  for (const bool yes : {true, false, true}) {
    CHECK(desk.Refusal(AnswerJson("a" + std::to_string(yes), 20, yes, "ana", "review"))
              .find("the buyer has said no") != std::string::npos);
  }
  // A no that comes later counts, although it was written before.
  Desk late(kRules);
  Place(late, R"("note":"q")");
  CHECK(late(AnswerJson("a", 30, true, "ana", "review")).outcome == Outcome::kShip);
  CHECK(late(AnswerJson("m", 20, false, "", "")).outcome == Outcome::kHold);
  // Nobody can have asked about an order that is not known.
  Desk early(kRules);
  CHECK(early.Refusal(AnswerJson("a", 10, true, "ana", "review")).find("is not known") !=
        std::string::npos);
}

TEST_CASE("reviews: what a rule rejects is no reviewer's to release, whatever is named") {
  Desk desk(kRules);
  Place(desk, R"("note":"bad","ip":"203.0.113.9")");
  CHECK(desk.Refusal(Release(R"("late","threshold")", ",\"score\":1000000"))
            .find("the order is rejected") != std::string::npos);
}

TEST_CASE("reviews: a release ends with what the issuer says of the payment later") {
  const std::string card = R"("amount":100,"currency":"USD","payer":{"email":"pia@example.com"},)"
                           R"("attempts":1,"card":{"three_d_secure":"authenticated",)"
                           R"("liability_shift":true})";
  for (const auto& [from, to] : {std::pair("authenticated", "failed"),
                                 {"\"liability_shift\":true", "\"liability_shift\":false"},
                                 {"\"attempts\":1", "\"attempts\":40"}}) {
    CAPTURE(to);
    Desk desk(kRules);
    desk(OrderJson("1", 0, R"("note":"odd")"));
    desk(PaymentJson("p1", "1", 0, "completed", card));
    REQUIRE(desk(Release("\"odd\"")).outcome == Outcome::kShip);
    std::string after = card;
    after.replace(after.find(from), std::string(from).size(), to);
    CHECK(desk(PaymentJson("p2", "1", 59, "completed", after)).outcome == Outcome::kHold);
  }
}

TEST_CASE("reviews: a reviewer amends nothing of an order of which a parcel has left") {
  Desk desk(kRules);
  Place(desk, R"("items":[{"sku":"A","quantity":2,"parcel":"a"}])");
  REQUIRE(desk.engine().Apply(
      MakeEvent(EventJson("d", "shipment.dispatched", R"("shipment":{"parcel":"a"})"))));
  const auto amended = desk.engine().Apply(
      MakeEvent(
          EventJson("x", "order.amended",
                    R"("order":{"id":"1","placed_at":"2026-11-20T08:00:00Z","currency":"USD",)"
                    R"("total":100,"items":[{"sku":"A","quantity":2,"parcel":"b"}]})")),
      {}, true, {std::nullopt, true});
  REQUIRE_FALSE(amended);
  CHECK(amended.error().Text().find("a parcel of the order has left") != std::string::npos);
}

// A late event is decided as of the latest one, and so are the lists.
TEST_CASE("lists: a late event brings no entry back whose time is over") {
  Desk desk(R"(
lists: { known: { type: text, dynamic: true } }
rules:
  - { id: odd, when: "order.note == 'odd'", hold: identity }
  - { id: known, when: "order.buyer.id in lists.known", allow: true, on_missing: skip }
)");
  REQUIRE(desk.Refusal(R"({"id":"l","type":"list.changed","merchant":"acme","occurred_at":)"
                       R"("2026-11-20T07:00:00Z","list":{"name":"known","add":["b"],)"
                       R"("until":"2026-11-20T09:00:00Z"}})") == "accepted");
  desk(OrderJson("1", 0, R"("note":"odd","buyer":{"id":"b"})"));
  CHECK(desk(PaymentJson("p1", "1", 30, "completed")).outcome == Outcome::kHold);  // 09:30
  const std::string late =
      R"({"id":"m","type":"buyer.message","merchant":"acme","occurred_at":"2026-11-20T08:30:00Z",)"
      R"("order_id":"1","message":{"text":"?"}})";
  CHECK(desk(late).outcome == Outcome::kHold);
}

TEST_SUITE_END();

}  // namespace
}  // namespace holdfast
