#include "engine/pipeline/engine.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>

#include <algorithm>
#include <map>
#include <set>

#include "engine/simulate/random.h"
#include "engine/simulate/simulator.h"
#include "tests/pipeline/harness.h"

namespace holdfast {
namespace {

using testing::Desk;
using testing::Json;
using testing::OrderJson;
using testing::PaymentJson;
using testing::Short;

constexpr const char* kAnyHold =
    "rules: [{ id: r, when: \"order.id == 'never'\", hold: review }]\n";

std::vector<std::shared_ptr<Event>> Traffic(std::uint64_t seed, std::uint64_t orders) {
  Simulator simulator({.seed = seed, .orders = orders});
  std::vector<std::shared_ptr<Event>> events;
  // Written and read, so that digests are those of real input.
  JsonEventParser parser;
  while (const auto made = simulator.Next()) {
    std::string json;
    WriteEvent(*made, json);
    auto event = std::make_shared<Event>();
    REQUIRE(parser.Parse(json, *event));
    events.push_back(std::move(event));
  }
  return events;
}

std::shared_ptr<const Pack> Starter() {
  Diagnostics diagnostics;
  const auto pack = LoadPack(std::string(HOLDFAST_SOURCE) + "/rules/starter", diagnostics);
  REQUIRE_MESSAGE(pack != nullptr, RenderText(diagnostics));
  return pack;
}

TEST_CASE("pipeline: the same events give the same decisions, byte for byte") {
  const auto events = Traffic(3, 800);
  const auto run = [&] {
    Engine engine(Starter(), MakeMemoryStore());
    std::string all;
    for (const auto& event : events) {
      auto applied = engine.Apply(event);
      REQUIRE(applied);
      if (applied->decision) all += Json(*applied->decision) + "\n";
    }
    return all;
  };
  const std::string once = run();
  CHECK(once.size() > 100'000);
  CHECK((once == run()));
}

// Invariant 4: payment events commute.
// Goal:   in whatever order the payment events of an order come, and however often, its funds end
//         in the same state; also when some come before the order itself. Money that was refunded
//         is lost, and money that was taken back, unless a later fact says that this very payment
//         was given back.
// Method: random sets of events with repeated times, in random orders.
TEST_CASE("pipeline: payment events commute, and duplicates are no-ops") {
  Random random(8);
  const char* statuses[] = {"authorized", "pending",  "under_review", "completed",
                            "cleared",    "denied",   "voided",       "refunded",
                            "reversed",   "disputed", "charged_back"};
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> events;
    const auto count = static_cast<std::size_t>(random.Between(1, 6));
    // By payment: how often money was taken back and given back, and in which minute at last.
    struct Times {
      int count = 0, last = -1;
      void Add(int minute) {
        ++count;
        last = std::max(last, minute);
      }
      bool Covers(const Times& taken) const { return count >= taken.count && last > taken.last; }
    };
    Times taken[2], given[2], won[2];
    bool refunded[2] = {false, false}, paid[2] = {false, false};
    for (std::size_t i = 0; i < count; ++i) {
      const int minute = static_cast<int>(random.Between(0, 3));
      const std::string status = statuses[random.Below(std::size(statuses))];
      const auto which = static_cast<std::size_t>(random.Below(2));
      std::string more = which == 0 ? R"("transaction_id":"A")" : R"("transaction_id":"B")";
      if (status == "reversed" || status == "charged_back") {
        taken[which].Add(minute);
      } else if (status == "completed" && random.Chance(500)) {
        more += R"(,"reinstated":true)";
        given[which].Add(minute);
      }
      refunded[which] = refunded[which] || status == "refunded";
      // Also a refund says that there was money.
      paid[which] =
          paid[which] || status == "completed" || status == "cleared" || status == "disputed";
      events.push_back(PaymentJson("e" + std::to_string(i), "1", minute, status, more));
    }
    if (random.Chance(300)) {
      won[0].Add(2);  // see d2
      events.push_back(
          R"({"id":"d1","type":"dispute.opened","merchant":"acme","occurred_at":"2026-11-20T09:01:00Z","order_id":"1","dispute":{"id":"d"}})");
      events.push_back(
          R"({"id":"d2","type":"dispute.closed","merchant":"acme","occurred_at":"2026-11-20T09:02:00Z","order_id":"1","references":["paypal:A"],"dispute":{"id":"d","kind":"chargeback","outcome":"won"}})");
    }
    if (random.Chance(300)) {
      events.push_back(
          R"({"id":"f1","type":"refund.issued","merchant":"acme","occurred_at":"2026-11-20T09:01:00Z","order_id":"1","refund":{"amount":60,"currency":"USD"}})");
      events.push_back(
          R"({"id":"f2","type":"refund.issued","merchant":"acme","occurred_at":"2026-11-20T09:02:00Z","order_id":"1","refund":{"amount":40,"currency":"USD"}})");
    }
    events.push_back(OrderJson("1", 0));
    std::string first;
    for (int order = 0; order < 8; ++order) {
      Desk desk(kAnyHold);
      for (const auto& event : events) {
        desk(event);
        if (random.Chance(300)) desk(event);
      }
      // A message decides the order once more, at one and the same time.
      const Decision& last = desk(
          R"({"id":"m","type":"buyer.message","merchant":"acme","occurred_at":"2026-11-20T10:00:00Z","order_id":"1","message":{"text":"hi"}})");
      const std::string funds = std::string(NameOf(last.funds)) + " " + Short(last) +
                                (last.reasons.empty() ? "" : last.reasons[0].text);
      if (order == 0) first = funds;
      REQUIRE(funds == first);
      for (const std::size_t which : {std::size_t{0}, std::size_t{1}}) {
        const bool back = given[which].Covers(taken[which]) || won[which].Covers(taken[which]);
        const bool gone = refunded[which] || (taken[which].count > 0 && !back);
        if (gone && !paid[1 - which]) REQUIRE(last.funds != FundsCertainty::kCertain);
      }
      for (std::size_t i = events.size(); i > 1; --i)
        std::swap(events[i - 1], events[random.Below(i)]);
    }
  }
}

// Goal:   nothing but the word that this very payment came back ends its reversal.
TEST_CASE("pipeline: what does not give money back does not ship it") {
  const auto funds = [](const std::vector<std::string>& events) {
    Desk desk(kAnyHold);
    desk(OrderJson("1", 0));
    FundsCertainty last = FundsCertainty::kNone;
    for (const std::string& event : events) last = desk(event).funds;
    return last;
  };
  const auto pays = [](int minute, const std::string& status, const std::string& of,
                       const std::string& more = "") {
    return PaymentJson("p" + std::to_string(minute), "1", minute, status,
                       "\"transaction_id\":\"" + of + "\"" + more);
  };
  const auto dispute = [](int minute, const std::string& outcome, const std::string& kind,
                          const std::string& about, const std::string& id = "d") {
    return R"({"id":"d)" + std::to_string(minute) + id +
           R"(","type":"dispute.closed","merchant":"acme","order_id":"1","occurred_at":"2026-11-20T09:)" +
           std::to_string(minute) + R"(:00Z","references":[")" + about +
           R"("],"dispute":{"id":"d","kind":")" + kind + R"(","outcome":")" + outcome + "\"}}";
  };
  const std::string back = R"(,"reinstated":true)";
  const std::string paid = pays(10, "completed", "A"), taken = pays(20, "charged_back", "A");
  CHECK(funds({paid, taken}) == FundsCertainty::kLost);
  CHECK(funds({paid, taken, pays(30, "completed", "A", back)}) == FundsCertainty::kCertain);
  CHECK(funds({paid, taken, dispute(30, "won", "chargeback", "paypal:A")}) ==
        FundsCertainty::kCertain);
  // Another payment is another payment; another matter or another outcome gives nothing back.
  CHECK(funds({paid, taken, pays(30, "completed", "A")}) == FundsCertainty::kLost);
  CHECK(funds({paid, taken, pays(30, "completed", "B", back)}) == FundsCertainty::kLost);
  CHECK(funds({paid, taken, pays(30, "completed", "B")}) == FundsCertainty::kCertain);
  CHECK(funds({paid, taken, dispute(30, "won", "inquiry", "paypal:A")}) == FundsCertainty::kLost);
  CHECK(funds({paid, taken, dispute(30, "won", "fraud_warning", "paypal:A")}) ==
        FundsCertainty::kLost);
  CHECK(funds({paid, taken, dispute(30, "withdrawn", "chargeback", "paypal:A")}) ==
        FundsCertainty::kCertain);
  CHECK(funds({paid, taken, dispute(30, "won", "chargeback", "paypal:B")}) ==
        FundsCertainty::kLost);
  CHECK(funds({paid, taken, pays(21, "reversed", "B"), pays(30, "completed", "A", back)}) ==
        FundsCertainty::kLost);
  // What was refunded or denied before does not come back with a dispute that is won.
  CHECK(funds({paid, pays(15, "refunded", "A"), taken, pays(30, "completed", "A", back)}) ==
        FundsCertainty::kLost);
  CHECK(funds({paid, pays(15, "denied", "A"), taken, pays(30, "completed", "A", back)}) ==
        FundsCertainty::kNone);
  CHECK(funds({paid, pays(12, "refunded", "A"), pays(15, "completed", "A")}) ==
        FundsCertainty::kLost);
  // Twice taken, once given; more taken than given; given with a word that is none.
  const std::string again = pays(21, "charged_back", "A");
  CHECK(funds({paid, taken, again, pays(30, "completed", "A", back)}) == FundsCertainty::kLost);
  CHECK(funds({paid, taken, again, dispute(30, "won", "chargeback", "paypal:A")}) ==
        FundsCertainty::kLost);
  CHECK(funds({paid, taken, again, pays(30, "completed", "A", back),
               pays(31, "completed", "A", back)}) == FundsCertainty::kCertain);
  const std::string hundred = R"(,"amount":100,"currency":"USD")",
                    ten = R"(,"amount":10,"currency":"USD")";
  const std::string taken_all = pays(20, "charged_back", "A", hundred);
  CHECK(funds({paid, taken_all, pays(30, "completed", "A", back + ten)}) == FundsCertainty::kLost);
  CHECK(funds({paid, taken_all, pays(30, "completed", "A", back)}) == FundsCertainty::kLost);
  CHECK(funds({paid, taken_all, dispute(30, "won", "chargeback", "paypal:A")}) ==
        FundsCertainty::kLost);
  CHECK(funds({paid, taken_all, pays(30, "completed", "A", back + hundred)}) ==
        FundsCertainty::kCertain);
  CHECK(funds({paid, taken_all,
               pays(30, "completed", "A", back + R"(,"amount":100,"currency":"EUR")")}) ==
        FundsCertainty::kLost);
  CHECK(funds({paid, taken, pays(30, "denied", "A", back)}) == FundsCertainty::kNone);
  CHECK(funds({paid, pays(30, "under_review", "A", back)}) == FundsCertainty::kUncertain);
  // What has no number is of one payment without one.
  CHECK(funds({paid, pays(20, "reversed", "")}) == FundsCertainty::kLost);
  CHECK(funds({paid, pays(20, "reversed", ""), pays(30, "completed", "", back)}) ==
        FundsCertainty::kCertain);
  // What came back ends an earlier doubt, such as a picture of the payment while it was disputed.
  CHECK(funds({paid, taken, pays(25, "disputed", "A"), pays(30, "completed", "A", back)}) ==
        FundsCertainty::kCertain);
  // An approval that has lapsed took nothing.
  CHECK(funds({pays(5, "reversed", "", R"(,"pending_reason":"approval")"), paid}) ==
        FundsCertainty::kCertain);
  // In one second, being asked for comes before being paid; a review does not.
  CHECK(funds({PaymentJson("a", "1", 10, "pending", R"("pending_reason":"authorization")"),
               paid}) == FundsCertainty::kCertain);
  CHECK(funds({PaymentJson("a", "1", 10, "pending",
                           R"("transaction_id":"A","pending_reason":"payment_review")"),
               paid}) == FundsCertainty::kUncertain);
  // Of two endings at one moment the graver one.
  CHECK(funds({paid, dispute(30, "lost", "chargeback", "paypal:A", "1"),
               dispute(30, "withdrawn", "chargeback", "paypal:A", "2")}) == FundsCertainty::kLost);
}

TEST_CASE("pipeline: an event counts once, and an id is not used for two") {
  Desk desk(kAnyHold);
  desk(OrderJson("1", 0));
  auto again = desk.engine().Apply(testing::MakeEvent(OrderJson("1", 0)));
  REQUIRE(again);
  CHECK(again->duplicate);
  CHECK_FALSE(again->decision);
  CHECK(desk.Refusal(OrderJson("1", 5)) ==
        "id: the event id '1' was used before with other content");
  CHECK(
      desk.Refusal(
          R"({"id":"x","type":"order.placed","merchant":"acme","occurred_at":"2026-11-20T08:00:00Z","order":)" +
          OrderJson("1", 0) + "}") ==
      "order.id: order '1' was placed before; send order.amended to change it");
  CHECK(
      desk.Refusal(
          R"({"id":"y","type":"order.amended","merchant":"acme","occurred_at":"2026-11-20T08:00:00Z","order":)" +
          OrderJson("2", 0) + "}") == "order.id: order '2' is not known; send order.placed first");
}

TEST_CASE("pipeline: a capture before its order is kept and joined") {
  Desk desk(kAnyHold);
  auto early = desk.engine().Apply(testing::MakeEvent(PaymentJson("p", "1", 0, "completed")));
  REQUIRE(early);
  CHECK_FALSE(early->decision);
  CHECK(Short(desk(OrderJson("1", 0))) == "ship 0 []");
}

TEST_CASE("pipeline: the last amendment by its own time stands") {
  Desk desk("rules: [{ id: big, when: order.total > 150.0, hold: review }]\n");
  desk(OrderJson("1", 0));
  desk(PaymentJson("p", "1", 0, "completed"));
  const auto amended = [](const char* id, int minute, const char* total) {
    std::string order = OrderJson("1", 0);
    order.replace(order.find("100}"), 4, std::string(total) + "}");
    return std::string(R"({"id":")") + id +
           R"(","type":"order.amended","merchant":"acme","occurred_at":"2026-11-20T09:)" +
           std::to_string(minute) + R"(:00Z","order":)" + order + "}";
  };
  CHECK(Short(desk(amended("a2", 20, "200"))) == "hold review 0 [big]");
  CHECK(Short(desk(amended("a1", 10, "120"))) == "hold review 0 [big]");
  CHECK(Short(desk(amended("a3", 30, "130"))) == "ship 0 []");
}

