// What people decide of held orders, and what ends it.
#include "engine/pipeline/reviews.h"

#include <doctest/doctest.h>

#include <limits>

#include "engine/base/ed25519.h"
#include "engine/base/hmac.h"
#include "engine/codec/json_value.h"
#include "engine/decide/permit.h"
#include "engine/simulate/random.h"
#include "tests/pipeline/harness.h"

namespace holdfast {
namespace {

using testing::Desk;
using testing::Json;
using testing::MakeEvent;
using testing::OrderJson;
using testing::PaymentJson;
using testing::Short;

constexpr const char* kRules = R"(
thresholds: { hold: 50 }
review: { second_person_above: { review: 500 } }
packing: { evidence: "order.total > 900.0" }
rules:
  - { id: odd, when: "order.note == 'odd'", hold: identity, on_missing: skip }
  - { id: late, when: "order.ip == '203.0.113.9'", hold: geo, on_missing: skip }
  - { id: firm, when: "order.note == 'firm'", hold: list, hard: true, on_missing: skip }
  - { id: bad, when: "order.note == 'bad'", reject: true, on_missing: skip }
  - { id: some, when: "order.note == 'points'", points: 60, on_missing: skip }
  - { id: asks, when: "order.note == 'q'", hold: identity, ask: q, on_missing: skip }
  - { id: also, when: "order.note == 'r'", hold: identity, ask: r, on_missing: skip }
)";

// A review event at 10:MINUTE.
std::string ReviewJson(const std::string& type, int minute, const std::string& payload,
                       const std::string& by = "ana", const std::string& role = "review") {
  static int count = 0;
  const std::string time =
      "2026-11-20T10:" + std::string(minute < 10 ? "0" : "") + std::to_string(minute) + ":00Z";
  return R"({"id":"rev-)" + std::to_string(++count) + R"(","type":"review.)" + type +
         R"(","merchant":"acme","occurred_at":")" + time + R"(","order_id":"1","review":{"by":")" +
         by + R"(","role":")" + role + "\"" + (payload.empty() ? "" : "," + payload) + "}}";
}

// A question to the mailbox of the payment account.
std::string Ask(int minute, const std::string& request) {
  return ReviewJson("asked", minute, R"("request":")" + request + R"(","to":"pia@example.com")");
}

std::string Release(int minute, const std::string& rules, const std::string& by = "ana",
                    const std::string& role = "review", const std::string& more = "") {
  return ReviewJson("released", minute, R"("reason":"known_buyer","rules":[)" + rules + "]" + more,
                    by, role);
}

std::string EventJson(const std::string& id, const std::string& type, const std::string& payload) {
  return R"({"id":")" + id + R"(","type":")" + type +
         R"(","merchant":"acme","occurred_at":"2026-11-20T11:00:00Z","order_id":"1",)" + payload +
         "}";
}

// Order 1, paid, with more of it as JSON.
void Place(Desk& desk, const std::string& more) {
  desk(OrderJson("1", 0, more));
  desk(PaymentJson("p1", "1", 0, "completed",
                   R"("amount":100,"currency":"USD","payer":{"email":"pia@example.com"})"));
}

TEST_SUITE_BEGIN("pipeline");

TEST_CASE("reviews: a release is for the reasons that were seen, and no others") {
  Desk desk(kRules);
  Place(desk, R"("note":"odd")");
  CHECK(Short(desk(Release(0, "\"odd\""))) == "ship 0 [odd]");
  CHECK(desk(EventJson("m", "buyer.message", R"("message":{"text":"hello"})")).outcome ==
        Outcome::kShip);
  Desk other(kRules);
  Place(other, R"("note":"odd","ip":"203.0.113.9")");
  const Decision& decision = other(Release(0, "\"odd\""));
  CHECK(Short(decision) == "hold geo 0 [late odd]");
  CHECK(decision.reasons[1].text == "Released by ana: known_buyer: odd");
  CHECK(Short(other(Release(1, "\"odd\",\"late\""))) == "ship 0 [odd late]");
}

TEST_CASE("reviews: a score is released as high as it was seen") {
  Desk desk(kRules);
  Place(desk, R"("note":"points")");
  CHECK(Short(desk(Release(0, "\"threshold\"", "ana", "review", ",\"score\":59"))) ==
        "hold review 60 [threshold some]");
  CHECK(Short(desk(Release(1, "\"threshold\"", "ana", "review", ",\"score\":60"))) ==
        "ship 60 [some threshold]");
}

TEST_CASE("reviews: below an administrator nobody releases money, hard rules or rejections") {
  Desk desk(kRules);
  desk(OrderJson("1", 0));
  desk(PaymentJson("p1", "1", 0, "under_review"));
  CHECK(desk.Refusal(Release(0, "\"funds\"")).find("the money is not certain (uncertain)") !=
        std::string::npos);
  // An administrator does, for the certainty that was seen, and the reason says so.
  CHECK(Short(desk(Release(1, "\"funds\"", "eva", "admin", R"(,"funds":"none")"))) ==
        "hold funds 0 [funds]");
  const Decision& released =
      desk(Release(2, "\"funds\"", "eva", "admin", R"(,"funds":"uncertain")"));
  CHECK(Short(released) == "ship 0 [funds]");
  CHECK(released.reasons[0].code == "FUNDS_OVERRIDDEN");
  CHECK(released.reasons[0].text ==
        "Released by eva: known_buyer, an administrator, although The payment is under "
        "review; its amount was not reported, or has no rate");

  for (const auto& [note, held] :
       {std::pair("firm", "hold list 0 [firm]"), {"bad", "reject 0 [bad]"}}) {
    Desk hard(kRules);
    Place(hard, std::string("\"note\":\"") + note + "\"");
    CHECK(hard.Refusal(Release(0, std::string("\"") + note + "\"")).find("administrator") !=
          std::string::npos);
    CHECK(Short(hard(Release(1, "\"" + std::string(note) + "\"", "eva", "admin"))) ==
          "ship 0 [" + std::string(note) + "]");
  }
}

// What changes after a release makes it count no longer, and the order is decided by rules again.
TEST_CASE("reviews: amendments, worse money, refunds and disputes end a release") {
  const std::string shipping = R"("shipping":{"name":"A","address":{"line1":"B","country":"DE"}})";
  const std::string amended = R"("order":{"id":"1","placed_at":"2026-11-20T08:00:00Z",)"
                              R"("currency":"USD","total":100,"note":"odd",)"
                              R"("shipping":{"name":"A","address":{"line1":"C","country":"DE"}}})";
  const std::pair<std::string, std::string> changes[] = {
      {EventJson("x", "order.amended", amended), "hold identity 0 [odd review]"},
      {PaymentJson("x", "1", 5, "under_review"), "hold funds 0 [funds odd review]"},
      {PaymentJson("x", "1", 5, "completed",
                   R"("amount":100,"currency":"USD","payer":{"name":"Another Person"})"),
       "hold identity 0 [odd review]"},
      {EventJson("x", "refund.issued", R"("refund":{"id":"r","amount":1,"currency":"USD"})"),
       "hold funds 0 [funds odd review]"},
      {EventJson("x", "dispute.opened", R"("dispute":{"id":"d","kind":"dispute"})"),
       "hold funds 0 [funds odd review]"},
      {EventJson("x", "buyer.confirmed",
                 R"("confirmation":{"request":"q","from":"a@b.c","confirmed":false})"),
       "hold identity 0 [odd review]"},
  };
  for (const auto& [change, expected] : changes) {
    CAPTURE(change);
    Desk desk(kRules);
    Place(desk, "\"note\":\"odd\"," + shipping);
    const Decision released = desk(Release(0, "\"odd\""));
    REQUIRE(released.outcome == Outcome::kShip);
    const Decision& now = desk(change);
    CHECK(Short(now) == expected);
    CHECK(now.reasons.back().code == "RELEASE_ENDED");
    // The permit too.
    CHECK_FALSE(released.permit.empty());
    CHECK(now.permit.empty());
    CHECK(now.voids == released.permit);
    // Money that is good again does not bring the release back.
    desk(PaymentJson("y", "1", 6, "completed", R"("amount":100,"currency":"USD")"));
    CHECK(desk(EventJson("m", "buyer.message", R"("message":{"text":"?"})")).outcome ==
          Outcome::kHold);
  }
}

