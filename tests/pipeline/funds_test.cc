// Money as an order sees it: several payments, the shop's copies, and payments of other orders.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine/webhooks/webhook.h"
#include "tests/pipeline/harness.h"

namespace holdfast {
namespace {

using testing::Desk;
using testing::OrderJson;
using testing::PaymentJson;

constexpr const char* kPack = "rules: [{ id: r, when: order.total > 1000.0, hold: review }]\n";

std::string Amount(const std::string& id, const std::string& amount) {
  return "\"transaction_id\":\"" + id + "\",\"amount\":" + amount + ",\"currency\":\"USD\"";
}

std::string EventOf(const std::string& id, const std::string& type, int minute,
                    const std::string& more) {
  return R"({"id":")" + id + R"(","type":")" + type +
         R"(","merchant":"acme","occurred_at":"2026-11-20T09:)" + (minute < 10 ? "0" : "") +
         std::to_string(minute) + ":00Z\"," + more + "}";
}

TEST_CASE("funds: what happens to one payment changes no other") {
  Desk desk(kPack);
  desk(OrderJson("1", 0));
  CHECK(desk(PaymentJson("a", "1", 1, "completed", Amount("A", "60"))).outcome == Outcome::kHold);
  CHECK(desk(PaymentJson("b", "1", 2, "failed", Amount("B", "100"))).funds ==
        FundsCertainty::kNone);
  CHECK(desk(PaymentJson("c", "1", 3, "completed", Amount("C", "40"))).outcome == Outcome::kShip);
  for (const char* status : {"expired", "voided", "denied"}) {
    CHECK(
        desk(PaymentJson(std::string("d") + status, "1", 4, status, Amount("D", "100"))).outcome ==
        Outcome::kShip);
  }
  // Charged twice, and one of the charges refunded.
  CHECK(desk(PaymentJson("e", "1", 5, "completed", Amount("E", "100"))).outcome == Outcome::kShip);
  CHECK(desk(PaymentJson("f", "1", 6, "refunded", Amount("E", "100"))).outcome == Outcome::kShip);
  const Decision& short_now = desk(PaymentJson("g", "1", 7, "refunded", Amount("C", "40")));
  CHECK(short_now.funds == FundsCertainty::kLost);
  CHECK(short_now.reasons[0].text.find("60.00 USD of 100.00 USD have arrived") !=
        std::string::npos);
}

TEST_CASE("funds: movements of one payment add up") {
  Desk desk(kPack);
  desk(OrderJson("1", 0));
  const auto move = [&](const std::string& id, int minute, const std::string& movement) {
    return desk(EventOf(id, "payment.updated", minute,
                        R"("order_id":"1","payment":{"provider":"adyen","transaction_id":"P",)"
                        R"("movement":{)" +
                            movement + "}}"))
        .funds;
  };
  const std::string usd = R"(,"currency":"USD")";
  CHECK(move("a", 1,
             R"("kind":"authorization","reference":"P","state":"succeeded","amount":100)" + usd) ==
        FundsCertainty::kReserved);
  CHECK(move("b", 2, R"("kind":"capture","reference":"1","state":"succeeded","amount":60)" + usd) ==
        FundsCertainty::kReserved);
  CHECK(move("c", 3, R"("kind":"capture","reference":"2","state":"pending","amount":40)" + usd) ==
        FundsCertainty::kUncertain);
  CHECK(move("d", 4, R"("kind":"capture","reference":"2","state":"succeeded","amount":40)" + usd) ==
        FundsCertainty::kCertain);
  // What was authorised lapses after it was captured.
  CHECK(move("e", 5, R"("kind":"authorization","reference":"P","state":"expired")") ==
        FundsCertainty::kCertain);
  CHECK(move("f", 6, R"("kind":"capture","reference":"2","state":"failed")") ==
        FundsCertainty::kNone);
  Event unfinished;
  JsonEventParser parser;
  const Status parsed =
      parser.Parse(EventOf("x", "payment.updated", 7,
                           R"("order_id":"1","payment":{"movement":{"kind":"capture"}})"),
                   unfinished);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().Text().find("payment.movement.state") != std::string::npos);
}