// Goal:   a hold with a deadline ends by itself when an event of its merchant reaches it, once; not
//         by another merchant's events, not while funds are open, and not early.
TEST_CASE("pipeline: deadlines of holds come as events, once") {
  const auto pack = testing::MakePack(R"yaml(
rules:
  - { id: cool, when: order.total > 50.0, hold: cooling_off, deadline: 30m, on_deadline: ship }
  - { id: late, when: order.total > 500.0, hold: identity, deadline: 40m, on_deadline: reject, ask: mail }
  - { id: stay, when: order.total > 5000.0, hold: review, deadline: 10m }
)yaml");
  Engine engine(pack, MakeMemoryStore());
  std::vector<std::string> fired;
  const auto apply = [&](const std::string& json) {
    fired.clear();
    const auto event = testing::MakeEvent(json);
    auto applied = engine.Apply(event, [&](const std::shared_ptr<Event>& timer, Applied a) {
      CHECK(timer->type == EventType::kTimerFired);
      CHECK(timer->offset == a.offset);
      fired.push_back(std::string(timer->id) + ": " + Short(*a.decision));
    });
    REQUIRE(applied);
    return *applied->decision;
  };
  const std::string paid = R"("payment":{"provider":"p","status":"completed"})";
  const auto order = [&](const std::string& id, int minute, const std::string& total) {
    std::string json = OrderJson(id, minute, paid);
    return json.replace(json.find("100"), 3, total);
  };
  auto held = apply(order("1", 0, "60"));
  CHECK(Short(held) == "hold cooling_off 0 [cool]");
  CHECK(FormatRfc3339(*held.deadline) == "2026-11-20T08:30:00Z");
  CHECK(held.on_deadline == "ship");
  apply(order("2", 5, "600"));
  held = apply(order("3", 6, "6000"));
  CHECK(held.on_deadline == "hold");
  CHECK(fired.empty());
  std::string other = order("9", 50, "10");
  other.replace(other.find("acme"), 4, "bolt");
  apply(other);
  CHECK(fired.empty());
  // What waits for its money does not ship.
  apply(OrderJson("4", 7));
  apply(order("5", 29, "10"));
  CHECK(fired == std::vector<std::string>{"deadline 2026-11-20T08:16:00Z 3: hold cooling_off 0 "
                                          "[cool late stay]"});
  apply(order("6", 46, "10"));
  const std::vector<std::string> expected = {
      "deadline 2026-11-20T08:30:00Z 1: ship 0 [cool]",
      "deadline 2026-11-20T08:35:00Z 2: hold identity 0 [late cool]",
      "deadline 2026-11-20T08:36:00Z 3: hold identity 0 [late stay cool]",
      "deadline 2026-11-20T08:37:00Z 4: hold funds 0 [funds cool]",
      "deadline 2026-11-20T08:45:00Z 2: reject 0 [late cool]",
      "deadline 2026-11-20T08:46:00Z 3: reject 0 [late stay cool]"};
  CHECK(fired == expected);
  apply(order("7", 59, "10"));
  CHECK(fired.empty());
}