TEST_CASE("reviews: a large order wants a second person") {
  Desk desk(kRules);
  desk(R"({"id":"1","merchant":"acme","placed_at":"2026-11-20T08:00:00Z","currency":"USD",)"
       R"("total":600,"note":"odd"})");
  desk(PaymentJson("p1", "1", 0, "completed", R"("amount":600,"currency":"USD")"));
  CHECK(desk.Refusal(ReviewJson("approved", 0, "", "ben")).find("no release") != std::string::npos);
  const Decision& waiting = desk(Release(0, "\"odd\""));
  CHECK(Short(waiting) == "hold review 0 [review odd]");
  CHECK(waiting.reasons[0].text ==
        "Released by ana: known_buyer; a second person must approve 600.00 USD, above 500.00");
  CHECK(desk.Refusal(ReviewJson("approved", 1, "")).find("yourself") != std::string::npos);
  CHECK(Short(desk(ReviewJson("approved", 2, "", "ben"))) == "ship 0 [odd]");
  // That of reviewers is the limit of administrators too, where they have none of their own.
  Desk admin(kRules);
  admin(R"({"id":"1","merchant":"acme","placed_at":"2026-11-20T08:00:00Z","currency":"USD",)"
        R"("total":600,"note":"odd"})");
  admin(PaymentJson("p1", "1", 0, "completed", R"("amount":600,"currency":"USD")"));
  CHECK(Short(admin(Release(0, "\"odd\"", "eva", "admin"))) == "hold review 0 [review odd]");
  // What has no rate may be any amount.
  Desk unknown(kRules);
  unknown(R"({"id":"1","merchant":"acme","placed_at":"2026-11-20T08:00:00Z","currency":"JPY",)"
          R"("total":100,"note":"odd"})");
  unknown(PaymentJson("p1", "1", 0, "completed", R"("amount":100,"currency":"JPY")"));
  CHECK(unknown(Release(0, "\"odd\"")).outcome == Outcome::kHold);
}

TEST_CASE("reviews: a claim keeps others from deciding until it ends") {
  Desk desk(kRules);
  Place(desk, R"("note":"odd")");
  desk(ReviewJson("claimed", 0, R"("until":"2026-11-20T10:15:00Z")"));
  CHECK(desk.Refusal(ReviewJson("claimed", 1, R"("until":"2026-11-20T10:20:00Z")", "ben")) ==
        "ana has claimed the order until 2026-11-20T10:15:00Z");
  CHECK(desk.Refusal(Release(1, "\"odd\"", "ben")).find("ana has claimed") == 0);
  const auto held = desk.engine().store().HeldOf("acme", "1");
  REQUIRE(held);
  CHECK(held->claimed_by == "ana");
  // Everybody may note; the lease ends by itself.
  CHECK(desk.Refusal(ReviewJson("noted", 2, R"("note":"called")", "ben")) == "accepted");
  CHECK(desk.Refusal(ReviewJson("claimed", 15, R"("until":"2026-11-20T10:30:00Z")", "ben")) ==
        "accepted");
  // Given up by its owner.
  desk(ReviewJson("claimed", 16, R"("until":"2026-11-20T10:16:00Z")", "ben"));
  CHECK(desk.engine().store().HeldOf("acme", "1")->claimed_by.empty());
  CHECK(desk(Release(17, "\"odd\"")).outcome == Outcome::kShip);
  CHECK(desk.Refusal(ReviewJson("claimed", 18, R"("until":"2026-11-20T23:16:00Z")"))
            .find("8 hours") != std::string::npos);
}

TEST_CASE("reviews: an administrator ends the claim of a person, and the log says of whom") {
  Desk desk(kRules);
  Place(desk, R"("note":"odd")");
  desk(ReviewJson("claimed", 0, R"("until":"2026-11-20T10:15:00Z")"));
  CHECK(desk.Refusal(ReviewJson("claimed", 1, R"("person":"ana")", "ben")).find("administrator") !=
        std::string::npos);
  CHECK(desk.Refusal(ReviewJson("claimed", 2, R"("person":"ben")", "eva", "admin")) ==
        "review.person: ben has no claim of the order");
  CHECK(desk.Refusal(ReviewJson("claimed", 3, R"("person":"ana")", "eva", "admin")) == "accepted");
  CHECK(desk.engine().store().HeldOf("acme", "1")->claimed_by.empty());
  CHECK(desk.Refusal(ReviewJson("claimed", 4, R"("person":"ana")", "eva", "admin"))
            .find("has no claim") != std::string::npos);
  CHECK(desk(Release(5, "\"odd\"", "ben")).outcome == Outcome::kShip);
}

TEST_CASE("reviews: a rejection is undone by its author until another person acts") {
  const std::string rejected = R"("reason":"fraud")";
  Desk desk(kRules);
  Place(desk, R"("note":"odd")");
  CHECK(desk.Refusal(ReviewJson("undone", 0, "")).find("nothing to undo") != std::string::npos);
  CHECK(desk(ReviewJson("rejected", 1, rejected)).outcome == Outcome::kReject);
  CHECK(desk.Refusal(ReviewJson("undone", 2, "", "ben")).find("only that person") !=
        std::string::npos);
  CHECK(Short(desk(ReviewJson("undone", 3, ""))) == "hold identity 0 [odd]");
  // A note of another person is an action; an administrator may still.
  desk(ReviewJson("rejected", 4, rejected));
  CHECK(desk.Refusal(ReviewJson("noted", 5, R"("note":"told the buyer")", "ben")) == "accepted");
  CHECK(desk.Refusal(ReviewJson("undone", 6, "")).find("ben has worked on the order") !=
        std::string::npos);
  CHECK(Short(desk(ReviewJson("undone", 7, "", "eva", "admin"))) == "hold identity 0 [odd]");
  // What stood below the rejection stands again: an administrator's hold, another's rejection.
  desk(ReviewJson("held", 8, R"("reason":"suspicious")", "eva", "admin"));
  desk(ReviewJson("rejected", 9, rejected));
  desk(ReviewJson("rejected", 10, rejected));  // twice, and undone together
  CHECK(Short(desk(ReviewJson("undone", 11, ""))) == "hold review 0 [review odd]");
  CHECK(desk.Refusal(Release(12, R"("review","odd")")).find("administrator") != std::string::npos);
  desk(ReviewJson("rejected", 13, rejected, "ben"));
  desk(ReviewJson("rejected", 14, rejected));
  CHECK(desk(ReviewJson("undone", 15, "")).outcome == Outcome::kReject);
  CHECK(desk.Refusal(ReviewJson("undone", 16, "", "ben")).find("ana has worked") !=
        std::string::npos);
  desk(EventJson("c", "order.cancelled", R"("references":[])"));
  CHECK(desk.Refusal(ReviewJson("undone", 17, "", "eva", "admin")) == "the order was cancelled");
}

TEST_CASE("reviews: what is assigned and escalated is in the queue") {
  Desk desk(kRules);
  Place(desk, R"("note":"odd")");
  const auto held = [&] { return *desk.engine().store().HeldOf("acme", "1"); };
  desk(ReviewJson("assigned", 0, R"("person":"ben")"));
  CHECK(held().assigned_to == "ben");
  CHECK(desk.Refusal(ReviewJson("escalated", 1, "")) == "review.note: is missing");
  desk(ReviewJson("escalated", 2, R"("note":"too large for me")"));
  CHECK(held().escalated);
  std::vector<std::string> taken;
  desk.engine().store().ForQueue("acme", true, {}, [&](const std::string& order, const Held&) {
    taken.push_back(order);
    return true;
  });
  CHECK(taken == std::vector<std::string>{"1"});
  // Another decision keeps both; a reviewer's hold is no answer, an administrator's assignment is.
  desk(PaymentJson("p2", "1", 9, "completed"));
  desk(ReviewJson("held", 3, R"("reason":"suspicious")", "ben"));
  CHECK(held().escalated);
  desk(ReviewJson("assigned", 4, R"("person":"ana")", "eva", "admin"));
  CHECK_FALSE(held().escalated);
  CHECK(held().assigned_to == "ana");
  desk(ReviewJson("assigned", 5, "", "ana"));
  CHECK(held().assigned_to.empty());
}