TEST_CASE("funds: a payment belongs to the order that named it first") {
  Desk desk(kPack);
  desk(OrderJson("1", 0));
  desk(OrderJson("2", 0));
  CHECK(desk(PaymentJson("a", "1", 1, "completed", Amount("T", "100"))).outcome == Outcome::kShip);
  const Decision& other = desk(PaymentJson("b", "2", 2, "completed", Amount("T", "100")));
  CHECK(other.outcome == Outcome::kHold);
  CHECK(other.reasons[0].text == "The payment that it names is that of order 1");
  // Its own money ships it.
  CHECK(desk(PaymentJson("c", "2", 3, "completed", Amount("U", "100"))).outcome == Outcome::kShip);
}

// An engine with orders 1 and 2 and what it raises.
class TwoOrders {
 public:
  TwoOrders() : engine_(testing::MakePack(kPack), MakeMemoryStore()) {
    (*this)(OrderJson("1", 0));
    (*this)(OrderJson("2", 0));
  }
  void operator()(const std::string& json) {
    const auto applied = engine_.Apply(testing::MakeEvent(json),
                                       [this](const std::shared_ptr<Event>& event, const Applied&) {
                                         if (event->alert != nullptr)
                                           alerts.push_back(std::string(event->alert->name));
                                       });
    REQUIRE_MESSAGE(applied, applied.error().Text());
  }
  Decision Of(const std::string& order) { return engine_.Explain("acme", order)->decision; }

  std::vector<std::string> alerts;

 private:
  Engine engine_;
};

// What the provider itself says of payment T, in a delivery that was proved.
std::string Proved(const std::string& id, int minute, const std::string& order) {
  return EventOf(id, "payment.updated", minute,
                 "\"order_id\":\"" + order +
                     R"(","references":["paypal:T"],"payment":{"provider":"paypal",)"
                     R"("source":"provider","transaction_id":"T","status":"completed",)"
                     R"("amount":100,"currency":"USD"},"delivery":{"body":"00"})");
}

// Goal:   two orders that bring one payment with them are both held, as when events bring it.
TEST_CASE("funds: two orders placed with one payment are both held") {
  Engine engine(testing::MakePack(kPack), MakeMemoryStore());
  for (const char* status : {"completed", "pending", "none"}) {
    for (const char* order : {"1", "2"}) {
      const std::string id = std::string(order) + status;
      const std::string payment =
          R"("payment":{"provider":"paypal","transaction_id":"T)" + std::string(status) + "\"" +
          (status == std::string("none")
               ? "}"
               : R"(,"status":")" + std::string(status) + R"(","amount":100,"currency":"USD"})");
      int own = 0;
      const auto applied =
          engine.Apply(testing::MakeEvent(OrderJson(id, 1, payment)),
                       [&own](const std::shared_ptr<Event>&, const Applied&) { ++own; });
      REQUIRE_MESSAGE(applied, applied.error().Text());
    }
    if (status == std::string("none")) continue;
    CHECK(engine.Explain("acme", "1" + std::string(status))->decision.outcome == Outcome::kHold);
    CHECK(engine.Explain("acme", "2" + std::string(status))->decision.outcome == Outcome::kHold);
  }
}

TEST_CASE("funds: two orders that name one payment are both looked at") {
  TwoOrders orders;
  orders(PaymentJson("a", "1", 1, "completed", Amount("T", "100")));
  CHECK(orders.Of("1").outcome == Outcome::kShip);
  CHECK(orders.alerts.empty());
  orders(PaymentJson("b", "2", 2, "completed", Amount("T", "100")));
  CHECK(orders.alerts == std::vector<std::string>{"payment-of-two-orders"});
  CHECK(orders.Of("2").reasons[0].text == "The payment that it names is that of order 1");
  CHECK(orders.Of("1").outcome == Outcome::kHold);
  CHECK(orders.Of("1").reasons[0].text ==
        "Order 2 names this payment too, and the provider has not reported whose it is");
  SUBCASE("the provider says that it is the first's") {
    orders(Proved("p", 3, "1"));
    CHECK(orders.Of("1").outcome == Outcome::kShip);
    CHECK(orders.Of("2").outcome == Outcome::kHold);
  }
  SUBCASE("the provider says that it is the second's") {
    orders(Proved("p", 3, "2"));
    CHECK(orders.Of("1").outcome == Outcome::kHold);
    CHECK(orders.Of("2").outcome == Outcome::kShip);
    // What comes without an order is of the second now.
    orders(EventOf("d", "dispute.opened", 4,
                   R"("references":["paypal:T"],"dispute":{"id":"D","kind":"dispute"})"));
    CHECK(orders.Of("2").funds == FundsCertainty::kContested);
  }
  SUBCASE("other money of its own ships the first") {
    orders(PaymentJson("c", "1", 3, "completed", Amount("U", "100")));
    CHECK(orders.Of("1").outcome == Outcome::kShip);
  }
}