// Goal:   every feature of every order is what a full recount gives, late events included.
// Method: random orders in shuffled order of arrival; the oracle keeps a list and recounts.
TEST_CASE("pipeline: features agree with a naive oracle") {
  const auto pack = testing::MakePack(R"yaml(
features:
  n_1h: { count: order.id, by: order.ip, over: 1h }
  sum_1h: { sum: order.total_base, by: order.ip, over: 1h }
  buyers_2h: { distinct: order.buyer.id, by: order.ip, over: 2h }
  most: { max: order.total_base, by: order.ip, over: forever }
  ever: { count: order.id, by: order.ip, over: forever }
  big_1h: { count: order.id, by: order.ip, where: order.total > 50.0, over: 1h }
rules:
  - { id: show, when: "true", advise: "{n_1h} {sum_1h} {buyers_2h} {most} {ever} {big_1h}" }
  - { id: r, when: "order.id == 'never'", hold: review }
)yaml");
  Random random(21);
  struct Seen {
    std::int64_t at;
    int ip, buyer;
    std::int64_t cents;
  };
  for (int round = 0; round < 20; ++round) {
    Engine engine(pack, MakeMemoryStore());
    std::vector<Seen> seen;
    for (int i = 0; i < 120; ++i) {
      const Seen order{random.Between(0, 300), static_cast<int>(random.Below(3)),
                       static_cast<int>(random.Below(6)), random.Between(0, 10'000)};
      seen.push_back(order);
      const std::string time =
          FormatRfc3339(EventTime{(1'800'000'000 + order.at * 60) * kNanosPerSecond});
      const std::string json =
          R"({"id":"o)" + std::to_string(i) + R"(","merchant":"acme","placed_at":")" + time +
          R"(","currency":"USD","total":)" + FormatMinor(order.cents, *Currency::Parse("USD")) +
          R"(,"ip":"10.0.0.)" + std::to_string(order.ip) + R"(","buyer":{"id":"b)" +
          std::to_string(order.buyer) + R"("}})";
      auto applied = engine.Apply(testing::MakeEvent(json));
      REQUIRE(applied);
      std::int64_t n = 0, sum = 0, most = 0, ever = 0, big = 0;
      std::set<int> buyers;
      for (const Seen& other : seen) {
        if (other.ip != order.ip || other.at > order.at) continue;
        ++ever;
        most = std::max(most, other.cents);
        if (other.at > order.at - 120) buyers.insert(other.buyer);
        if (other.at <= order.at - 60) continue;
        ++n;
        sum += other.cents;
        big += other.cents > 5'000 ? 1 : 0;
      }
      const Currency usd = *Currency::Parse("USD");
      const std::string expected = std::to_string(n) + " " + FormatMinor(sum, usd) + " " +
                                   std::to_string(buyers.size()) + " " + FormatMinor(most, usd) +
                                   " " + std::to_string(ever) + " " + std::to_string(big);
      REQUIRE(applied->decision->handling.at(0) == expected);
    }
  }
}

