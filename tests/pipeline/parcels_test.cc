// Parcels that leave, compared with what was ordered and packed.
#include <doctest/doctest.h>

#include <string>

#include "tests/pipeline/harness.h"

namespace holdfast {
namespace {

using testing::Desk;
using testing::MakeEvent;
using testing::OrderJson;
using testing::PaymentJson;
using testing::Short;

constexpr const char* kRules = R"(
packing: { evidence: "order.total > 900.0" }
rules:
  - { id: odd, when: "order.note == 'odd'", hold: identity, on_missing: skip }
)";

std::string EventJson(const std::string& id, const std::string& type, const std::string& payload) {
  return R"({"id":")" + id + R"(","type":")" + type +
         R"(","merchant":"acme","occurred_at":"2026-11-20T11:00:00Z","order_id":"1",)" + payload +
         "}";
}

TEST_SUITE_BEGIN("pipeline");

// Goal:   what leaves unchecked holds the order, and each such hold can be ended.
TEST_CASE("parcels: what leaves without its evidence, or is not of the order, holds it") {
  const auto left = [](const std::string& id, const std::string& shipment) {
    return EventJson(id, "shipment.dispatched", "\"shipment\":{" + shipment + "}");
  };
  const auto packed = [](const std::string& id, const std::string& shipment) {
    return EventJson(id, "shipment.packed", "\"shipment\":{" + shipment + "}");
  };
  const std::string paid = R"("amount":1000,"currency":"USD","payer":{"email":"pia@example.com"})";
  const std::string lines = R"("items":[{"sku":"A","parcel":"one"},{"sku":"B","parcel":"two"}])";
  const std::string one = R"("parcel":"one","items":[{"sku":"A"}],"evidence":"cam/1")";
  const std::string two = R"("parcel":"two","items":[{"sku":"B"}],"evidence":"cam/2")";
  const auto dear = [&](Desk& desk) {
    desk(R"({"id":"1","merchant":"acme","placed_at":"2026-11-20T08:00:00Z","currency":"USD",)" +
         std::string(R"("total":1000,)") + lines + "}");
    desk(PaymentJson("p1", "1", 0, "completed", paid));
  };
  SUBCASE("never checked") {
    Desk desk(kRules);
    dear(desk);
    const Decision& decision = desk(left("d", R"("parcel":"two","carrier":"dhl","tracking":"1Z")"));
    CHECK(Short(decision) == "hold packing 0 [packing]");
    CHECK(decision.reasons[0].text ==
          "Parcel two has left without evidence of its packing, which this order needs");
    CHECK(Short(desk(packed("k", two))) == "ship 0 []");
  }
  SUBCASE("a report that names no parcel is of all") {
    Desk desk(kRules);
    dear(desk);
    CHECK(Short(desk(packed("k", one))) == "ship 0 []");
    const Decision& decision = desk(left("d", R"("carrier":"dhl")"));
    REQUIRE(decision.reasons.size() == 1);
    CHECK(decision.reasons[0].text.starts_with("Parcel two has left"));
  }
  SUBCASE("a delivery is of no more than what has left") {
    Desk desk(kRules);
    dear(desk);
    CHECK(Short(desk(packed("k", one))) == "ship 0 []");
    REQUIRE(desk.engine().Apply(MakeEvent(left("d", R"("parcel":"one")"))));
    REQUIRE(
        desk.engine().Apply(MakeEvent(EventJson("v", "shipment.delivered", "\"shipment\":{}"))));
    CHECK(desk.engine().store().FindOrder("acme", "1")->outcome == Outcome::kShip);
  }
  SUBCASE("a parcel that the order does not have") {
    Desk desk(kRules);
    desk(OrderJson("1", 0, lines));
    desk(PaymentJson("p1", "1", 0, "completed"));
    const Decision& decision = desk(left("d", R"("parcel":"three")"));
    CHECK(Short(decision) == "hold packing 0 [packing]");
    CHECK(decision.reasons[0].text == "Parcel three has left, but the order has no parcel three");
    // That something has left is not taken back; the shop names the parcel as it is.
    CHECK(Short(desk(packed("k", R"("parcel":"three")"))) == "hold packing 0 [packing]");
    CHECK(
        Short(desk(EventJson("a", "order.amended",
                             R"("order":{"id":"1","placed_at":"2026-11-20T08:00:00Z",)"
                             R"("currency":"USD","total":100,"items":[{"sku":"A","parcel":"one"},)"
                             R"({"sku":"B","parcel":"three"}]})"))) == "ship 0 []");
  }
  SUBCASE("a release of one packing fault is of no later one") {
    Desk desk(kRules);
    desk(OrderJson("1", 0, lines));
    desk(PaymentJson("p1", "1", 0, "completed"));
    desk(packed("k", R"("parcel":"one","items":[{"sku":"X"}])"));
    CHECK(desk(R"({"id":"r","type":"review.released","merchant":"acme","occurred_at":)"
               R"("2026-11-20T10:00:00Z","order_id":"1","review":{"by":"eva","role":"admin",)"
               R"("reason":"known_buyer","rules":["packing"]}})")
              .outcome == Outcome::kShip);
    // The released parcel leaves, and then one that nobody knows.
    REQUIRE(desk.engine().Apply(MakeEvent(left("d", R"("parcel":"one")"))));
    CHECK(desk.engine().store().FindOrder("acme", "1")->outcome == Outcome::kShip);
    CHECK(desk(left("e", R"("parcel":"zz")")).outcome == Outcome::kHold);
  }
  SUBCASE("what needs none leaves as it did") {
    Desk desk(kRules);
    desk(OrderJson("1", 0, lines));
    desk(PaymentJson("p1", "1", 0, "completed"));
    CHECK(Short(desk(left("d", R"("parcel":"one")"))) == "ship 0 []");
  }
}

TEST_SUITE_END();

}  // namespace
}  // namespace holdfast