TEST_CASE("funds: what the provider has said is the first's, nobody else's word takes from it") {
  TwoOrders orders;
  orders(Proved("p", 1, "1"));
  orders(PaymentJson("b", "2", 2, "completed", Amount("T", "100")));
  CHECK(orders.alerts == std::vector<std::string>{"payment-of-two-orders"});
  CHECK(orders.Of("1").outcome == Outcome::kShip);
  CHECK(orders.Of("2").outcome == Outcome::kHold);
  // That it went concerns its owner, whichever order is named.
  orders(PaymentJson("c", "2", 3, "charged_back", Amount("T", "100")));
  CHECK(orders.Of("1").funds == FundsCertainty::kLost);
}

TEST_CASE("funds: by references alone a payment is another order's too") {
  TwoOrders orders;
  orders(PaymentJson("a", "1", 1, "completed", Amount("T", "100")));
  orders(EventOf("b", "payment.updated", 2,
                 R"("order_id":"2","references":["paypal:T"],"payment":{"provider":"paypal",)"
                 R"("status":"completed","amount":100,"currency":"USD"})"));
  CHECK(orders.Of("2").outcome == Outcome::kHold);
  CHECK(orders.alerts == std::vector<std::string>{"payment-of-two-orders"});
  orders(EventOf("r", "refund.issued", 3,
                 R"("order_id":"2","references":["paypal:T"],"refund":{"id":"R","amount":100,)"
                 R"("currency":"USD"})"));
  CHECK(orders.Of("1").outcome == Outcome::kHold);
}

TEST_CASE("funds: a payment is the same however its name is written") {
  TwoOrders orders;
  orders(PaymentJson("a", "1", 1, "completed", Amount("T", "100")));
  orders(EventOf("b", "payment.updated", 2,
                 R"("order_id":"2","references":["PayPal Express:T"],"payment":{)"
                 R"("provider":"paypal","status":"completed","amount":100,"currency":"USD"})"));
  CHECK(orders.Of("2").outcome == Outcome::kHold);
  CHECK(orders.alerts.size() == 1);
  orders(EventOf("d", "dispute.opened", 3,
                 R"("references":["PAYPAL:T"],"dispute":{"id":"D","kind":"dispute"})"));
  CHECK(orders.Of("1").reasons[0].text.find("Order 2 names") == 0);
}

TEST_CASE("funds: an order and an event of its number are two") {
  Desk desk(kPack);
  const std::string paid = R"("payment":{"provider":"paypal","transaction_id":"T",)"
                           R"("status":"completed","amount":100,"currency":"USD"})";
  CHECK(desk(OrderJson("1", 0, paid)).outcome == Outcome::kShip);
  CHECK(desk(EventOf("1", "refund.issued", 1,
                     R"("order_id":"1","references":["paypal:T"],"refund":{"id":"R","amount":100,)"
                     R"("currency":"USD"})"))
            .outcome == Outcome::kHold);
}

TEST_CASE("funds: money that came before its order pays that order alone") {
  Desk desk(kPack);
  desk(Proved("p", 1, "9"));
  desk(EventOf("a", "order.placed", 2,
               R"("references":["paypal:T"],"order":{"id":"1",)"
               R"("placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":100})"));
  CHECK(desk.engine().Explain("acme", "1")->decision.outcome == Outcome::kShip);
  desk(OrderJson("9", 3));
  CHECK(desk.engine().Explain("acme", "9")->decision.outcome == Outcome::kShip);
  CHECK(desk.engine().Explain("acme", "1")->decision.outcome == Outcome::kHold);
}