TEST_CASE("pipeline: a buyer's profile is what happened before, the order itself left out") {
  Desk desk(R"yaml(
rules:
  - { id: show, when: "true", advise: "{buyer.orders} {buyer.spend} {buyer.delivered} {buyer.cancelled} {buyer.chargebacks} {buyer.addresses} {buyer.knows_address}" }
  - { id: r, when: "order.id == 'never'", hold: review }
)yaml");
  const auto buyer = [](const char* line) {
    return std::string(R"("buyer":{"id":"b"},"shipping":{"address":{"line1":")") + line +
           R"(","country":"DE"}})";
  };
  CHECK(desk(OrderJson("1", 0, buyer("A 1"))).handling[0] == "0 0.00 0 0 0 0 false");
  CHECK(desk(OrderJson("2", 1, buyer("a 1"))).handling[0] == "1 100.00 0 0 0 1 true");
  desk(
      R"({"id":"s","type":"shipment.delivered","merchant":"acme","occurred_at":"2026-11-20T08:02:00Z","order_id":"1"})");
  desk(
      R"({"id":"c","type":"order.cancelled","merchant":"acme","occurred_at":"2026-11-20T08:03:00Z","order_id":"2"})");
  desk(
      R"({"id":"d","type":"dispute.opened","merchant":"acme","occurred_at":"2026-11-20T08:03:00Z","order_id":"1","dispute":{"kind":"chargeback"}})");
  CHECK(desk(OrderJson("3", 10, buyer("B 2"))).handling[0] == "2 200.00 1 1 1 1 false");
  // Another merchant's buyer of the same id is another person.
  std::string other = OrderJson("4", 11, buyer("A 1"));
  other.replace(other.find("acme"), 4, "bolt");
  CHECK(desk(other).handling[0] == "0 0.00 0 0 0 0 false");
}

