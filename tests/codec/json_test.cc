#include "engine/codec/json.h"
#include "engine/codec/decision_reader.h"

#include <doctest/doctest.h>

#include "engine/base/limits.h"
#include "engine/simulate/random.h"
#include "engine/simulate/simulator.h"

namespace holdfast {
namespace {

std::string Problem(std::string_view json, UnknownFields unknown = UnknownFields::kKeep) {
  Event event;
  JsonEventParser parser(unknown);
  const Status status = parser.Parse(json, event);
  return status ? "fine" : status.error().Text();
}

// An order with one part replaced.
std::string With(const std::string& part) {
  return R"({"id":"1","merchant":"acme","placed_at":"2026-11-20T08:15:30Z","currency":"USD","total":412.00)" +
         (part.empty() ? "" : "," + part) + "}";
}
std::string OrderOnly(const std::string& fields) { return "{\"id\":\"1\"," + fields + "}"; }

TEST_CASE("codec: a bare order is an order.placed") {
  Event event;
  JsonEventParser parser;
  REQUIRE(parser.Parse(With(R"("items":[{"sku":"A","unit_price":"206.00","quantity":2}])"), event));
  CHECK(event.type == EventType::kOrderPlaced);
  CHECK(event.id == "1");
  CHECK(event.order_id == "1");
  CHECK(FormatRfc3339(event.occurred_at) == "2026-11-20T08:15:30Z");
  CHECK(*event.order->total == 41200);
  REQUIRE(event.order->items.size() == 1);
  CHECK(*event.order->items[0].unit_price == 20600);
  CHECK(event.order->items[0].quantity == 2);
}

// Goal: each fault is refused, with a text that says where and what.
TEST_CASE("codec: faults name their path") {
  struct Row {
    std::string json;
    std::string expected;
  };
  const Row rows[] = {
      {With(""), "fine"},
      {With(R"("items":[{},{},{"quantity":-1}])"),
       "order.items[2].quantity: must be a whole number from 1 to 1000000, got -1"},
      {With(R"("items":[{"quantity":1.5}])"),
       "order.items[0].quantity: must be a whole number from 1 to 1000000, got 1.5"},
      {With(R"("items":[{"quantity":"2"}])"),
       "order.items[0].quantity: must be a whole number from 1 to 1000000, got a text"},
      {With(R"("items":[{"weight_grams":-1}])"),
       "order.items[0].weight_grams: must be a whole number from 0 to 1000000000, got -1"},
      {With(R"("items":[{"weight_grams":"5"}])"),
       "order.items[0].weight_grams: must be a whole number from 0 to 1000000000, got a text"},
      {With(R"("items":[{"hazard":"batery"}])"),
       "order.items[0].hazard: must be none, battery, flammable, liquid, aerosol, magnet or other, "
       "got \"batery\"; did you mean 'battery'?"},
      {With(R"("billing":{"method":"express"})"), "order.billing.method: unknown field of party"},
      {With(R"("payment":{"status":"completed","instalments":1.5})"),
       "order.payment.instalments: must be a whole number from 0 to 1000000000, got 1.5"},
      {With(R"("ip":5)"), "order.ip: must be a text, got a number"},
      {With(R"("ip":"localhost")"), "order.ip: must be an IPv4 or IPv6 address, got \"localhost\""},
      {With(R"("buyer":"Ann")"), "order.buyer: must be an object, got a text"},
      {With(R"("buyer":{"emial":"x"})"),
       "order.buyer.emial: unknown field of buyer; did you mean 'email'?"},
      {With(R"("items":{})"), "order.items: must be a list, got an object"},
      {With(R"("note":["x"])"), "order.note: must be a text, got a list"},
      {With(R"("ip":"1.2.3.4","ip":"1.2.3.4")"), "order.ip: is given twice"},
      {With(R"("x":1,"x":2)"), "order.x: is given twice"},
      {With(R"("shipping":{"address":{"country":"Germany"}})"),
       "order.shipping.address.country: must be an ISO 3166 country code such as DE, got "
       "\"Germany\""},
      {With(R"("buyer":{"registered_at":"2019-11-31T00:00:00Z"})"),
       "order.buyer.registered_at: must be a time that exists, such as \"2026-11-20T08:15:30Z\", "
       "from "
       "1970 to 2261, got \"2019-11-31T00:00:00Z\""},
      {With(R"("payment":{"status":"complted"})"),
       "order.payment.status: must be created, authorized, pending, under_review, completed, "
       "cleared, "
       "denied, failed, voided, expired, partially_refunded, refunded, reversed, charged_back or "
       "disputed, "
       "got \"complted\"; did you mean 'completed'?"},
      {With(R"("shipping_fee":-1)"), "order.shipping_fee: must not be negative, got -1"},
      {With(R"("shipping_fee":1.001)"), "order.shipping_fee: USD has 2 decimal places, got 1.001"},
      {With(R"("shipping_fee":{"amount":"5.00","currency":"EUR"})"),
       "order.shipping_fee: is in EUR, but the order is in USD"},
      {OrderOnly(
           R"("placed_at":"2026-11-20T08:15:30Z","total":{"amount":12,"currency":"EUR"},"currency":"USD")"),
       "order.total: is in EUR, but the order is in USD"},
      {OrderOnly(R"("placed_at":"2026-11-20T08:15:30Z","total":1,"currency":"USB")"),
       "order.currency: must be an ISO 4217 currency such as EUR, got \"USB\"; did you mean USD?"},
      {OrderOnly(R"("placed_at":"2026-11-20T08:15:30Z","total":1.5,"currency":"JPY")"),
       "order.total: JPY has no decimal places, got 1.5"},
      {OrderOnly(R"("placed_at":"2026-11-20T08:15:30Z","currency":"USD")"),
       "order.total: is missing"},
      {OrderOnly(R"("total":1,"currency":"USD")"), "order.placed_at: is missing"},
      {R"({"id":"e","type":"payment.updated","occurred_at":"2026-11-20T08:15:30Z","order_id":"1"})",
       "payment: is missing; an event of type payment.updated needs it"},
      {R"({"id":"e","type":"payment.updated","occurred_at":"2026-11-20T08:15:30Z","payment":{"status":"pending"}})",
       "order_id: is missing; or give references that name the order"},
      {R"({"id":"e","type":"payment.updated","occurred_at":"2026-11-20T08:15:30Z","order_id":"1","payment":{}})",
       "payment.status: is missing; or give payment.movement"},
      {R"({"id":"e","type":"payment.updated","occurred_at":"2026-11-20T08:15:30Z","order_id":"1","payment":{"status":"pending","amount":5}})",
       "payment.amount: needs a currency beside it"},
      {R"({"id":"e","type":"payment.update","occurred_at":"2026-11-20T08:15:30Z"})",
       "type: must be order.placed, order.amended, order.cancelled, payment.updated, "
       "refund.issued, "
       "dispute.opened, dispute.updated, dispute.closed, buyer.message, buyer.confirmed, "
       "shipment.packed, "
       "shipment.dispatched, shipment.delivered, shipment.returned, shipment.refused, "
       "review.claimed, review.released, review.rejected, "
       "review.held, review.noted, review.tagged, review.asked, review.approved, review.rescored, "
       "review.paid, review.undone, review.assigned, review.escalated, "
       "list.changed, "
       "pack.activated, timer.fired, alert.raised, alert.acknowledged or delivery.received, got "
       "\"payment.update\"; "
       "did you mean "
       "'payment.updated'?"},
      {R"({"type":"payment.updated","occurred_at":"2026-11-20T08:15:30Z","order_id":"1","payment":{"status":"pending"}})",
       "id: is missing; every event needs an id of its own"},
      {R"({"id":"e","type":"payment.updated","occurred_at":"2026-11-20T08:15:30Z","order_id":"1","total":5,"payment":{"status":"pending"}})",
       "total: unknown field of event; the order goes under 'order'"},
      {R"({"id":"e","type":"order.placed","merchant":"a","occurred_at":"2026-11-20T08:15:30Z","order":{"id":"1","merchant":"b","placed_at":"2026-11-20T08:15:30Z","currency":"USD","total":1}})",
       "order.merchant: is \"b\", but the event's merchant is \"a\""},
      {R"({"id":"e","type":"order.placed","occurred_at":"2026-11-20T08:15:30Z","order_id":"2","order":{"id":"1","placed_at":"2026-11-20T08:15:30Z","currency":"USD","total":1}})",
       "order.id: is \"1\", but order_id is \"2\""},
      {R"({"id":"e","type":"refund.issued","occurred_at":"2026-11-20T08:15:30Z","order_id":"2","refund":{},"dispute":{}})",
       "dispute: does not belong to an event of type refund.issued"},
      {"[]", "must be a JSON object, got a list"},
      {"7", "must be a JSON object, got a number"},
      {"null", "must be a JSON object, got null"},
      {With("\"note\":\"\xC0\x80\""), "is not valid UTF-8"},
      {With(R"("note":"\ud800")"),
       "order.note: is not JSON at byte 103: The surrogate pair in string is invalid."},
      {With(R"("device_id":"a\u0000b")"), "order.device_id: must not hold control characters"},
      {std::string("{\"id\":\"1\"}\0{}", 12), "holds a zero byte"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.json);
    CHECK(Problem(row.json) == row.expected);
  }
  CHECK(Problem(With(R"("coupon":"VIP")"), UnknownFields::kRefuse) ==
        "order.coupon: unknown field of order");
}

TEST_CASE("codec: limits are errors, never cuts") {
  std::string deep = "\"x\":";
  for (int i = 0; i < 10'000; ++i) deep += "[";
  CHECK(Problem(With(deep)).find("is nested more than 16 levels deep") != std::string::npos);
  std::string objects = "\"x\":";
  for (int i = 0; i < 10'000; ++i) objects += "{\"a\":";
  CHECK(Problem(With(objects)).find("is nested more than 16 levels deep") != std::string::npos);
  std::string items = "\"items\":[{}";
  for (std::size_t i = 0; i < limits::kItems; ++i) items += ",{}";
  CHECK(Problem(With(items + "]")) == "order.items[5000]: more than 5000 entries");
  CHECK(Problem(With("\"device_id\":\"" + std::string(129, 'x') + "\"")) ==
        "order.device_id: is longer than 128 bytes");
  std::string attributes;
  for (int i = 0; i < 101; ++i) attributes += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + "\":1";
  CHECK(Problem(With(attributes)) == "order.k100: more than 100 attributes");
  CHECK(Problem(With("\"note\":\"" + std::string(2 << 20, 'x') + "\"")) ==
        "is larger than 1048576 bytes");
}

TEST_CASE("codec: unknown top-level fields of an order become attributes, nested values too") {
  Event event;
  JsonEventParser parser;
  REQUIRE(parser.Parse(
      With(R"("zeta":1,"alpha":{"b":[1,2.5,"x",null,true]},"attributes":{"m":"n"})"), event));
  std::string json;
  WriteEvent(event, json);
  CHECK(json.find(R"("attributes":{"alpha":{"b":[1,2.5,"x",null,true]},"m":"n","zeta":1})") !=
        std::string::npos);
}

TEST_CASE("codec: companies, tax ids, weights, 3-D Secure and the rest read back") {
  const std::string parts =
      R"("buyer":{"language":"pt-BR"},)"
      R"("shipping":{"name":"Ana","company":"Ana Ltda","tax_id":"359.898.737-43",)"
      R"("address":{"country":"BR"},"method":"express"},)"
      R"("billing":{"company":"Ana Ltda","tax_id":"38684543211513"},)"
      R"("items":[{"sku":"A","quantity":2,"brand":"Acme","hs_code":"8507.60",)"
      R"("weight_grams":0,"hazard":"battery"}],)"
      R"("payment":{"provider":"stripe","status":"completed","currency":"USD","card":)"
      R"({"three_d_secure":"attempted","liability_shift":true},"instalments":12,"attempts":3})";
  Event event, again;
  JsonEventParser parser;
  REQUIRE(parser.Parse(With(parts), event));
  CHECK(event.order->shipping.method == "express");
  CHECK(event.order->items[0].weight_grams == 0);
  CHECK(event.order->items[0].hazard == Hazard::kBattery);
  CHECK(event.order->payment->card.three_d_secure == ThreeDSecure::kAttempted);
  std::string json, twice;
  WriteEvent(event, json);
  for (const std::string& part :
       {std::string(R"("language":"pt-BR")"), std::string(R"("method":"express")"),
        std::string(R"("tax_id":"38684543211513")"), std::string(R"("weight_grams":0)"),
        std::string(R"("liability_shift":true)"), std::string(R"("instalments":12)")}) {
    CHECK_MESSAGE(json.find(part) != json.npos, part << " in " << json);
  }
  REQUIRE(parser.Parse(json, again));
  WriteEvent(again, twice);
  CHECK(json == twice);
}

// Goal:   what is written reads back as the same event.
// Method: simulated traffic of every kind, written, read, written again.
TEST_CASE("codec: canonical JSON is a fixed point") {
  Simulator simulator({.seed = 11, .orders = 500});
  JsonEventParser parser;
  int kinds = 0;
  while (const auto event = simulator.Next()) {
    std::string once, twice;
    WriteEvent(*event, once);
    Event back;
    const Status status = parser.Parse(once, back);
    REQUIRE_MESSAGE(status.has_value(), status.error().Text() << " in " << once);
    WriteEvent(back, twice);
    REQUIRE(once == twice);
    ++kinds;
  }
  CHECK(kinds > 1500);
}

// Goal:   what is read, written and read again is the same, whatever names its currency where.
// Method: orders and payments whose amounts, movements and currencies are given or not, in several
//         currencies and orders of members; all that is accepted.
TEST_CASE("codec: amounts read back in the currency that they were read in") {
  Random random(31);
  JsonEventParser parser;
  int accepted = 0;
  const auto pick = [&random](std::initializer_list<const char*> of) {
    return std::string(of.begin()[random.Below(of.size())]);
  };
  const auto shuffled = [&random](std::vector<std::string> members) {
    std::string all;
    while (!members.empty()) {
      const std::size_t at = random.Below(members.size());
      if (!members[at].empty()) all += (all.empty() ? "" : ",") + members[at];
      members.erase(members.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return "{" + all + "}";
  };
  const auto currency = [&] {
    return pick({"", R"("currency":"USD")", R"("currency":"JPY")", R"("currency":"KWD")"});
  };
  for (int i = 0; i < 4'000; ++i) {
    const auto amount = [&] {
      return pick({"", R"("amount":10)", R"("amount":"10.05")", R"("amount":"1.005")",
                   R"("amount":{"amount":"7","currency":"USD"})",
                   R"("amount":{"amount":"7","currency":"JPY"})"});
    };
    const std::string movement =
        "\"movement\":" +
        shuffled({R"("kind":"capture")", R"("state":"succeeded")", amount(), currency()});
    const std::string payment =
        "\"payment\":" + shuffled({R"("provider":"paypal")", R"("transaction_id":"T")", amount(),
                                   currency(), random.Chance(600) ? movement : std::string()});
    const std::string order =
        "\"order\":" +
        shuffled({R"("id":"1")", R"("placed_at":"2026-11-20T08:00:00Z")", R"("total":5)",
                  pick({R"("currency":"EUR")", R"("currency":"JPY")"}),
                  random.Chance(800) ? payment : std::string()});
    const std::string text = shuffled({R"("id":"e")", R"("type":"order.placed")",
                                       R"("occurred_at":"2026-11-20T08:00:00Z")", order});
    Event event, back;
    if (!parser.Parse(text, event)) continue;
    ++accepted;
    std::string once, twice;
    WriteEvent(event, once);
    const Status read = parser.Parse(once, back);
    REQUIRE_MESSAGE(read.has_value(), read.error().Text() << " in " << once << " of " << text);
    WriteEvent(back, twice);
    REQUIRE_MESSAGE(once == twice, text);
    const Payment *first = event.order->payment, *second = back.order->payment;
    REQUIRE((first == nullptr) == (second == nullptr));
    if (first == nullptr) continue;
    REQUIRE_MESSAGE(first->amount == second->amount, text);
    REQUIRE_MESSAGE(first->movement.amount == second->movement.amount, text);
  }
  CHECK(accepted > 500);
}

TEST_CASE("codec: a merchant is added where the text names none") {
  std::string text = R"( {"id":"1"})";
  CHECK(AddMerchant("a\"b", text));
  CHECK(text == R"( {"merchant":"a\"b","id":"1"})");
  for (const std::string kept : {R"({"merchant":"default"})", R"({"m\u0065rchant":"default"})",
                                 R"({"note":"a merchant"})"}) {
    std::string same = kept;
    CHECK_FALSE(AddMerchant("x", same));
    CHECK(same == kept);
  }
}

// Goal:   no input crashes or hangs the parser.
// Method: real events with bytes changed, cut and doubled, from a fixed seed.
TEST_CASE("codec: damaged input is refused or read, never worse") {
  Simulator simulator({.seed = 5, .orders = 40});
  std::vector<std::string> samples;
  while (const auto event = simulator.Next()) {
    samples.emplace_back();
    WriteEvent(*event, samples.back());
  }
  std::uint64_t state = 9;
  const auto next = [&state](std::size_t bound) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>((state >> 33) % bound);
  };
  constexpr std::string_view kSpice = "{}[]\":,\\0123456789.eE+-ntfu\x80\xC3 ";
  JsonEventParser parser;
  Event event;
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string json = samples[next(samples.size())];
    for (std::size_t edits = 1 + next(4); edits > 0 && !json.empty(); --edits) {
      const std::size_t at = next(json.size());
      switch (next(3)) {
        case 0:
          json[at] = kSpice[next(kSpice.size())];
          break;
        case 1:
          json.erase(at, 1 + next(20));
          break;
        default:
          json.insert(at, json.substr(next(json.size()), next(30)));
      }
    }
    refused += parser.Parse(json, event) ? 0 : 1;
  }
  CHECK(refused > 10'000);
}

// Goal:   what is kept of a decision is what was decided, whatever its texts say.
// Method: random decisions, with texts that look like the keys that are sought.
TEST_CASE("codec: the head of a decision is read back") {
  Random random(17);
  const std::string texts[] = {"",
                               "a",
                               "\"review_by\":null,\"offset\":7",
                               "],\"pack\":",
                               "\"permit\":{\"order\":\"x\"",
                               "\\\"released\":[\"all\"]",
                               "\",\"decided_at\":\"2020-01-01T00:00:00Z\",\"outcome\":\"ship"};
  const auto text = [&] { return texts[random.Below(std::size(texts))]; };
  const auto time = [&]() -> std::optional<EventTime> {
    if (random.Below(2) == 0) return std::nullopt;
    return EventTime{static_cast<std::int64_t>(random.Below(2'000'000'000)) * 1'000'000'000};
  };
  for (int round = 0; round < 3000; ++round) {
    Decision decision;
    decision.order_id = text();
    decision.merchant = text();
    decision.outcome = static_cast<Outcome>(random.Below(3));
    decision.cause = static_cast<Cause>(random.Below(14));
    decision.score = static_cast<int>(random.Below(101));
    for (std::size_t i = random.Below(3); i > 0; --i) {
      decision.reasons.push_back({text(), Effect::kHold, 0, text(), text(), text()});
      decision.shadow.push_back({text(), Effect::kHold, 0, text(), text(), text()});
      decision.release_paths.push_back({text(), text()});
      decision.handling.push_back(text());
      decision.released.push_back(text());
    }
    decision.review_by = time();
    decision.deadline = time();
    decision.on_deadline = decision.deadline ? "ship" : "";
    if (random.Below(2) == 0) decision.permit = {"0a", random.Below(2) == 0 ? "" : "1b"};
    if (random.Below(2) == 0) decision.voids = {"2c", "3d"};
    decision.pack_name = text();
    decision.pack_hash = "4e";
    decision.offset = random.Below(1'000'000);
    decision.decided_at = time().value_or(EventTime{});
    std::string json;
    WriteDecision(decision, json);
    const auto head = ReadDecisionHead(json);
    CAPTURE(json);
    REQUIRE(head.has_value());
    CHECK(*head == HeadOf(decision));
    CHECK(!ReadDecisionHead(json.substr(0, json.size() / 2)).has_value());
  }
  CHECK(!ReadDecisionHead("").has_value());
}

}  // namespace
}  // namespace holdfast