TEST_CASE("funds: a dispute waits for the order of each payment that it names") {
  Desk desk(kPack);
  desk(OrderJson("1", 0));
  desk(PaymentJson("a", "1", 1, "completed", Amount("T", "100")));
  const std::string id(110, 'x');
  desk(EventOf(id, "dispute.opened", 2,
               R"("references":["paypal:T","paypal:U","paypal:V"],"dispute":{"id":"D",)"
               R"("kind":"dispute"})"));
  desk(OrderJson("2", 3));
  CHECK(desk(PaymentJson("b", "2", 4, "completed", Amount("U", "100"))).funds ==
        FundsCertainty::kContested);
  desk(OrderJson("3", 5));
  CHECK(desk(PaymentJson("c", "3", 6, "completed", Amount("V", "100"))).funds ==
        FundsCertainty::kContested);
}

TEST_CASE("funds: a dispute of two orders reaches a third that comes later") {
  Desk desk(kPack);
  for (const auto& [order, payment] : {std::pair("1", "T"), {"2", "U"}}) {
    desk(OrderJson(order, 0));
    desk(PaymentJson(std::string("p") + order, order, 1, "completed", Amount(payment, "100")));
  }
  desk(EventOf("d", "dispute.opened", 2,
               R"("references":["paypal:T","paypal:U","paypal:V"],"dispute":{"id":"D",)"
               R"("kind":"dispute"})"));
  desk(OrderJson("3", 3));
  desk(PaymentJson("p3", "3", 4, "completed", Amount("V", "100")));
  for (const char* order : {"1", "2", "3"}) {
    CHECK(desk.engine().Explain("acme", order)->decision.funds == FundsCertainty::kContested);
  }
}

TEST_CASE("funds: a payment within an amendment takes no name") {
  TwoOrders orders;
  orders(EventOf("m", "order.amended", 1,
                 R"("order":{"id":"2","placed_at":"2026-11-20T08:00:00Z","currency":"USD",)"
                 R"("total":100,"payment":{"provider":"paypal","transaction_id":"T",)"
                 R"("status":"completed"}})"));
  orders(PaymentJson("a", "1", 2, "completed", Amount("T", "100")));
  CHECK(orders.Of("1").outcome == Outcome::kShip);
}

TEST_CASE("funds: a number that is another order's joins nothing, and raises an alert") {
  TwoOrders orders;
  orders(EventOf("n", "order.amended", 1,
                 R"("references":["order:2"],"order":{"id":"1",)"
                 R"("placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":100})"));
  CHECK(orders.alerts == std::vector<std::string>{"number-of-two-orders"});
  orders(PaymentJson("b", "2", 2, "completed", Amount("T", "100")));
  CHECK(orders.Of("2").outcome == Outcome::kShip);
  CHECK(orders.Of("1").outcome == Outcome::kHold);
}

TEST_CASE("funds: a dispute about the payments of two orders holds both") {
  Engine engine(testing::MakePack(kPack), MakeMemoryStore());
  for (const std::string& json :
       {OrderJson("1", 0), OrderJson("2", 0),
        PaymentJson("a", "1", 1, "completed", Amount("T", "100")),
        PaymentJson("b", "2", 1, "completed", Amount("U", "100")),
        EventOf("d", "dispute.opened", 2,
                R"("references":["paypal:T","paypal:U"],"dispute":{"id":"D","kind":"dispute"})")}) {
    REQUIRE(engine.Apply(testing::MakeEvent(json)));
  }
  for (const char* order : {"1", "2"}) {
    CAPTURE(order);
    CHECK(engine.Explain("acme", order)->decision.funds == FundsCertainty::kContested);
  }
}

// Goal:   two bodies under one signature, which covers no more than a checksum: whichever comes
//         first, what it said ships nothing any more.
TEST_CASE("funds: what came in a delivery of which there are two bodies is in doubt") {
  const auto body = [](const std::string& order) {
    return R"({"id":"WH-1","event_type":"PAYMENT.CAPTURE.COMPLETED",)"
           R"("create_time":"2026-11-20T09:01:00Z","resource":{"id":"CAP","status":"COMPLETED",)"
           R"("amount":{"currency_code":"USD","value":"100.00"},"custom_id":")" +
           order + "\"}}";
  };
  const std::pair<std::string_view, std::string_view> headers[] = {
      {"PAYPAL-TRANSMISSION-ID", "TX-1"}, {"PAYPAL-TRANSMISSION-TIME", "2026-11-20T09:01:01Z"}};
  WebhookSettings settings;
  settings.merchant = "acme";
  const auto map = [&](const std::string& text) {
    auto mapped = FindWebhookProvider("paypal")->Map(Delivery{headers, text, {}}, settings);
    REQUIRE(mapped);
    return *mapped;
  };
  for (const bool known : {true, false}) {
    CAPTURE(known);
    Desk desk(kPack);
    if (known) desk(OrderJson("1", 0));
    const Mapped forged = map(body("1")), real = map(body("2"));
    desk(forged.receipt);
    desk(forged.events[0].json);
    if (known) CHECK(desk.engine().Explain("acme", "1")->decision.outcome == Outcome::kShip);
    CHECK(desk.Refusal(real.receipt).find("used before with other content") != std::string::npos);
    desk(real.doubt);
    if (!known) desk(OrderJson("1", 0));
    const Decision decision = desk.engine().Explain("acme", "1")->decision;
    CHECK(decision.outcome == Outcome::kHold);
    CHECK(decision.funds == FundsCertainty::kUncertain);
    // Once is enough.
    desk(real.doubt);
  }
}