TEST_CASE("pipeline: times that cannot be are refused") {
  Desk desk("rules:\n  - { id: r, when: \"order.id == 'never'\", hold: review }\n");
  CHECK(
      desk.Refusal(R"({"id":"e","type":"order.placed","merchant":"acme","occurred_at":)"
                   R"("2026-11-20T08:00:00Z","order":{"id":"1","placed_at":"2026-11-28T08:00:00Z",)"
                   R"("currency":"USD","total":1}})")
          .find("more than an hour after the event's own time") != std::string::npos);
  desk(OrderJson("1", 30));
  const auto amend = [](const char* time) {
    return R"({"id":")" + std::string(time) +
           R"(","type":"order.amended","merchant":"acme","occurred_at":"2026-11-20T)" + time +
           R"(:00Z","order":{"id":"1","placed_at":"2026-11-20T08:30:00Z","currency":"USD","total":5}})";
  };
  CHECK(desk.Refusal(amend("08:29")).find("before the order was placed") != std::string::npos);
  CHECK(desk.Refusal(amend("08:31")) == "accepted");
}

TEST_CASE("pipeline: what is delivered without a dispatch is checked as a dispatch is") {
  Engine engine(
      testing::MakePack("rules:\n  - { id: r, when: \"order.id == 'h'\", hold: review }\n"),
      MakeMemoryStore());
  std::vector<std::string> alerts;
  const auto apply = [&](const std::string& json) {
    alerts.clear();
    REQUIRE(engine.Apply(testing::MakeEvent(json),
                         [&](const std::shared_ptr<Event>& event, const Applied&) {
                           if (event->alert == nullptr) return;
                           alerts.push_back(std::string(event->alert->text));
                         }));
  };
  const auto shipment = [](const std::string& id, const std::string& type, const std::string& of) {
    return R"({"id":")" + id + R"(","type":"shipment.)" + type +
           R"(","merchant":"acme","occurred_at":"2026-11-20T12:00:00Z","order_id":")" + of + "\"}";
  };
  apply(OrderJson("h", 0));
  apply(OrderJson("s", 0));
  apply(PaymentJson("ps", "s", 0, "completed"));
  apply(shipment("d1", "delivered", "h"));
  CHECK(alerts == std::vector<std::string>{"Order h was delivered, but it is held"});
  apply(shipment("d2", "delivered", "s"));
  CHECK(alerts.empty());
  apply(shipment("d3", "delivered", "unknown"));
  CHECK(alerts == std::vector<std::string>{"Order unknown was delivered, but it is not known"});
  // A dispatch was checked already.
  apply(OrderJson("h2", 0));
  apply(shipment("d4", "dispatched", "h2"));
  CHECK(alerts.size() == 1);
  apply(shipment("d5", "delivered", "h2"));
  CHECK(alerts.empty());
}

TEST_CASE("pipeline: a value that the shop does not give is missing, not an error") {
  const auto decide = [](const std::string& rule, const std::string& more) {
    Desk desk("rules:\n  - { id: r, when: \"" + rule + "\", hold: review, on_missing: skip }\n" +
              "  - { id: s, when: \"" + rule + "\", hold: address }\n");
    desk(OrderJson("1", 0, more));
    const Decision& decision = desk(PaymentJson("p", "1", 0, "completed"));
    return Short(decision) + " " + std::to_string(decision.missing.size());
  };
  for (const char* rule :
       {"order.attributes['coupon'] == 'VIP'", "order.attributes.coupon == 'VIP'"}) {
    CAPTURE(rule);
    CHECK(decide(rule, "") == "hold unknown 0 [s] 2");
    CHECK(decide(rule, R"("coupon":"VIP")") == "hold review 0 [r s] 0");
    CHECK(decide(rule, R"("coupon":"no")") == "ship 0 [] 0");
  }
  CHECK(decide("has(order.attributes.coupon) && order.attributes.coupon == 'VIP'", "") ==
        "ship 0 [] 0");
  CHECK(decide("order.attributes['coupon'] == 'VIP' && order.total_base < 5.0", "") ==
        "ship 0 [] 0");
}

TEST_CASE("pipeline: a hold shows a way out that can be taken") {
  Desk desk(R"yaml(
rules:
  - { id: shares, title: Shared, when: order.total_base > 50.0, hold: identity, ask: confirm_from_account_email, on_missing: skip }
  - { id: hard, title: Hard, when: order.total_base > 500.0, hold: identity, hard: true, ask: confirm_from_account_email }
)yaml");
  desk(OrderJson("1", 0, R"("ip":"10.0.0.1")"));
  // A card payment without a payer's mailbox: nobody can be asked.
  const auto paths = [&](const std::string& order, const std::string& payer) {
    std::string all;
    for (const auto& path :
         desk(PaymentJson("p" + order + payer, order, 0, "completed",
                          payer.empty() ? "" : R"("payer":{"email":"a@b.example"})"))
             .release_paths) {
      for (const auto& condition : path) all += condition + "; ";
    }
    return all;
  };
  CHECK(paths("1", "").find("verification.confirmed") == std::string::npos);
  CHECK_FALSE(paths("1", "").empty());
  CHECK(paths("1", "known").find("verification.confirmed") != std::string::npos);
}