TEST_CASE("reviews: who has not seen the last decision decides nothing") {
  Engine engine(testing::MakePack(kRules), MakeMemoryStore());
  REQUIRE(engine.Apply(MakeEvent(OrderJson("1", 0, R"("note":"odd")"))));
  const auto paid = engine.Apply(MakeEvent(PaymentJson("p1", "1", 0, "completed")));
  REQUIRE(paid);
  const auto first = engine.Apply(MakeEvent(Release(0, "\"odd\"", "ana")), {}, true, {1});
  REQUIRE_FALSE(first);
  CHECK(first.error().code == ErrorCode::kConflict);
  CHECK(engine.Apply(MakeEvent(Release(1, "\"odd\"", "ana")), {}, true, {paid->offset}));
  const auto second = engine.Apply(
      MakeEvent(ReviewJson("rejected", 2, R"("reason":"fraud")", "ben")), {}, true, {paid->offset});
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::kConflict);
}

TEST_CASE("reviews: rejections and holds by people stand above rules") {
  Desk desk(kRules);
  Place(desk, "");
  CHECK(desk.Refusal(Release(0, "\"odd\"")).find("not held") != std::string::npos);
  const Decision& held = desk(ReviewJson(
      "held", 1, R"("reason":"suspicious","note":"rang twice","until":"2026-11-22T09:00:00Z")"));
  CHECK(Short(held) == "hold review 0 [review]");
  CHECK(held.reasons[0].text == "Held by ana: suspicious, rang twice");
  CHECK(FormatRfc3339(*held.review_by) == "2026-11-22T09:00:00Z");
  CHECK(desk(Release(2, "\"review\"")).outcome == Outcome::kShip);
  CHECK(Short(desk(ReviewJson("rejected", 3, R"("reason":"fraud")"))) == "reject 0 [review]");
  CHECK(desk(PaymentJson("p2", "1", 9, "completed")).outcome == Outcome::kReject);
  CHECK(desk.Refusal(ReviewJson("rejected", 4, R"("reason":"because")")).find("is no reason") !=
        std::string::npos);
  CHECK(desk.Refusal(ReviewJson("rejected", 4, "")).find("is missing") != std::string::npos);
}

// Goal:   a release of the score covers what the reviewer saw, and the same grown by later orders
// of
//         other buyers; what else is new is named.
TEST_CASE(
    "reviews: a release sticks when others order later, and says what is new when it does not") {
  const char* const pack = R"yaml(
rules:
  - { id: large, title: Large order, when: order.total_base >= 100.0, points: 50 }
  - { id: shared, title: Several buyers on one device, when: linked.device.buyers_since > 0, points: 20 }
  - { id: noted, title: Odd note, when: "'odd' in order.attributes", points: 10 }
thresholds: { hold: 50 }
)yaml";
  const auto release = [](const std::string& rules) {
    return R"({"id":"r","type":"review.released","merchant":"acme","occurred_at":)"
           R"("2026-11-20T09:30:00Z","order_id":"1","review":{"by":"ana","role":"review",)"
           R"("reason":"low_risk","rules":[)" +
           rules + R"(],"score":50,"funds":"certain"}})";
  };
  const std::string device = R"("device_id":"d","buyer":{"id":")";
  const auto held = [&](Desk& desk) {
    desk(OrderJson("1", 0, device + "a\"}"));
    CHECK(desk(PaymentJson("p", "1", 0, "completed")).score == 50);
    desk(OrderJson("2", 5, device + "b\"}"));  // another buyer, while the reviewer reads
  };
  {
    Desk desk(pack);
    held(desk);
    const Decision& released = desk(release(R"("threshold","large")"));
    CHECK(released.outcome == Outcome::kShip);
    CHECK(released.score == 70);
    // And it stays when more of them order.
    desk(OrderJson("3", 6, device + "c\"}"));
    CHECK(desk(EventJson("m", "buyer.message", R"("message":{"text":"where is it?"})")).outcome ==
          Outcome::kShip);
  }
  {
    // A release that does not say which points were seen covers the score that it names.
    Desk desk(pack);
    held(desk);
    const Decision& unclear = desk(release(R"("threshold")"));
    CHECK(unclear.outcome == Outcome::kHold);
  }
  {
    // What is not about others is new, and named.
    Desk desk(std::string(pack) + "lists: { trusted: { type: text, dynamic: true } }\n");
    held(desk);
    const Decision& named = desk(release(R"("threshold","shared")"));
    CHECK(named.outcome == Outcome::kHold);
    CHECK(named.reasons[0].text ==
          "Score 70 reaches the hold threshold 50; the release by ana covers a score of 50, new "
          "since: Large order (+50)");
  }
}

TEST_CASE("reviews: nothing is asked about an order that was rejected or cancelled") {
  Desk desk("rules:\n  - { id: r, when: \"order.total_base > 50.0\", reject: true }\n");
  desk(OrderJson("1", 0));
  CHECK(desk(PaymentJson("p", "1", 0, "completed", R"("payer":{"email":"pia@example.com"})"))
            .outcome == Outcome::kReject);
  CHECK(desk.Refusal(Ask(0, "q")).find("the order was rejected") != std::string::npos);
  desk(R"({"id":"c","type":"order.cancelled","merchant":"acme","occurred_at":)"
       R"("2026-11-20T11:00:00Z","order_id":"1"})");
  CHECK(desk.Refusal(Ask(1, "q")).find("the order was cancelled") != std::string::npos);
}

// Goal:   nothing but later orders of others joins a release of the score.
// Method: what the reviewer saw, then others' orders, then own evidence, also past 100, also before
//         a second person approves.
TEST_CASE("reviews: a release of the score does not take in what nobody saw") {
  const char* const pack = R"yaml(
review: { second_person_above: { review: 1000 } }
rules:
  - { id: large, when: order.total_base >= 100.0, points: 60 }
  - { id: shared, when: linked.device.buyers_since > 0, points: 20 }
  - { id: many, when: linked.device.buyers_since > 1, points: 60 }
  - { id: charged, when: buyer.chargebacks > 0, points: 20 }
  - { id: others, when: linked.device.chargebacks > 0, points: 40 }
thresholds: { hold: 50 }
)yaml";
  const auto release = [](const std::string& rules, const std::string& score) {
    return R"({"id":"r","type":"review.released","merchant":"acme","occurred_at":)"
           R"("2026-11-20T09:30:00Z","order_id":"1","review":{"by":"ana","role":"review",)"
           R"("reason":"low_risk","rules":[)" +
           rules + R"(],"score":)" + score + R"(,"funds":"certain"}})";
  };
  const auto order = [](const std::string& id, int minute, const std::string& buyer) {
    return OrderJson(id, minute, R"("device_id":"d","buyer":{"id":")" + buyer + "\"}");
  };
  const auto chargeback = [](const std::string& of) {
    return R"({"id":"d)" + of + R"(","type":"dispute.opened","merchant":"acme","occurred_at":)" +
           R"("2026-11-20T10:00:00Z","order_id":")" + of + R"(","dispute":{"id":"x)" + of +
           R"(","kind":"chargeback"}})";
  };
  const std::string look = EventJson("m", "buyer.message", R"("message":{"text":"?"})");
  const auto begun = [&](Desk& desk, const std::string& named, const std::string& score) {
    desk(order("0", 0, "a"));
    desk(order("1", 1, "a"));
    desk(PaymentJson("p", "1", 0, "completed"));
    desk(order("2", 5, "b"));
    return desk(release(named, score)).outcome;
  };
  const std::string seen = R"("threshold","large")";
  {
    Desk desk(pack);
    CHECK(begun(desk, seen, "60") == Outcome::kShip);
    desk(chargeback("0"));  // the buyer's own
    CHECK(desk(look).outcome == Outcome::kHold);
  }
  {
    Desk desk(pack);
    CHECK(begun(desk, seen, "60") == Outcome::kShip);
    desk(order("3", 6, "c"));  // 140 points, shown as 100
    CHECK(desk(look).outcome == Outcome::kShip);
    desk(chargeback("0"));
    CHECK(desk(EventJson("m2", "buyer.message", R"("message":{"text":"?"})")).outcome ==
          Outcome::kHold);
  }
  {
    Desk desk(pack);
    CHECK(begun(desk, seen, "60") == Outcome::kShip);
    desk(chargeback("2"));  // another buyer's on the device: evidence that nobody saw
    CHECK(desk(look).outcome == Outcome::kHold);
  }
  for (const char* more : {"61", "80", "9223372036854775807"}) {
    // Nobody has seen such a score.
    Desk other(pack);
    other(order("1", 1, "a"));
    other(PaymentJson("p", "1", 0, "completed"));
    CHECK(other.Refusal(release(seen, more)) == "review.score: is more than the order's score, 60");
  }
  {
    // What was seen is gone, and as many points of other evidence have come in its place.
    Desk desk(R"yaml(
rules:
  - { id: unconfirmed, when: "!('q' in verification.confirmed)", points: 60 }
  - { id: shared, when: linked.device.buyers_since > 0, points: 20 }
  - { id: charged, when: buyer.chargebacks > 0, points: 60 }
thresholds: { hold: 50 }
)yaml");
    desk(order("0", 0, "a"));
    desk(order("1", 1, "a"));
    desk(PaymentJson("p", "1", 0, "completed", R"("payer":{"email":"pia@example.com"})"));
    desk(order("2", 5, "b"));
    const Decision& released = desk(release(R"("threshold","unconfirmed")", "60"));
    CHECK(released.outcome == Outcome::kShip);
    CHECK(released.score == 80);
    desk(EventJson("a", "buyer.confirmed",
                   R"("confirmation":{"request":"q","from":"pia@example.com","confirmed":true})"));
    desk(chargeback("0"));
    const Decision& after = desk(look);
    CHECK(after.score == 80);
    CHECK(after.outcome == Outcome::kHold);
  }
}