TEST_CASE("funds: disputes without an id are matters of their own") {
  Desk desk(kPack);
  desk(OrderJson("1", 0));
  desk(PaymentJson("a", "1", 1, "completed", Amount("T", "100")));
  desk(EventOf("d", "dispute.opened", 2, R"("order_id":"1","dispute":{"kind":"chargeback"})"));
  CHECK(desk(EventOf("e", "dispute.closed", 3,
                     R"("order_id":"1","dispute":{"kind":"inquiry","outcome":"withdrawn"})"))
            .funds == FundsCertainty::kContested);
}

TEST_CASE("funds: a provider is the same however it is written") {
  Desk desk(kPack);
  desk(OrderJson("1", 0));
  std::string paid = PaymentJson("a", "1", 1, "completed", Amount("T", "100"));
  paid.replace(paid.find("paypal"), 6, "PayPal");
  CHECK(desk(paid).outcome == Outcome::kShip);
  CHECK(desk(EventOf("d", "dispute.opened", 2,
                     R"("references":["paypal:T"],"dispute":{"id":"D","kind":"dispute"})"))
            .funds == FundsCertainty::kContested);
}

// Goal: the shop's copy never outranks the provider, whatever comes first.
TEST_CASE("funds: the shop's copy makes no money certain that its provider speaks of") {
  const std::string copy =
      PaymentJson("s", "1", 9, "completed", R"("source":"shop","amount":100,"currency":"USD")");
  for (const char* status : {"pending", "under_review", "denied", "failed"}) {
    for (const bool copy_first : {false, true}) {
      CAPTURE(status);
      Desk desk(kPack);
      desk(OrderJson("1", 0));
      const std::string provider =
          PaymentJson("p", "1", 5, status, Amount("T", "100") + R"(,"source":"provider")");
      if (copy_first) CHECK(desk(copy).outcome == Outcome::kShip);
      desk(provider);
      CHECK(desk(copy_first ? PaymentJson("q", "1", 10, "completed",
                                          R"("source":"shop","amount":100,"currency":"USD")")
                            : copy)
                .outcome == Outcome::kHold);
    }
  }
}

TEST_CASE("funds: a doubt of the shop's holds what the provider has, until the shop's next word") {
  Desk desk(kPack);
  desk(OrderJson("1", 0));
  const auto shop = [](const std::string& id, int minute, const std::string& provider,
                       const std::string& status) {
    std::string json =
        PaymentJson(id, "1", minute, status, R"("source":"shop","amount":100,"currency":"USD")");
    return json.replace(json.find("paypal"), 6, provider);
  };
  desk(PaymentJson("p", "1", 1, "completed", Amount("T", "100") + R"(,"source":"provider")"));
  CHECK(desk(shop("s", 2, "paypal", "completed")).outcome == Outcome::kShip);
  CHECK(desk(shop("r", 3, "shopify", "under_review")).funds == FundsCertainty::kUncertain);
  CHECK(desk(shop("t", 4, "paypal", "completed")).outcome == Outcome::kShip);
}