TEST_CASE("pipeline: an order does not gain by a later order of its buyer") {
  Desk desk(R"yaml(
rules:
  - { id: first, when: "buyer.orders == 0 && order.total_base >= 100.0", points: 35 }
  - { id: known, when: "linked.device.buyers > 0", points: 10 }
  - { id: show, when: "true", advise: "{buyer.orders} {buyer.spend} {buyer.knows_address} {linked.device.buyers}" }
thresholds: { hold: 30 }
)yaml");
  const std::string of = R"("device_id":"d","shipping":{"address":{"line1":"A 1","country":"DE"}})";
  desk(OrderJson("A", 0, R"("buyer":{"id":"b"},)" + of));
  desk(OrderJson("B", 1, R"("buyer":{"id":"b"},)" + of));
  desk(OrderJson("C", 2, R"("buyer":{"id":"c"},)" + of));
  const Decision& paid = desk(PaymentJson("p", "A", 0, "completed"));
  CHECK(paid.handling[0] == "0 0.00 false 0");
  CHECK(paid.outcome == Outcome::kHold);
  CHECK(paid.score == 35);
  // What speaks against the buyer counts, whenever it comes.
  desk(
      R"({"id":"d","type":"dispute.opened","merchant":"acme","occurred_at":"2026-11-20T09:01:00Z","order_id":"B","dispute":{"id":"x","kind":"chargeback"}})");
  Desk other(R"yaml(
rules:
  - { id: show, when: "true", advise: "{buyer.chargebacks} {linked.device.chargebacks}" }
  - { id: r, when: "order.id == 'never'", hold: review }
)yaml");
  other(OrderJson("A", 0, R"("buyer":{"id":"b"},)" + of));
  other(OrderJson("B", 1, R"("buyer":{"id":"b"},)" + of));
  other(
      R"({"id":"d","type":"dispute.opened","merchant":"acme","occurred_at":"2026-11-20T08:30:00Z","order_id":"B","dispute":{"id":"x","kind":"chargeback"}})");
  CHECK(other(PaymentJson("p", "A", 0, "completed")).handling[0] == "1 0");
}