// Goal:   decisions that follow do not move the time at which a review is due.
TEST_CASE("reviews: a review is due from the first hold for its cause") {
  Desk desk(R"yaml(
rules:
  - { id: large, when: order.total_base >= 100.0, hold: review }
)yaml");
  desk(OrderJson("1", 0));
  const auto due = desk(PaymentJson("p", "1", 0, "completed")).review_by;
  REQUIRE(due.has_value());
  CHECK(desk(PaymentJson("q", "1", 30, "cleared")).review_by == due);
  // Another cause has a time of its own.
  const Decision& disputed = desk(
      R"({"id":"d","type":"dispute.opened","merchant":"acme","occurred_at":"2026-11-20T11:00:00Z","order_id":"1","dispute":{"id":"x","kind":"dispute"}})");
  CHECK(disputed.cause == Cause::kFunds);
  CHECK(disputed.review_by > due);
  // When that has ended, the first due stands.
  CHECK(
      desk(
          R"({"id":"e","type":"dispute.closed","merchant":"acme","occurred_at":"2026-11-20T12:00:00Z","order_id":"1","dispute":{"id":"x","kind":"dispute","outcome":"won"}})")
          .review_by == due);
}

TEST_CASE("reviews: a question holds until the buyer answers from the registered mailbox") {
  Desk desk(kRules);
  desk(OrderJson("1", 0, R"("note":"odd")"));
  desk(PaymentJson("p1", "1", 0, "completed", R"("payer":{"email":"pia@example.com"})"));
  CHECK(desk.Refusal(Ask(0, "q1")).find("'q1' is asked by no rule of the pack; it is") !=
        std::string::npos);
  const Decision& asked = desk(Ask(0, "correct_address"));
  CHECK(Short(asked) == "hold verification 0 [asked odd]");
  REQUIRE(asked.release_paths.size() == 1);
  CHECK(asked.release_paths[0].front() == "'correct_address' in verification.confirmed");
  const auto answer = [](const std::string& id, const std::string& from) {
    return EventJson(
        id, "buyer.confirmed",
        R"("confirmation":{"confirmed":true,"request":"correct_address","from":")" + from + "\"}");
  };
  CHECK(desk.Refusal(EventJson("a0", "buyer.confirmed",
                               R"("confirmation":{"request":"correct_address",)"
                               R"("from":"pia@example.com","text":"No! I never ordered this"})"))
            .find("true if the buyer says yes") != std::string::npos);
  const Decision& wrong = desk(answer("a1", "thief@example.com"));
  CHECK(wrong.outcome == Outcome::kHold);
  CHECK(wrong.reasons[0].code == "ANSWER_NOT_VALID");
  CHECK(Short(desk(answer("a2", "Pia@Example.com"))) == "hold identity 0 [odd]");
  CHECK(desk(Release(30, "\"odd\"")).outcome == Outcome::kShip);
  CHECK(desk.Refusal(Ask(31, "q")).find("the order is to be shipped; hold it first") !=
        std::string::npos);
}

// An answer that a reviewer recorded is only as good as that reviewer.
TEST_CASE("reviews: above the limit a second person records the buyer's answer") {
  const auto answer = [](int minute, const std::string& by, const std::string& more = "true",
                         const std::string& role = "review",
                         const std::string& from = "pia@example.com") {
    static int count = 0;
    const std::string time = "2026-11-20T10:" + std::to_string(minute) + ":00Z";
    return R"({"id":"ans-)" + std::to_string(++count) +
           R"(","type":"buyer.confirmed","merchant":"acme","occurred_at":")" + time +
           R"(","order_id":"1","confirmation":{"request":"q","from":")" + from + R"(","by":")" +
           by + R"(","role":")" + role + R"(","confirmed":)" + more + "}}";
  };
  const auto asked = [](Desk& desk, const std::string& total) {
    desk(R"({"id":"1","merchant":"acme","placed_at":"2026-11-20T08:00:00Z","currency":"USD",)"
         R"("note":"q","total":)" +
         total + "}");
    desk(PaymentJson(
        "p1", "1", 0, "completed",
        R"("amount":)" + total + R"(,"currency":"USD","payer":{"email":"pia@example.com"})"));
    CHECK(desk(Ask(0, "q")).outcome == Outcome::kHold);
  };
  // Below the limit one reviewer is enough, from the account's mailbox.
  Desk small(kRules);
  asked(small, "100");
  CHECK(small(answer(10, "ana", "true", "review", "thief@example.com")).outcome == Outcome::kHold);
  CHECK(small.Refusal(answer(11, "ana", "true", "review", "")).find("names the mailbox") !=
        std::string::npos);
  CHECK(small(answer(12, "ana")).outcome == Outcome::kShip);
  Desk desk(kRules);
  asked(desk, "600");
  const Decision& alone = desk(answer(10, "ana"));
  CHECK(Short(alone) == "hold verification 0 [asked asks]");
  CHECK(alone.reasons[0].code == "ANSWER_NEEDS_SECOND");
  CHECK(alone.reasons[0].text ==
        "The buyer's answer to q was recorded by ana; a second person must record the same");
  CHECK(desk(answer(11, "Ana ")).outcome == Outcome::kHold);  // the same person
  CHECK(desk(answer(12, "ben", "true", "review", "thief@example.com")).outcome == Outcome::kHold);
  CHECK(desk(answer(13, "ben")).outcome == Outcome::kShip);
  CHECK(desk(answer(14, "ben")).outcome == Outcome::kShip);
  // A new question, about an order that is held again, wants new answers of two.
  desk(EventJson("k1", "shipment.packed", R"("shipment":{"items":[{"sku":"X"}]})"));
  desk(Ask(20, "q"));
  CHECK(desk(EventJson("k2", "shipment.packed", R"("shipment":{"items":[]})")).cause ==
        Cause::kVerification);
  CHECK(desk(answer(21, "ana")).outcome == Outcome::kHold);
  CHECK(desk(answer(22, "ben")).outcome == Outcome::kShip);
  // A no ends it, and only its own author takes it back.
  CHECK(desk(answer(30, "ben", "false")).outcome == Outcome::kHold);
  CHECK(desk.Refusal(answer(31, "ana")).find("the buyer has said no") != std::string::npos);
  CHECK(desk(answer(32, "ben")).outcome == Outcome::kHold);
  CHECK(desk(answer(33, "ana")).outcome == Outcome::kShip);
  // The shop's mail system and an administrator are enough by themselves.
  for (const char* role : {"", "admin"}) {
    Desk other(kRules);
    asked(other, "600");
    CHECK(other(answer(10, "eva", "true", role)).outcome == Outcome::kShip);
  }
}