TEST_CASE("funds: the seller's word and the provider's are of one money") {
  Desk desk(kPack);
  desk(OrderJson("1", 0));
  const auto provider = [&](const std::string& id, int minute, const std::string& movement) {
    return desk(EventOf(id, "payment.updated", minute,
                        R"("order_id":"1","references":["paypal:T","paypal:CAP"],"payment":{)"
                        R"("provider":"paypal","source":"provider","transaction_id":"CAP",)"
                        R"("movement":{)" +
                            movement + R"(,"amount":100,"currency":"USD"}})"))
        .funds;
  };
  CHECK(desk(PaymentJson("s", "1", 1, "completed", Amount("T", "100"))).funds ==
        FundsCertainty::kCertain);
  CHECK(provider("p", 2, R"("kind":"capture","reference":"CAP","state":"succeeded")") ==
        FundsCertainty::kCertain);
  CHECK(provider("r", 3, R"("kind":"refund","reference":"R","state":"succeeded")") ==
        FundsCertainty::kLost);
  // The refund fails.
  CHECK(provider("f", 4, R"("kind":"refund","reference":"R","state":"failed")") ==
        FundsCertainty::kCertain);
}

TEST_CASE("funds: a warning that is over ends no dispute") {
  Desk desk(kPack);
  desk(OrderJson("1", 0));
  const auto matter = [&](const std::string& id, const std::string& type, int minute,
                          const std::string& dispute) {
    return desk(EventOf(id, type, minute,
                        R"("references":["paypal:T"],"dispute":{)" + dispute + "}"))
        .funds;
  };
  desk(PaymentJson("p", "1", 1, "completed", Amount("T", "100")));
  matter("w", "dispute.opened", 2, R"("id":"W","kind":"fraud_warning")");
  matter("d", "dispute.opened", 3, R"("id":"T","kind":"chargeback")");
  CHECK(matter("v", "dispute.closed", 3,
               R"("id":"W","kind":"fraud_warning","outcome":"withdrawn")") ==
        FundsCertainty::kContested);
  // The dispute itself is told of, and won.
  matter("e", "dispute.opened", 4, R"("id":"D","kind":"chargeback")");
  CHECK(matter("f", "dispute.closed", 5, R"("id":"D","kind":"chargeback","outcome":"won")") ==
        FundsCertainty::kCertain);
}

TEST_CASE("funds: an edited total raises no payment") {
  Desk desk(kPack);
  desk(OrderJson("1", 0));
  CHECK(desk(PaymentJson("s", "1", 1, "completed",
                         R"("source":"shop","amount":100,"currency":"USD")"))
            .outcome == Outcome::kShip);
  desk(EventOf(
      "o", "order.amended", 2,
      R"("order":{"id":"1","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":250})"));
  CHECK(desk(PaymentJson("t", "1", 3, "completed",
                         R"("source":"shop","amount":250,"currency":"USD")"))
            .outcome == Outcome::kHold);
}

TEST_CASE("funds: rules ask about each payment") {
  Desk desk(
      "rules:\n"
      "  - { id: card, when: \"payments.exists(p, p.card_country == 'NG')\", hold: identity, "
      "on_missing: skip }\n"
      "  - { id: tries, when: \"payments.filter(p, p.status == 'failed').size() >= 2\", hold: "
      "review }\n"
      "  - { id: gift, when: \"payments.exists(p, p.provider == 'gift_card' && p.paid >= 60.0)\", "
      "advise: \"a gift card\" }\n"
      "  - { id: base, when: funds.refunded_base > 10.0, advise: \"a part was refunded\" }\n");
  desk(OrderJson("1", 0));
  desk(PaymentJson("a", "1", 1, "failed", Amount("A", "100")));
  std::string gift = PaymentJson("g", "1", 2, "completed", Amount("G", "60"));
  gift.replace(gift.find("paypal"), 6, "gift_card");
  desk(gift);
  const Decision& paid = desk(PaymentJson("b", "1", 3, "completed", Amount("B", "60")));
  CHECK(paid.outcome == Outcome::kShip);
  CHECK(paid.handling == std::vector<std::string>{"a gift card"});
  const Decision& part = desk(EventOf("r", "refund.issued", 4,
                                      R"("order_id":"1","references":["paypal:B"],"refund":{)"
                                      R"("id":"R","amount":20,"currency":"USD"})"));
  CHECK(part.outcome == Outcome::kShip);
  CHECK(part.handling.size() == 2);
  const Decision& second = desk(PaymentJson("c", "1", 5, "failed", Amount("C", "100")));
  CHECK(second.reasons[0].rule == "tries");
  CHECK(desk(PaymentJson("d", "1", 6, "failed", Amount("D", "100") + R"(,"card":{"country":"NG"})"))
            .reasons[0]
            .rule == "card");
}