// Goal:   profile facts, links and windows over orders are as of the order's own place in time,
//         whenever it is decided.
// Method: random orders in random order of arrival; then a payment of each, in random order; the
//         oracle keeps a list and recounts.
TEST_CASE("pipeline: facts about orders agree with a naive oracle whenever an order is decided") {
  const auto pack = testing::MakePack(R"yaml(
features:
  ip_2h: { count: order.id, by: order.ip, over: 2h }
  ip_ever: { count: order.id, by: order.ip, over: forever }
rules:
  - { id: show, when: "true", advise: "{buyer.orders} {buyer.devices} {linked.device.buyers} {linked.device.orders} {linked.device.buyers_since} {ip_2h} {ip_ever}" }
  - { id: r, when: "order.id == 'never'", hold: review }
)yaml");
  Random random(77);
  struct Placed {
    std::int64_t at;
    std::uint64_t buyer, device, ip;
  };
  for (int round = 0; round < 20; ++round) {
    Engine engine(pack, MakeMemoryStore());
    std::vector<Placed> all;
    const auto stamp = [](std::int64_t minute) {
      return FormatRfc3339(EventTime{(1'800'000'000 + minute * 60) * kNanosPerSecond});
    };
    for (int i = 0; i < 60; ++i) {
      // No two at one moment: the oracle has no order among them.
      const Placed placed{random.Between(0, 9) * 60 + i, random.Below(5), random.Below(3),
                          random.Below(3)};
      all.push_back(placed);
      REQUIRE(engine.Apply(testing::MakeEvent(
          R"({"id":"o)" + std::to_string(i) + R"(","merchant":"acme","placed_at":")" +
          stamp(placed.at) + R"(","currency":"USD","total":10,"ip":"10.0.0.)" +
          std::to_string(placed.ip) + R"(","device_id":"d)" + std::to_string(placed.device) +
          R"(","buyer":{"id":"b)" + std::to_string(placed.buyer) + R"("}})")));
    }
    for (std::size_t left = all.size(), at = random.Below(7); left > 0; --left) {
      at = (at + 7) % all.size();  // 7 and 60 have no common divisor: each once
      const Placed& mine = all[at];
      std::int64_t orders = 0, linked = 0, ip_2h = 0, ip_ever = 0;
      std::set<std::uint64_t> devices, buyers, since;
      for (const Placed& one : all) {
        if (one.at > mine.at) {
          if (one.buyer != mine.buyer && one.device == mine.device) since.insert(one.buyer);
          continue;
        }
        if (one.ip == mine.ip) ++ip_ever;
        if (one.ip == mine.ip && one.at > mine.at - 120) ++ip_2h;
        if (&one == &mine) continue;
        if (one.buyer == mine.buyer) ++orders;
        if (one.buyer == mine.buyer) devices.insert(one.device);
        if (one.buyer == mine.buyer || one.device != mine.device) continue;
        ++linked;
        buyers.insert(one.buyer);
      }
      for (const std::uint64_t buyer : buyers) since.erase(buyer);
      const std::string expected = fmt::format("{} {} {} {} {} {} {}", orders, devices.size(),
                                               buyers.size(), linked, since.size(), ip_2h, ip_ever);
      const auto applied = engine.Apply(
          testing::MakeEvent(R"({"id":"p)" + std::to_string(at) +
                             R"(","type":"payment.updated","merchant":"acme","occurred_at":")" +
                             stamp(2'000) + R"(","order_id":"o)" + std::to_string(at) +
                             R"(","payment":{"provider":"p","status":"completed"}})"));
      REQUIRE(applied);
      REQUIRE(applied->decision->handling.at(0) == expected);
    }
  }
}

// Goal:   an order is told what other buyers did with the same address, device, card and IP
// address,
//         not what its own buyer did; a place that very many good buyers share is called a hub.
TEST_CASE("pipeline: links to other buyers") {
  Desk desk(R"yaml(
rules:
  - { id: show, when: "true", advise: "{linked.ip.buyers} {linked.ip.orders} {linked.ip.hub} {linked.device.buyers} {linked.card.buyers} {linked.card.chargebacks} {linked.address.orders} {linked.address.disputes}" }
  - { id: r, when: "linked.device.chargebacks > 0 && !linked.device.hub", hold: identity, on_missing: skip }
)yaml");
  const auto order = [](const std::string& id, int minute, const std::string& buyer,
                        const std::string& street = "A 1") {
    return OrderJson(id, minute,
                     R"("ip":"::ffff:192.0.2.7","device_id":"d","buyer":{"id":")" + buyer +
                         R"("},"shipping":{"address":{"line1":")" + street +
                         R"(","country":"DE"}},"payment":{"provider":"p","status":"completed"})");
  };
  const auto dispute = [](const std::string& id, const std::string& of, const char* kind) {
    return R"({"id":")" + id +
           R"(","type":"dispute.opened","merchant":"acme","occurred_at":"2026-11-20T08:30:00Z","order_id":")" +
           of + R"(","dispute":{"id":")" + id + R"(","kind":")" + kind + "\"}}";
  };
  const std::string card = R"("card":{"fingerprint":"f"})";
  CHECK(desk(order("1", 0, "a")).handling[0] == "0 0 false 0 (unknown) (unknown) 0 0");
  CHECK(desk(order("2", 1, "a")).handling[0] == "0 0 false 0 (unknown) (unknown) 0 0");
  CHECK(desk(order("3", 2, "b")).handling[0] == "1 2 false 1 (unknown) (unknown) 2 0");
  // The card becomes known with a payment, also one that comes before the order.
  desk(PaymentJson("p1", "1", 0, "completed", card));
  desk(PaymentJson("p2", "1", 1, "cleared", card));
  desk(PaymentJson("p4", "4", 2, "completed", card));
  CHECK(desk(order("4", 3, "c", "B 2")).handling[0] == "2 3 false 2 1 0 0 0");
  desk(dispute("d1", "1", "chargeback"));
  desk(dispute("d1", "1", "chargeback").replace(7, 2, "d2"));
  desk(dispute("d3", "2", "dispute"));
  const Decision& held = desk(order("5", 40, "d"));
  CHECK(held.handling[0] == "3 4 false 3 (unknown) (unknown) 3 1");
  CHECK(Short(held) == "hold identity 0 [r show]");
  // The buyer's own history is no link.
  CHECK(desk(order("6", 41, "a")).handling[0] == "3 3 false 3 (unknown) (unknown) 2 0");
  // A gateway with many good buyers.
  for (int i = 0; i < 120; ++i) desk(order("h" + std::to_string(i), 42, "x" + std::to_string(i)));
  const Decision& open = desk(order("7", 43, "y"));
  CHECK(open.handling[0].starts_with("124 126 true"));
  CHECK(Short(open) == "ship 0 [show]");
  // Another merchant's orders are no links.
  std::string other = order("8", 44, "z");
  other.replace(other.find("acme"), 4, "bolt");
  CHECK(desk(other).handling[0] == "0 0 false 0 (unknown) (unknown) 0 0");
}

// Goal:   a place so busy that its older orders are in buckets is still counted right: payments do
// not
//         count orders again, nor do a buyer's own orders count as others'.
TEST_CASE("pipeline: links of busy places") {
  const auto order = [](int i, const std::string& buyer) {
    return OrderJson("o" + std::to_string(i), i / 100,
                     R"("ip":"192.0.2.7","device_id":"d","buyer":{"id":")" + buyer + "\"}");
  };
  const char* pack = R"yaml(
rules:
  - { id: show, when: "true", advise: "{linked.ip.orders} {linked.device.chargebacks}" }
  - { id: r, when: "order.id == 'never'", hold: review }
)yaml";
  Desk many(pack), one(pack);
  for (int i = 0; i < 1500; ++i) {
    many(order(i, "b" + std::to_string(i)));
    one(order(i, "b"));
  }
  for (int i = 0; i < 1500; ++i) {
    many(PaymentJson("p" + std::to_string(i), "o" + std::to_string(i), 1, "completed"));
  }
  // The buyer's own order is taken for as large a part of the buckets as of the rest.
  const int others = std::atoi(many(order(1600, "z")).handling[0].c_str());
  CHECK(others >= 1490);
  CHECK(others <= 1500);
  CHECK(one(order(1600, "b")).handling[0] == "0 0");
}

// An order amended at nine o'clock and some minutes.
std::string AmendJson(const std::string& id, int minute, const std::string& total,
                      const std::string& line) {
  return R"({"id":")" + id +
         R"(","type":"order.amended","merchant":"acme","occurred_at":"2026-11-20T09:)" +
         std::to_string(minute) +
         R"(:00Z","order":{"id":"1","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":)" +
         total + R"(,"shipping":{"address":{"line1":")" + line + R"(","country":"US"}}}})";
}

TEST_CASE("pipeline: a confirmation holds for the order and the payer it was given for") {
  const std::string pack =
      "rules: [{ id: payer, when: \"match.payer_to_holder == 'different'\", hold: identity, ask: "
      "confirm }]\n";
  const std::string payer =
      R"("payer":{"name":"Bob Ray","account_holder":"Carl Dow","email":"carl@mail.example"})";
  const auto answer = [](const char* id, int minute, const char* agreed) {
    return std::string(R"({"id":")") + id +
           R"(","type":"buyer.confirmed","merchant":"acme","occurred_at":"2026-11-20T09:)" +
           std::to_string(minute) +
           R"(:00Z","order_id":"1","confirmation":{"request":"confirm","from":"carl@mail.example","confirmed":)" +
           agreed + "}}";
  };
  Desk desk(pack);
  desk(answer("c0", 12, "true"));  // before everything else: kept
  desk(OrderJson("1", 0));
  CHECK(desk(PaymentJson("p", "1", 10, "completed", payer)).outcome == Outcome::kShip);
  CHECK(desk(AmendJson("a", 20, "100", "9 Dock Street")).outcome == Outcome::kHold);
  CHECK(desk(answer("c1", 30, "true")).outcome == Outcome::kShip);
  CHECK(desk(answer("c2", 40, "false")).outcome == Outcome::kHold);
  CHECK(desk(answer("c3", 50, "true")).outcome == Outcome::kShip);
  CHECK(
      desk(
          PaymentJson(
              "p2", "1", 55, "completed",
              R"("payer":{"name":"Bob Ray","account_holder":"Carl Dow","email":"evil@mail.example"})"))
          .outcome == Outcome::kHold);
}