TEST_CASE("reviews: a parcel is held until it is what was ordered last") {
  const std::string items =
      R"("items":[{"sku":"A-1","quantity":2,"unit_price":40,"variant":{"colour":"red"}},)"
      R"({"sku":"B-2","quantity":1,"unit_price":20,"gift":true}])";
  Desk desk(kRules);
  Place(desk, items);
  const auto pack = [&](const std::string& id, const std::string& lines,
                        const std::string& more = "") {
    static int hour = 11;
    return R"({"id":")" + id + R"(","type":"shipment.packed","merchant":"acme","occurred_at":)" +
           "\"2026-11-20T" + std::to_string(hour++) + R"(:00:00Z","order_id":"1","shipment":{)" +
           more + R"("items":[)" + lines + "]}}";
  };
  const std::string a = R"({"sku":"a-1","quantity":2,"variant":{"colour":"Red"}})";
  const std::string b = R"({"sku":"B-2","gift":true})";
  CHECK(Short(desk(pack("s1", a))) == "hold packing 0 [packing]");
  const Decision& wrong =
      desk(pack("s2", R"({"sku":"A-1","quantity":1,"variant":{"colour":"blue"}},)" + a + "," + b));
  CHECK(wrong.reasons[0].text ==
        "The parcel is not what was ordered: A-1 (blue): 1 packed, 0 ordered");
  CHECK(desk.Refusal(Release(0, "\"packing\"")).find("administrator") != std::string::npos);
  CHECK(desk(pack("s3", a + "," + b)).outcome == Outcome::kShip);
  // The same of a gift that was not packed as one.
  CHECK(desk(pack("s4", a + R"(,{"sku":"B-2"})")).outcome == Outcome::kHold);
  desk(pack("s5", a + "," + b));
  // Amended after it was packed.
  CHECK(Short(desk(R"({"id":"am","type":"order.amended","merchant":"acme",)"
                   R"("occurred_at":"2026-11-20T20:00:00Z","order":{"id":"1",)"
                   R"("placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":100,)"
                   R"("items":[{"sku":"A-1","quantity":2,"variant":{"colour":"red"},"parcel":"p"},)"
                   R"({"sku":"B-2","gift":true,"parcel":"q"}]}})")) == "hold packing 0 [packing]");
}

TEST_CASE("reviews: an order in parcels is packed parcel by parcel") {
  Desk desk(kRules);
  Place(desk, R"("items":[{"sku":"A","parcel":"1"},{"sku":"B","parcel":"2"}])");
  CHECK(
      desk(EventJson("s1", "shipment.packed", R"("shipment":{"parcel":"1","items":[{"sku":"A"}]})"))
          .outcome == Outcome::kShip);
  const Decision& wrong = desk(
      EventJson("s2", "shipment.packed", R"("shipment":{"parcel":"2","items":[{"sku":"A"}]})"));
  CHECK(wrong.reasons[0].text ==
        "Parcel 2 is not what was ordered: A: 1 packed, 0 ordered; B: 0 packed, 1 ordered");
}

TEST_CASE("reviews: what is dear is packed with evidence") {
  Desk desk(kRules);
  desk(R"({"id":"1","merchant":"acme","placed_at":"2026-11-20T08:00:00Z","currency":"USD",)"
       R"("total":950,"items":[{"sku":"A"}]})");
  const Decision& ready = desk(PaymentJson("p1", "1", 0, "completed"));
  CHECK(ready.outcome == Outcome::kShip);
  REQUIRE(ready.handling.size() == 1);
  CHECK(ready.handling[0].find("Film") == 0);
  const Decision& unseen =
      desk(EventJson("s1", "shipment.packed", R"("shipment":{"items":[{"sku":"A"}]})"));
  CHECK(unseen.reasons[0].code == "PACKING_NOT_SHOWN");
  CHECK(desk(R"({"id":"s2","type":"shipment.packed","merchant":"acme",)"
             R"("occurred_at":"2026-11-20T12:00:00Z","order_id":"1",)"
             R"("shipment":{"evidence":"cam-7/0815.mp4","items":[{"sku":"A"}]}})")
            .outcome == Outcome::kShip);
}

// Naming more than held the order releases none of it.
TEST_CASE("reviews: what did not hold the order when it was released holds it later") {
  Desk desk(kRules);
  Place(desk, R"("note":"odd")");
  // Everything is named, but only this held it.
  CHECK(desk(Release(0, R"("odd","asked","threshold","packing","review")", "ana", "admin",
                     ",\"score\":0"))
            .released == std::vector<std::string>{"odd"});
  const auto pack = [&desk](const std::string& id, const std::string& lines) -> const Decision& {
    return desk(EventJson(id, "shipment.packed", R"("shipment":{"items":[)" + lines + "]}"));
  };
  // The parcel is wrong, the buyer is asked, and the parcel is right.
  const std::string wrong = R"({"sku":"A"})";
  CHECK(Short(pack("k1", wrong)) == "hold packing 0 [packing odd]");
  CHECK(desk(Ask(1, "q")).outcome == Outcome::kHold);
  CHECK(Short(pack("k2", "")) == "hold verification 0 [asked odd]");
  CHECK(Short(desk(Release(2, R"("asked","odd")"))) == "ship 0 [odd asked]");
  // Another question, and the same one again.
  for (const auto& [minute, request] : {std::pair(3, "r"), std::pair(5, "q")}) {
    const std::string id = request;
    pack("k3" + id, wrong);
    desk(Ask(minute, request));
    CHECK(Short(pack("k4" + id, "")) == "hold verification 0 [asked odd asked]");
    CHECK(desk(Release(minute + 1, R"("asked","odd")")).outcome == Outcome::kShip);
  }
}

TEST_CASE("reviews: an answer from before the question is none") {
  Desk desk(kRules);
  desk(OrderJson("1", 0, R"("note":"odd")"));
  desk(PaymentJson("p1", "1", 0, "completed", R"("payer":{"email":"pia@example.com"})"));
  desk(
      R"({"id":"a","type":"buyer.confirmed","merchant":"acme","occurred_at":)"
      R"("2026-11-20T09:30:00Z","order_id":"1","confirmation":{"confirmed":true,"request":"q","from":)"
      R"("pia@example.com"}})");
  CHECK(desk(Ask(0, "q")).cause == Cause::kVerification);
}

TEST_CASE("reviews: another amount, a worse risk or the first payment at all end a release") {
  const char* changes[] = {R"("amount":1,"currency":"USD")",
                           R"("amount":100,"currency":"USD","transaction_id":"other")",
                           R"("amount":100,"currency":"USD","provider_risk":{"level":"highest"})",
                           R"("amount":100,"currency":"USD","card":{"avs":"fail"})"};
  for (const char* change : changes) {
    CAPTURE(change);
    Desk desk(kRules);
    Place(desk, R"("note":"odd")");
    REQUIRE(desk(Release(0, "\"odd\"")).outcome == Outcome::kShip);
    CHECK(desk(PaymentJson("p2", "1", 30, "completed", change)).outcome == Outcome::kHold);
  }
  Desk desk(kRules);
  desk(OrderJson("1", 0, R"("note":"odd")"));
  REQUIRE(desk(Release(0, R"("odd","funds")", "eva", "admin", R"(,"funds":"none")")).outcome ==
          Outcome::kShip);
  CHECK(Short(desk(PaymentJson("p1", "1", 30, "completed"))) == "hold identity 0 [odd review]");
  // The same money, told to be cleared now, is better and no other.
  Desk better(kRules);
  better(OrderJson("1", 0, R"("note":"odd")"));
  better(PaymentJson("p1", "1", 0, "under_review"));
  REQUIRE(
      better(Release(0, R"("odd","funds")", "eva", "admin", R"(,"funds":"uncertain")")).outcome ==
      Outcome::kShip);
  CHECK(better(PaymentJson("p2", "1", 30, "completed")).outcome == Outcome::kShip);
}