TEST_CASE("funds: a person may have seen the money arrive, above a limit two") {
  Desk desk(std::string(kPack) + "review: { second_person_above: { review: 50 } }\n");
  const auto paid = [](const std::string& id, const std::string& order, int minute,
                       const std::string& by, const std::string& amount,
                       const std::string& reference = {}) {
    return EventOf(id, "review.paid", minute,
                   "\"order_id\":\"" + order + R"(","review":{"by":")" + by +
                       R"(","role":"review","reason":"bank-statement","reference":")" +
                       (reference.empty() ? "RF" + order : reference) + R"(","amount":)" + amount +
                       R"(,"currency":"USD"})");
  };
  desk(OrderJson("1", 0));
  const Decision& waits = desk(paid("a", "1", 1, "ann", "100"));
  CHECK(waits.outcome == Outcome::kHold);
  CHECK(waits.funds == FundsCertainty::kUncertain);
  CHECK(waits.reasons[0].text.find("a second person must record") != std::string::npos);
  // The same person again is no second one, nor is one who has seen another amount.
  CHECK(desk(paid("b", "1", 2, "Ann", "100")).outcome == Outcome::kHold);
  CHECK(desk(paid("c", "1", 3, "ben", "90")).outcome == Outcome::kHold);
  CHECK(desk(paid("d", "1", 4, "ben", "100")).outcome == Outcome::kShip);
  // Of one person the last word counts.
  CHECK(desk(paid("w", "1", 5, "ben", "0")).outcome == Outcome::kHold);
  CHECK(desk(paid("x", "1", 6, "ben", "100")).outcome == Outcome::kShip);
  // It is gone again: the reference names the order.
  CHECK(desk(EventOf("r", "refund.issued", 7,
                     R"("references":["offline:RF1"],"refund":{"id":"R",)"
                     R"("amount":100,"currency":"USD"})"))
            .funds == FundsCertainty::kLost);
  const auto place = [&](const std::string& id, int minute, const std::string& total) {
    desk(EventOf("o" + id, "order.placed", minute,
                 R"("order":{"id":")" + id +
                     R"(","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":)" + total +
                     "}"));
  };
  // Below the limit one is enough, but not by parts of it.
  place("2", 8, "40");
  CHECK(desk(paid("e", "2", 9, "ann", "40")).outcome == Outcome::kShip);
  place("3", 10, "80");
  desk(paid("f", "3", 11, "ann", "40"));
  CHECK(desk(paid("g", "3", 12, "ann", "40", "RF4")).outcome == Outcome::kHold);
  // One transfer pays one order.
  place("5", 13, "40");
  CHECK(desk(paid("h", "5", 14, "ann", "40", "RF2")).reasons[0].text ==
        "The payment that it names is that of order 2");
  std::string without = paid("k", "2", 15, "ann", "40");
  without.replace(without.find("RF2"), 3, "");
  CHECK(desk.Refusal(without).find("review.reference") != std::string::npos);
}

TEST_CASE("funds: a method may be enough without money, and nothing else is") {
  const auto pack = [] {
    Diagnostics diagnostics;
    auto made = CompilePack("p.yaml",
                            "pack: p\nversion: 1\nbase_currency: USD\n"
                            "funds: { ship_when: [certain], methods: { cod: [none] } }\n"
                            "payments: { aliases: { cod: [nachnahme] } }\n"
                            "rules: [{ id: r, when: order.total > 1000.0, hold: review }]\n",
                            ".", diagnostics);
    REQUIRE_MESSAGE(made != nullptr, RenderText(diagnostics));
    return made;
  }();
  const auto outcome = [&](const std::string& method, const std::string& status) {
    Desk desk(pack);
    desk(OrderJson("1", 0));
    return desk(PaymentJson("p", "1", 1, status,
                            "\"method\":\"" + method + R"(","amount":100,"currency":"USD")"));
  };
  CHECK(outcome("cod", "pending").outcome == Outcome::kShip);
  CHECK(outcome("cod", "pending").funds == FundsCertainty::kNone);
  CHECK(outcome("Nachnahme", "pending").outcome == Outcome::kShip);
  CHECK(outcome("card", "pending").outcome == Outcome::kHold);
  CHECK(outcome("cod", "denied").outcome == Outcome::kHold);
  CHECK(outcome("cod", "under_review").outcome == Outcome::kHold);
}

}  // namespace
}  // namespace holdfast
