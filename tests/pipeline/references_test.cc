// Orders found by other names: whatever the order of arrival, the same is known in the end.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>

#include "engine/codec/json.h"
#include "engine/model/names.h"
#include "engine/pipeline/engine.h"

namespace holdfast {
namespace {

std::shared_ptr<const Pack> SomePack() {
  Diagnostics diagnostics;
  auto pack = LoadPack(std::string(HOLDFAST_SOURCE) + "/rules/starter", diagnostics);
  REQUIRE(pack != nullptr);
  return pack;
}

std::shared_ptr<Event> Read(const std::string& json) {
  auto event = std::make_shared<Event>();
  JsonEventParser parser;
  const Status parsed = parser.Parse(json, *event);
  REQUIRE_MESSAGE(parsed, json);
  return event;
}

std::string At(int minute) {
  return "\"occurred_at\":\"2026-11-20T09:" + std::string(minute < 10 ? "0" : "") +
         std::to_string(minute) + ":00Z\"";
}

// The life of one order: the shop knows it as 77, PayPal as O1, its capture as C1.
std::vector<std::string> Story() {
  return {
      R"({"id":"o","type":"order.placed","merchant":"acme","occurred_at":"2026-11-20T08:00:00Z",)"
      R"("order":{"id":"77","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":"40.00"},)"
      R"("references":["paypal:O1"]})",
      R"({"id":"p1","type":"payment.updated","merchant":"acme",)" + At(1) +
          R"(,"payment":{"provider":"paypal","status":"pending","transaction_id":"C1"},)" +
          R"("references":["paypal:C1","paypal:O1"]})",
      R"({"id":"p2","type":"payment.updated","merchant":"acme",)" + At(2) +
          R"(,"payment":{"provider":"paypal","status":"completed","transaction_id":"C1"},)" +
          R"("references":["paypal:C1","paypal:O1"]})",
      R"({"id":"r1","type":"refund.issued","merchant":"acme",)" + At(3) +
          R"(,"refund":{"id":"R1","amount":"5.00","currency":"USD"},"references":["paypal:C1"]})",
      R"({"id":"d1","type":"dispute.opened","merchant":"acme",)" + At(4) +
          R"(,"dispute":{"id":"D1","kind":"chargeback"},"references":["paypal:C1"]})",
  };
}

struct Told {
  std::string funds, outcome;
  std::size_t refunds = 0, disputes = 0;
  bool operator==(const Told&) const = default;
};

Told Tell(Engine& engine) {
  const OrderState* state = engine.store().FindOrder("acme", "77");
  REQUIRE(state != nullptr);
  const auto explained = engine.Explain("acme", "77");
  REQUIRE(explained);
  return {std::string(NameOf(explained->decision.funds)),
          std::string(NameOf(explained->decision.outcome)), state->refunds.size(),
          state->disputes.size()};
}

TEST_CASE("references: in any order of arrival, and doubled, events find their order") {
  Engine straight(SomePack(), MakeMemoryStore());
  for (const std::string& json : Story()) REQUIRE(straight.Apply(Read(json)));
  const Told expected = Tell(straight);
  CHECK(expected.funds == "contested");
  CHECK(expected.refunds == 1);
  CHECK(expected.disputes == 1);
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    auto story = Story();
    const std::size_t count = story.size();
    for (std::size_t i = 0; i < count; ++i) {
      if (random() % 2 == 0) story.push_back(story[i]);
    }
    std::shuffle(story.begin(), story.end(), random);
    Engine engine(SomePack(), MakeMemoryStore());
    std::size_t decisions = 0;
    std::set<std::string> ids;
    for (const std::string& json : story) {
      const auto applied =
          engine.Apply(Read(json), [&](const std::shared_ptr<Event>& own, const Applied& fired) {
            CHECK(ids.insert(std::string(own->id)).second);
            decisions += fired.decision ? 1 : 0;
          });
      REQUIRE(applied);
      decisions += applied->decision ? 1 : 0;
    }
    CHECK(Tell(engine) == expected);
    // An event decides an order at most once, waiting or not.
    CHECK(decisions <= count);
  }
}

TEST_CASE("references: a name stays with the order that it was first given to") {
  Engine engine(SomePack(), MakeMemoryStore());
  for (const std::string& json : Story()) REQUIRE(engine.Apply(Read(json)));
  const std::string thief =
      R"({"id":"o2","type":"order.placed","merchant":"acme","occurred_at":"2026-11-20T08:30:00Z",)"
      R"("order":{"id":"78","placed_at":"2026-11-20T08:30:00Z","currency":"USD","total":"40.00"},)"
      R"("references":["paypal:O1","paypal:C1"]})";
  REQUIRE(engine.Apply(Read(thief)));
  const std::string late = R"({"id":"p3","type":"payment.updated","merchant":"acme",)" + At(9) +
                           R"(,"payment":{"provider":"paypal","status":"completed"},)"
                           R"("references":["paypal:O1"]})";
  auto event = Read(late);
  REQUIRE(engine.Apply(event));
  CHECK(event->order_id == "77");
  // Another merchant's names are other names.
  const std::string other = R"({"id":"p4","type":"payment.updated","merchant":"other",)" + At(9) +
                            R"(,"payment":{"provider":"paypal","status":"completed"},)"
                            R"("references":["paypal:O1"]})";
  const auto parked = engine.Apply(Read(other));
  REQUIRE(parked);
  CHECK(parked->parked);
}

TEST_CASE("references: ids that Holdfast gives itself are taken from nobody") {
  Engine engine(SomePack(), MakeMemoryStore());
  const auto refused =
      engine.Apply(Read(R"({"id":"joined p1","type":"payment.updated","merchant":"acme",)" + At(1) +
                        R"(,"order_id":"1","payment":{"provider":"paypal","status":"pending"}})"));
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::kInvalidInput);
}

TEST_CASE("references: as many wait for one name as the limit says") {
  Engine engine(SomePack(), MakeMemoryStore());
  Result<Applied> last = Applied();
  for (int i = 0; i < 1'001 && last; ++i) {
    last = engine.Apply(Read(R"({"id":"w)" + std::to_string(i) +
                             R"(","type":"payment.updated","merchant":"acme",)" + At(1) +
                             R"(,"payment":{"provider":"paypal","status":"pending"},)" +
                             R"("references":["paypal:X"]})"));
  }
  REQUIRE(!last);
  CHECK(last.error().code == ErrorCode::kLimitExceeded);
}

}  // namespace
}  // namespace holdfast