TEST_CASE("reviews: a rejection by a person, and a hold by an administrator, stand below one") {
  Desk desk(kRules);
  Place(desk, "");
  desk(ReviewJson("rejected", 0, R"("reason":"fraud")"));
  CHECK(desk.Refusal(Release(1, "\"review\"")).find("ana has rejected the order") == 0);
  desk(ReviewJson("held", 2, R"("reason":"suspicious")", "eva", "admin"));
  CHECK(desk.Refusal(Release(3, "\"review\"")).find("eva holds the order") == 0);
  CHECK(desk(Release(4, "\"review\"", "eva", "admin")).outcome == Outcome::kShip);
}

TEST_CASE("reviews: what an administrator released of a parcel is that parcel") {
  Desk desk(kRules);
  Place(desk, R"("items":[{"sku":"A"}])");
  desk(EventJson("s1", "shipment.packed", R"("shipment":{"items":[{"sku":"B"}]})"));
  const Decision& released = desk(Release(0, "\"packing\"", "eva", "admin"));
  CHECK(Short(released) == "ship 0 [packing]");
  CHECK(released.reasons[0].text.find("Released by eva") == 0);
  CHECK(desk(EventJson("s2", "shipment.packed", R"("shipment":{"items":[{"sku":"ROLEX"}]})"))
            .outcome == Outcome::kHold);
  // Of one parcel the last word in the log counts, whatever its time; nothing is no parcel.
  Desk split(kRules);
  Place(split, R"("items":[{"sku":"A","parcel":"1"}])");
  CHECK(
      split(EventJson("s1", "shipment.packed", R"("shipment":{"items":[{"sku":"A"}]})")).outcome ==
      Outcome::kHold);
  // What nobody can pack is taken back with an empty one.
  CHECK(split(EventJson("s2", "shipment.packed", R"("shipment":{"items":[]})")).outcome ==
        Outcome::kShip);
  CHECK(split(EventJson("s3", "shipment.packed", R"("shipment":{"items":[],"parcel":"1"})"))
            .outcome == Outcome::kHold);
}

TEST_CASE("reviews: what an administrator decided stands against all below") {
  for (const char* verdict : {"rejected", "held"}) {
    Desk desk(kRules);
    Place(desk, R"("note":"odd")");
    const std::string reason = std::string(verdict) == "held" ? "other" : "fraud";
    desk(ReviewJson(verdict, 0, "\"reason\":\"" + reason + "\"", "eva", "admin"));
    CHECK(desk.Refusal(Release(1, "\"odd\",\"review\"")).find("administrator") !=
          std::string::npos);
    // Not in two steps either.
    CHECK(desk.Refusal(ReviewJson("held", 2, R"("reason":"other")")).find("administrator") !=
          std::string::npos);
    CHECK(desk(ReviewJson("held", 3, R"("reason":"other")", "eva", "admin")).outcome ==
          Outcome::kHold);
  }
  Desk desk(kRules);
  Place(desk, R"("note":"odd")");
  CHECK(desk.Refusal(ReviewJson("held", 5, R"("reason":"other","until":"2026-11-20T10:05:00Z")"))
            .find("has passed") != std::string::npos);
}

TEST_CASE("reviews: an approval is for what the release was for") {
  Desk desk(kRules);
  desk(R"({"id":"1","merchant":"acme","placed_at":"2026-11-20T08:00:00Z","currency":"USD",)"
       R"("total":900,"note":"odd"})");
  desk(PaymentJson("p1", "1", 0, "completed",
                   R"("amount":900,"currency":"USD","payer":{"email":"pia@example.com"})"));
  desk(Release(0, R"("odd","asked","late")"));
  CHECK(desk.Refusal(Release(1, "\"odd\"", "ben")).find("`holdfast approve`") != std::string::npos);
  desk(Ask(2, "q"));  // after the release, which had named it ahead
  CHECK(Short(desk(ReviewJson("approved", 3, "", "ben"))) == "hold verification 0 [asked odd]");
}

TEST_CASE("reviews: a question goes to the payment account's mailbox, and is answered from there") {
  Desk desk(kRules);
  Place(desk, R"("note":"odd")");
  CHECK(desk.Refusal(ReviewJson("asked", 0, R"("request":"q","to":"ana@crook.example")"))
            .find("must be the mailbox of the payment account") != std::string::npos);
  desk(Ask(1, "q"));
  int minute = 10;
  const auto answer = [&](const std::string& from) {
    const std::string time = std::to_string(++minute);
    return desk(R"({"id":"a)" + time + R"(","type":"buyer.confirmed","merchant":"acme",)" +
                R"("occurred_at":"2026-11-20T11:)" + time + R"(:00Z","order_id":"1",)" +
                R"("confirmation":{"confirmed":true,"request":"q","from":")" + from + "\"}}")
        .cause;
  };
  for (const char* from :
       {"Evil <evil@x.example>, Pia <pia@example.com>", "evil@x.example; pia@example.com",
        "evil@x.example, <pia@example.com>", "pia@example.com>", "mallory@example.com"}) {
    CAPTURE(from);
    CHECK(answer(from) == Cause::kVerification);
  }
  CHECK(answer("Pia Smith <Pia@Example.com>") == Cause::kIdentity);  // the question is answered
}

// Goal:   no split of lines changes what rules say.
TEST_CASE("reviews: rules see the lines as they were ordered") {
  Desk desk(
      "rules: [ { id: bulk, when: \"order.items.exists(i, i.quantity >= 10)\", hold: product, "
      "hard: true, on_missing: skip } ]");
  Place(desk, R"("items":[{"sku":"A","quantity":12},{"sku":"B"}])");
  const std::string amended =
      R"("order":{"id":"1","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":100,)"
      R"("items":[{"sku":"A","quantity":6,"parcel":"1"},{"sku":"A","quantity":6},{"sku":"B"}]})";
  CHECK(Short(desk(EventJson("x", "order.amended", amended))) == "hold product 0 [bulk]");
}

// Goal:   a permit that a worse payment has voided is void for ever.
TEST_CASE("reviews: a permit that was void stays void when all is as it was") {
  Desk desk(kRules);
  Place(desk, "");
  const auto token = [](const Decision& decision) {
    static const auto signer = PermitSigner::Make(RandomBytes(kEd25519Bytes));
    std::string json = Json(decision);
    SetPermit(&*signer, json);
    const std::size_t at = json.find("hfp1.");
    REQUIRE(at != json.npos);
    return json.substr(at, json.find('"', at) - at);
  };
  const Decision& first = desk(EventJson("m", "buyer.message", R"("message":{"text":"hello"})"));
  const std::string old = token(first);
  const std::string paid = R"("amount":100,"currency":"USD","payer":{"email":"pia@example.com"})";
  desk(PaymentJson("p2", "1", 10, "under_review", paid));
  const std::string now = token(desk(PaymentJson("p3", "1", 20, "completed", paid)));
  int alerts = 0;
  const auto dispatch = [&](const std::string& id, const std::string& permit) {
    (void)desk.engine().Apply(MakeEvent(EventJson(id, "shipment.dispatched",
                                                  R"("shipment":{"permit":")" + permit + "\"}")),
                              [&](const std::shared_ptr<Event>& event, const Applied&) {
                                alerts += event->type == EventType::kAlertRaised ? 1 : 0;
                              });
    return alerts;
  };
  CHECK(dispatch("d1", now) == 0);
  CHECK(dispatch("d2", old) == 1);
}