TEST_CASE("pipeline: a late event does not take a decision back in time") {
  Desk desk("rules: [{ id: cb, when: buyer.chargebacks > 0, hold: history, on_missing: skip }]\n");
  desk(OrderJson("0", 0, R"("buyer":{"id":"b"})"));
  desk(OrderJson("1", 1, R"("buyer":{"id":"b"})"));
  desk(
      R"({"id":"d","type":"dispute.opened","merchant":"acme","occurred_at":"2026-11-20T09:30:00Z","order_id":"0","dispute":{"kind":"chargeback"}})");
  CHECK(Short(desk(PaymentJson("p2", "1", 40, "completed"))) == "hold history 0 [cb]");
  CHECK(Short(desk(PaymentJson("p1", "1", 10, "pending"))) == "hold history 0 [cb]");
}

TEST_CASE("pipeline: money that went back does not return by an amendment") {
  Desk desk(kAnyHold);
  desk(OrderJson("1", 0));
  desk(PaymentJson("p", "1", 0, "completed", R"("amount":100,"currency":"USD")"));
  const std::string refund =
      R"(","type":"refund.issued","merchant":"acme","occurred_at":"2026-11-20T09:10:00Z","order_id":"1","refund":{"id":"r1","amount":50,"currency":"USD"}})";
  // 50 of 100 are left, also when the refund is reported twice.
  CHECK(desk("{\"id\":\"f1" + refund).funds == FundsCertainty::kLost);
  CHECK(desk("{\"id\":\"f2" + refund).funds == FundsCertainty::kLost);
  CHECK(desk(AmendJson("b", 11, "50", "x")).funds == FundsCertainty::kCertain);
  CHECK(
      desk(
          R"({"id":"f3","type":"refund.issued","merchant":"acme","occurred_at":"2026-11-20T09:12:00Z","order_id":"1","refund":{"id":"r2","amount":{"amount":"50.00","currency":"USD"}}})")
          .funds == FundsCertainty::kLost);
  // More is due now than had ever come.
  CHECK(desk(AmendJson("a", 20, "101", "x")).funds == FundsCertainty::kNone);
}

TEST_CASE("pipeline: a payment within an amendment proves nothing") {
  Desk desk(kAnyHold);
  desk(OrderJson("1", 0));
  desk(PaymentJson("p", "1", 5, "under_review"));
  std::string amended = AmendJson("a", 20, "100", "x");
  amended.insert(amended.size() - 2, R"(,"payment":{"status":"completed"})");
  CHECK(desk(amended).funds == FundsCertainty::kUncertain);
}

TEST_CASE("pipeline: amendment and payment commute in what they say of the address") {
  const std::string pack =
      "rules: [{ id: moved, when: order.address_changed_after_payment, hold: address }]\n";
  Desk one(pack), other(pack);
  one(OrderJson("1", 0));
  other(OrderJson("1", 0));
  one(AmendJson("a", 20, "100", "x"));
  CHECK(Short(one(PaymentJson("p", "1", 10, "completed"))) == "hold address 0 [moved]");
  other(PaymentJson("p", "1", 10, "completed"));
  CHECK(Short(other(AmendJson("a", 20, "100", "x"))) == "hold address 0 [moved]");
}

TEST_CASE("pipeline: an order number and an event id may be the same text") {
  Desk desk(kAnyHold);
  desk(OrderJson("100", 0));
  CHECK(desk(PaymentJson("100", "100", 0, "pending")).funds == FundsCertainty::kUncertain);
}

// Goal:   the last change of an IP list that covers an address decides, whatever its size.
TEST_CASE("pipeline: later changes of an IP list count more than earlier ones") {
  Desk desk(R"yaml(
lists: { bad: { type: ip, values: [10.0.0.0/8], dynamic: true } }
rules: [{ id: r, when: order.ip in lists.bad, reject: true }]
)yaml");
  int events = 0;
  const auto change = [&](const std::string& what, const std::string& network) {
    const std::string n = std::to_string(++events);
    desk(R"({"id":"l)" + n +
         R"(","type":"list.changed","merchant":"acme","occurred_at":"2026-11-20T07:00:00Z",)" +
         R"("list":{"name":"bad",")" + what + R"(":[")" + network + R"("]}})");
  };
  const auto rejected = [&](const std::string& ip) {
    return desk(OrderJson("o" + std::to_string(++events), 0, R"("ip":")" + ip + "\"")).outcome ==
           Outcome::kReject;
  };
  CHECK(rejected("10.1.2.3"));
  change("remove", "10.1.0.0/16");
  CHECK_FALSE(rejected("10.1.2.3"));
  CHECK(rejected("10.2.2.3"));
  change("add", "10.1.2.3");
  CHECK(rejected("10.1.2.3"));
  change("remove", "10.1.2.3");
  change("add", "10.1.2.0/24");
  CHECK(rejected("10.1.2.3"));
  CHECK(rejected("::ffff:10.1.2.3"));
  CHECK_FALSE(rejected("10.1.3.3"));
}

}  // namespace
}  // namespace holdfast