TEST_CASE("reviews: a parcel that has come has left, whichever is heard of first") {
  const auto after = [](const std::vector<std::string>& types) {
    Desk desk(kRules);
    Place(desk, "");
    for (const std::string& type : types) {
      REQUIRE(
          desk.engine().Apply(MakeEvent(EventJson(type, type, R"("shipment":{"parcel":"1"})"))));
    }
    const OrderState* state = desk.engine().store().FindOrder("acme", "1");
    REQUIRE(state != nullptr);
    const auto parcel = state->dispatched.find("1");
    return parcel == state->dispatched.end() ? std::string_view() : NameOf(parcel->second->type);
  };
  const std::string left = "shipment.dispatched", came = "shipment.delivered";
  CHECK(after({}) == "");
  CHECK(after({left}) == left);
  CHECK(after({came}) == came);
  CHECK(after({left, came}) == left);
  CHECK(after({came, left}) == left);
}

TEST_CASE("reviews: who may not change lines changes addresses and parcels") {
  Engine engine(testing::MakePack(kRules), MakeMemoryStore());
  const std::string head = R"("placed_at":"2026-11-20T08:00:00Z","currency":"USD",)";
  REQUIRE(engine.Apply(MakeEvent(R"({"id":"1","merchant":"acme",)" + head +
                                 R"("total":100,"items":[{"sku":"A","quantity":3}]})")));
  const auto amend = [&](const std::string& id, const std::string& order) {
    auto applied = engine.Apply(
        MakeEvent(EventJson(id, "order.amended", R"("order":{"id":"1",)" + head + order + "}")), {},
        true, {std::nullopt, true});
    return applied ? std::string("accepted") : std::string(InfoOf(applied.error().code).name);
  };
  CHECK(amend("a", R"("total":10,"items":[{"sku":"A","quantity":3}])") == "forbidden");
  CHECK(amend("b", R"("total":100,"items":[{"sku":"A","quantity":4}])") == "forbidden");
  CHECK(amend("c", R"("total":100,"items":[{"sku":"B","quantity":3}])") == "forbidden");
  CHECK(amend("d", R"("total":100,"note":"x","items":[{"sku":"A","quantity":3}])") == "forbidden");
  CHECK(amend("f", R"("total":100,"items":[{"sku":"A","quantity":3,"category":"other"}])") ==
        "forbidden");
  CHECK(amend("g", R"("total":100,"attributes":{"vip":true},"items":[{"sku":"A","quantity":3}])") ==
        "forbidden");
  CHECK(amend("h", R"("total":100,"buyer":{"registered_at":"2020-01-01T00:00:00Z"},)"
                   R"("items":[{"sku":"A","quantity":3}])") == "forbidden");
  CHECK(amend("e", R"("total":100,"shipping":{"name":"N"},"items":[{"sku":"A","quantity":1,)"
                   R"("parcel":"1"},{"sku":"A","quantity":2,"parcel":"2"}])") == "accepted");
}

// The goods and the place are those that the reviewer saw.
TEST_CASE("reviews: a release stays when only the parcels change") {
  const auto amended = [](const std::string& id, const std::string& lines,
                          const std::string& more = "") {
    return EventJson(id, "order.amended",
                     R"("order":{"id":"1","placed_at":"2026-11-20T08:00:00Z","currency":"USD",)"
                     R"("total":100,"note":"odd")" +
                         more + R"(,"items":[)" + lines + "]}");
  };
  const std::string split =
      R"({"sku":"A","quantity":1,"parcel":"1"},{"sku":"A","quantity":2,"parcel":"2"})";
  const auto placed = [](Desk& desk) {
    desk(R"({"id":"1","merchant":"acme","placed_at":"2026-11-20T08:00:00Z","currency":"USD",)"
         R"("total":100,"note":"odd","items":[{"sku":"A","quantity":3}]})");
    desk(PaymentJson("p1", "1", 0, "completed", R"("amount":100,"currency":"USD")"));
    return desk(Release(0, "\"odd\"")).permit;
  };
  Desk desk(kRules);
  const PermitClaims before = placed(desk);
  const Decision& after = desk(amended("a", split));
  CHECK(Short(after) == "ship 0 [odd]");
  CHECK(after.permit != before);
  // A wrong parcel still holds the order.
  CHECK(Short(desk(EventJson("s", "shipment.packed",
                             R"("shipment":{"parcel":"1","items":[{"sku":"B"}]})"))) ==
        "hold packing 0 [packing odd]");
  // Another line, quantity, address or text ends it.
  for (const auto& [lines, more] :
       {std::pair<std::string, std::string>{R"({"sku":"A","quantity":4})", ""},
        {R"({"sku":"A","quantity":3},{"sku":"B"})", ""},
        {split, R"(,"shipping":{"name":"Mallory"})"},
        {split, R"(,"device_id":"d-9")"}}) {
    Desk other(kRules);
    placed(other);
    CHECK(Short(other(amended("a", lines, more))) == "hold identity 0 [odd review]");
  }
  // What an administrator released of a wrong parcel is that parcel.
  Desk wrong(kRules);
  placed(wrong);
  wrong(EventJson("s", "shipment.packed", R"("shipment":{"items":[{"sku":"B"}]})"));
  CHECK(wrong(Release(1, R"("odd","packing")", "eva", "admin")).outcome == Outcome::kShip);
  CHECK(wrong(amended("a", split)).outcome == Outcome::kHold);
}

// Goal:   an entry counts until its end, by the time of events, and leaves what was before.
TEST_CASE("lists: an entry counts until its time") {
  Desk desk(R"(
lists:
  bad: { type: text, dynamic: true, values: [old] }
  nets: { type: ip, dynamic: true }
rules:
  - { id: bad, when: "order.device_id in lists.bad", reject: true, on_missing: skip }
  - { id: net, when: "order.ip in lists.nets", reject: true, on_missing: skip }
)");
  const auto change = [&](const std::string& list, const std::string& what) {
    static int count = 0;
    return desk.Refusal(R"({"id":"l)" + std::to_string(++count) +
                        R"(","type":"list.changed","merchant":"acme","occurred_at":)"
                        R"("2026-11-20T07:00:00Z","list":{"name":")" +
                        list + "\"," + what + "}}");
  };
  const auto outcome = [&](int minute, const std::string& more) {
    static int count = 100;
    return desk(OrderJson(std::to_string(++count), minute, more)).outcome;
  };
  const std::string until = R"(,"until":"2026-11-20T08:30:00Z")";
  CHECK(change("bad", R"("add":["d"])" + until) == "accepted");
  CHECK(change("nets", R"("add":["192.0.2.0/24"])" + until) == "accepted");
  for (const char* more : {R"("device_id":"d")", R"("ip":"192.0.2.9")"}) {
    CHECK(outcome(29, more) == Outcome::kReject);
    CHECK(outcome(30, more) == Outcome::kHold);
    CHECK(outcome(20, more) == Outcome::kReject);  // by its own time
  }
  // What was removed for ever, and added for a while, is removed again.
  CHECK(change("bad", R"("remove":["old"])") == "accepted");
  CHECK(outcome(1, R"("device_id":"old")") == Outcome::kHold);
  CHECK(change("bad", R"("add":["old"])" + until) == "accepted");
  CHECK(outcome(2, R"("device_id":"old")") == Outcome::kReject);
  CHECK(outcome(31, R"("device_id":"old")") == Outcome::kHold);
  // A removal ends it; without an end it stays.
  CHECK(change("bad", R"("remove":["d"])") == "accepted");
  CHECK(outcome(3, R"("device_id":"d")") == Outcome::kHold);
  CHECK(change("bad", R"("add":["d"])") == "accepted");
  CHECK(outcome(59, R"("device_id":"d")") == Outcome::kReject);
  CHECK(change("bad", R"("remove":["d"])" + until).find("needs entries in list.add") !=
        std::string::npos);
  CHECK(change("bad", R"("add":["d"],"until":"2026-11-20T06:00:00Z")").find("has passed") !=
        std::string::npos);
}

// ---- permits ------------------------------------------------------------------------------------

TEST_CASE("permit: is given with a ship, and says no longer what has changed") {
  const std::string private_key = RandomBytes(kEd25519Bytes);
  const auto signer = PermitSigner::Make(private_key);
  REQUIRE(signer);
  Desk desk(kRules);
  Place(desk, R"("items":[{"sku":"A"}])");
  std::string text = Json(desk(EventJson("m", "buyer.message", R"("message":{"text":"a}b"})")));
  SetPermit(&*signer, text);
  const auto document = JsonDocument::Parse(text);
  REQUIRE(document);
  const std::string token(document->root()["permit"].text());
  const std::string public_key = *PublicKeyOf(private_key);
  CHECK(IsSignedBy(token, public_key));
  const auto permit = ReadPermit(token);
  REQUIRE(permit);
  CHECK(permit->order_id == "1");
  CHECK(permit->merchant == "acme");
  CHECK(permit->claims == desk.engine().store().FindOrder("acme", "1")->permit);
  CHECK(permit->offset == 3);
  // Every other text is none of ours.
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(IsSignedBy(forged, public_key));
  }
  CHECK_FALSE(IsSignedBy(token, *PublicKeyOf(RandomBytes(kEd25519Bytes))));
  CHECK_FALSE(IsSignedBy(token + ".", public_key));
  CHECK_FALSE(ReadPermit("hfp1."));

  // The same money told again changes nothing; another line does.
  CHECK(desk(PaymentJson("p2", "1", 30, "completed", R"("amount":100,"currency":"USD")"))
            .voids.empty());
  const auto dispatch = [&](const std::string& id, const std::string& with) {
    std::string alert;
    const auto applied = desk.engine().Apply(
        MakeEvent(EventJson(id, "shipment.dispatched", R"("shipment":{"permit":")" + with + "\"}")),
        [&](const std::shared_ptr<Event>& event, Applied) { alert = event->alert->text; });
    REQUIRE(applied);
    return alert;
  };
  CHECK(dispatch("d1", token) == "");
  CHECK(dispatch("d2", "hfp1.x.y") ==
        "Order 1 was dispatched, but it has left with a permit that is none of ours");
  const Decision& amended =
      desk(EventJson("am", "order.amended",
                     R"("order":{"id":"1","placed_at":"2026-11-20T08:00:00Z","currency":"USD",)"
                     R"("total":100,"items":[{"sku":"B"}]})"));
  CHECK(amended.voids == permit->claims);
  CHECK(amended.permit.order != permit->claims.order);
  CHECK(dispatch("d3", token) ==
        "Order 1 was dispatched, but it has changed since its permit was given");
}

// Invariant 5: nothing fails open.
// Goal:   whatever people and providers do, in whatever order: no order ships with money that is
//         not certain unless an administrator released just that; none while a rejection stands;
//         and none that a hard rule holds, but by an administrator.
// Method: random events, each decision against a model of its own.
TEST_CASE("reviews: no sequence of events opens what only an administrator may") {
  Random random(77);
  for (int round = 0; round < 300; ++round) {
    Desk desk(kRules);
    const bool firm = random.Between(0, 1) == 1;
    desk(OrderJson("1", 0, firm ? R"("note":"firm")" : R"("note":"odd")"));
    bool rejected = false, admin = false;
    std::string funds_released;
    for (int i = 0; i < 12; ++i) {
      const auto minute = static_cast<int>(random.Between(0, 59));
      const bool by_admin = random.Between(0, 3) == 0;
      const std::string id = std::to_string(round) + "-" + std::to_string(i);
      std::string json;
      switch (random.Between(0, 6)) {
        case 0:
          json = PaymentJson("p" + id, "1", minute, "completed");
          break;
        case 1:
          json = PaymentJson("p" + id, "1", minute, "under_review");
          break;
        case 2:
          json = ReviewJson("rejected", minute, R"("reason":"fraud")");
          break;
        case 3:
          json = EventJson("d" + id, "dispute.opened", R"("dispute":{"id":"d","kind":"dispute"})");
          break;
        case 4:
          json = EventJson("m" + id, "buyer.message", R"("message":{"text":"?"})");
          break;
        default: {
          const char* certainties[] = {"none", "uncertain", "certain", "contested"};
          const std::string named = certainties[random.Between(0, 3)];
          json = Release(minute, R"("odd","firm","funds","review")", by_admin ? "eva" : "ana",
                         by_admin ? "admin" : "review", ",\"funds\":\"" + named + "\"");
          auto applied = desk.engine().Apply(MakeEvent(json));
          if (!applied) continue;
          rejected = false;
          admin = by_admin;
          funds_released = by_admin ? named : "";
          REQUIRE(applied->decision);
          json.clear();
          const Decision& now = *applied->decision;
          if (now.outcome != Outcome::kShip) continue;
          CHECK((now.funds == FundsCertainty::kCertain || funds_released == NameOf(now.funds)));
          CHECK((!firm || admin));
          continue;
        }
      }
      auto applied = desk.engine().Apply(MakeEvent(json));
      if (!applied || !applied->decision) continue;
      if (json.find("review.rejected") != std::string::npos) rejected = true;
      const Decision& now = *applied->decision;
      if (now.outcome != Outcome::kShip) continue;
      CHECK_FALSE(rejected);
      CHECK((now.funds == FundsCertainty::kCertain || funds_released == NameOf(now.funds)));
      CHECK((!firm || admin));
    }
  }
}

// Goal:   a reviewer opens nothing that an administrator has closed by undoing rejections.
// Method: random decisions and undoings of two reviewers and an administrator.
TEST_CASE("reviews: undoing opens nothing that an administrator has closed") {
  Random random(78);
  int undone = 0;
  for (int round = 0; round < 300; ++round) {
    Desk desk(kRules);
    Place(desk, R"("note":"odd")");
    bool closed = false;
    for (int i = 0; i < 14; ++i) {
      const char* people[] = {"ana", "ben", "eva"};
      const std::string by = people[random.Between(0, 2)];
      const bool admin = by == "eva";
      const std::string role = admin ? "admin" : "review";
      const auto minute = static_cast<int>(random.Between(0, 59));
      const int what = static_cast<int>(random.Between(0, 3));
      const std::string json =
          what == 0   ? ReviewJson("rejected", minute, R"("reason":"fraud")", by, role)
          : what == 1 ? ReviewJson("held", minute, R"("reason":"suspicious")", by, role)
          : what == 2 ? ReviewJson("undone", minute, "", by, role)
                      : Release(minute, R"("odd","review")", by, role);
      const auto applied = desk.engine().Apply(MakeEvent(json));
      if (!applied) continue;
      undone += what == 2 ? 1 : 0;
      if (admin) closed = what < 2;
      REQUIRE(applied->decision);
      CHECK_FALSE((closed && applied->decision->outcome == Outcome::kShip));
    }
  }
  CHECK(undone > 50);
}

// Goal:   a held order's rank is its time to be looked at, an hour sooner for each doubling of what
//         is likely lost, in any currency and without overflow.
TEST_CASE("reviews: the dearer and the more doubtful comes first, and nothing waits forever") {
  const Currency usd = *Currency::Parse("USD"), jpy = *Currency::Parse("JPY");
  const auto hours = [](std::int64_t amount, int score, Currency base) {
    Held held;
    held.review_by = EventTime{0};
    held.amount = amount;
    held.score = score;
    return -RankOf(held, std::nullopt, base).nanos / (3600 * kNanosPerSecond);
  };
  CHECK(hours(10'000, 50, usd) == 6);  // 100.00 at 50: 50 lost
  CHECK(hours(20'000, 50, usd) == 7);
  CHECK(hours(10'000, 100, usd) == 7);
  CHECK(hours(10'000, 0, usd) == 6);
  CHECK(hours(100, 50, jpy) == 6);
  CHECK(hours(-5, 50, usd) == 0);
  CHECK(hours(std::numeric_limits<std::int64_t>::max(), 100, jpy) == 51);
  Held held;
  held.review_by = EventTime{5};
  CHECK(RankOf(held, EventTime{3}, usd) == EventTime{3 - 10 * 3600 * kNanosPerSecond});
  held.review_by = EventTime{std::numeric_limits<std::int64_t>::min()};
  CHECK(RankOf(held, std::nullopt, usd) == held.review_by);
}

}  // namespace
}  // namespace holdfast
