#include <doctest/doctest.h>

#include "tests/pipeline/harness.h"

namespace holdfast {
namespace {

using testing::Desk;
using testing::OrderJson;
using testing::PaymentJson;
using testing::Short;

constexpr const char* kPrecedence = R"yaml(
thresholds: { hold: 50 }
rules:
  - { id: no, when: "order.note.contains('R')", reject: true, on_missing: skip }
  - { id: yes, when: "order.note.contains('A')", allow: true }
  - { id: soft, when: "order.note.contains('H')", hold: identity, on_missing: skip }
  - { id: hard, when: "order.note.contains('X')", hold: address, hard: true, on_missing: skip }
  - { id: much, when: "order.note.contains('P')", points: 60, cause: velocity }
  - { id: seen, when: "order.note.contains('S')", hold: geo, mode: shadow, on_missing: skip }
)yaml";

// Goal: reject, funds, allow, hold, threshold, ship: in this order, for every combination.
TEST_CASE("decide: precedence") {
  struct Row {
    const char* note;
    bool paid;
    const char* expected;
  };
  const Row rows[] = {
      {"-", true, "ship 0 []"},
      {"-", false, "hold funds 0 [funds]"},
      {"R", true, "reject 0 [no]"},
      {"RA", true, "reject 0 [no yes]"},
      {"R", false, "reject 0 [no funds]"},
      {"A", false, "hold funds 0 [funds yes]"},
      {"H", true, "hold identity 0 [soft]"},
      {"AH", true, "ship 0 [yes soft]"},
      {"AX", true, "hold address 0 [yes hard]"},
      {"AHX", true, "hold address 0 [yes soft hard]"},
      {"HX", true, "hold identity 0 [soft hard]"},
      {"P", true, "hold velocity 60 [threshold much]"},
      {"AP", true, "ship 60 [yes threshold much]"},
      {"HP", true, "hold identity 60 [soft threshold much]"},
      {"S", true, "ship 0 []"},
  };
  for (const Row& row : rows) {
    Desk desk(kPrecedence);
    const std::string note = std::string("\"note\":\"") + row.note + "\"";
    Decision decision = desk(OrderJson("1", 0, note));
    if (row.paid) decision = desk(PaymentJson("p", "1", 0, "completed"));
    CAPTURE(row.note);
    CHECK(Short(decision) == row.expected);
  }
}

TEST_CASE("decide: a shadow rule is recorded and changes nothing") {
  Desk desk(kPrecedence);
  desk(OrderJson("1", 0, R"("note":"S")"));
  const Decision& decision = desk(PaymentJson("p", "1", 0, "completed"));
  REQUIRE(decision.shadow.size() == 1);
  CHECK(decision.shadow[0].rule == "seen");
  CHECK(decision.outcome == Outcome::kShip);
}

// Invariant 5: a missing fact or a broken rule never turns a hold into a ship silently.
TEST_CASE("decide: nothing fails open") {
  const auto pack = [](const std::string& rule) {
    return "thresholds: { hold: 50 }\nrules:\n  - { id: r, " + rule +
           " }\n  - { id: other, when: \"order.id == 'never'\", hold: review }\n";
  };
  const auto decide = [&](const std::string& rule) {
    Desk desk(pack(rule));
    desk(OrderJson("1", 0));
    return desk(PaymentJson("p", "1", 0, "completed"));
  };
  SUBCASE("a hold rule without its fact holds, unless told otherwise") {
    const Decision held = decide("when: \"order.ip == '1.2.3.4'\", hold: geo");
    CHECK(Short(held) == "hold unknown 0 [r]");
    REQUIRE(held.missing.size() == 1);
    CHECK(held.missing[0].facts == std::vector<std::string>{"order.ip"});
    CHECK(held.release_paths == std::vector<std::vector<std::string>>{{"has(order.ip)"}});
    CHECK(held.rules_evaluated == 1);
    CHECK(held.rules_missing == 1);
    const Decision skipped = decide("when: \"order.ip == '1.2.3.4'\", hold: geo, on_missing: skip");
    CHECK(Short(skipped) == "ship 0 []");
    CHECK(skipped.missing.size() == 1);
    CHECK(Short(decide("when: \"order.ip == '1.2.3.4'\", hold: geo, on_missing: match")) ==
          "hold geo 0 [r]");
  }
  SUBCASE("an allow rule without its fact does not allow") {
    CHECK(Short(decide("when: \"order.ip == '1.2.3.4'\", allow: true")) == "ship 0 []");
  }
  SUBCASE("a points rule without its fact gives none, or what it was told") {
    CHECK(Short(decide("when: \"order.ip == '1.2.3.4'\", points: 60")) == "ship 0 []");
    CHECK(Short(decide("when: \"order.ip == '1.2.3.4'\", points: 60, on_missing: match")) ==
          "hold review 60 [threshold r]");
    CHECK(Short(decide("when: \"order.ip == '1.2.3.4'\", points: 1, on_missing: hold")) ==
          "hold unknown 0 [r]");
  }
  SUBCASE("a rule that breaks holds, whatever it says of missing facts") {
    const Decision broken =
        decide("when: '1 / int(order.total - 100.0) > 0', points: 5, on_missing: skip");
    CHECK(Short(broken) == "hold unknown 0 [r]");
  }
  SUBCASE("a rule that breaks beside a missing fact holds too") {
    const Decision broken = decide(
        "when: \"1 / int(order.total - 100.0) > 0 || order.channel == 'x'\", hold: geo, "
        "on_missing: skip");
    CHECK(Short(broken) == "hold unknown 0 [r]");
    CHECK(broken.missing[0].facts ==
          std::vector<std::string>{"order.channel", "error: a part of the condition failed"});
  }
  SUBCASE("a currency without a rate is missing, not zero") {
    Desk desk(pack("when: \"amount.tier == 'small'\", allow: true"));
    desk(
        R"({"id":"1","merchant":"acme","placed_at":"2026-11-20T08:00:00Z","currency":"EUR","total":1})");
    const Decision decision = desk(PaymentJson("p", "1", 0, "completed"));
    REQUIRE(decision.missing.size() == 1);
    CHECK(decision.missing[0].facts == std::vector<std::string>{"amount.tier"});
  }
}

TEST_CASE("decide: release paths are the smallest ways out") {
  Desk desk(R"yaml(
thresholds: { hold: 50 }
rules:
  - { id: payer, when: "match.payer_to_holder == 'different' && order.total > 50.0", hold: identity, ask: confirm_from_account_email }
  - { id: new-buyer, when: "buyer.orders == 0", points: 30 }
  - { id: far, when: "match.shipping_to_payment == 'different' || payment.card.avs == 'fail'", points: 30 }
)yaml");
  desk(OrderJson(
      "1", 0,
      R"("buyer":{"id":"b"},"shipping":{"name":"Z","address":{"country":"DE","city":"Ulm"}})"));
  const Decision& decision = desk(PaymentJson(
      "p", "1", 0, "under_review",
      R"("payer":{"email":"carl@mail.example","name":"Bob Ray","account_holder":"Carl Dow","address":{"country":"US"}},"card":{"avs":"pass"})"));
  CHECK(Short(decision) == "hold funds 60 [funds payer threshold new-buyer far]");
  const std::vector<std::vector<std::string>> expected = {
      {"'confirm_from_account_email' in verification.confirmed",
       "match.shipping_to_payment != 'different'", "payment.card.avs != 'fail'",
       "payment.certainty == 'certain'"},
      {"match.payer_to_holder != 'different'", "match.shipping_to_payment != 'different'",
       "payment.card.avs != 'fail'", "payment.certainty == 'certain'"}};
  CHECK(decision.release_paths == expected);
}

TEST_CASE("decide: what a path asks for, when done, releases") {
  Desk desk(
      "rules: [{ id: payer, when: \"match.payer_to_holder == 'different'\", hold: identity }]\n");
  desk(OrderJson("1", 0));
  CHECK(desk(PaymentJson("p1", "1", 0, "completed",
                         R"("payer":{"name":"Bob Ray","account_holder":"Carl Dow"})"))
            .release_paths ==
        std::vector<std::vector<std::string>>{{"match.payer_to_holder != 'different'"}});
  CHECK(desk(PaymentJson("p2", "1", 1, "completed",
                         R"("payer":{"name":"Bob Ray","account_holder":"Ray, Bob"})"))
            .outcome == Outcome::kShip);
}

TEST_CASE("decide: lists follow their events") {
  Desk desk(R"yaml(
lists:
  bad_networks: { type: ip, values: ["10.1.0.0/16", "2001:db8::/32", "192.0.2.7"], dynamic: true }
  friends: { type: email, dynamic: true }
rules:
  - { id: net, when: "order.ip in lists.bad_networks", hold: list }
  - { id: friend, when: "order.buyer.email in lists.friends", allow: true }
)yaml");
  const auto order = [&](const std::string& id, const std::string& ip) {
    desk(OrderJson(id, 0, R"("buyer":{"email":"Ann@Mail.example"},"ip":")" + ip + "\""));
    return Short(desk(PaymentJson("p" + id, id, 0, "completed")));
  };
  CHECK(order("1", "10.1.2.3") == "hold list 0 [net]");
  CHECK(order("2", "10.2.2.3") == "ship 0 []");
  CHECK(order("3", "::ffff:10.1.2.3") == "hold list 0 [net]");
  CHECK(order("4", "2001:db8::1") == "hold list 0 [net]");
  CHECK(order("5", "192.0.2.7") == "hold list 0 [net]");
  desk(
      R"({"id":"l1","type":"list.changed","merchant":"acme","occurred_at":"2026-11-20T09:00:00Z","list":{"name":"friends","add":["ANN@mail.example"]}})");
  CHECK(order("6", "10.1.2.3") == "ship 0 [friend net]");
  desk(
      R"({"id":"l2","type":"list.changed","merchant":"acme","occurred_at":"2026-11-20T09:00:00Z","list":{"name":"friends","remove":["ann@mail.example"]}})");
  CHECK(order("7", "10.1.2.3") == "hold list 0 [net]");
  CHECK(
      desk.Refusal(
          R"({"id":"l3","type":"list.changed","merchant":"acme","occurred_at":"2026-11-20T09:00:00Z","list":{"name":"freinds","add":["x"]}})") ==
      "list.name: the pack has no dynamic list 'freinds'");
}

TEST_CASE("decide: one merchant's list is not another's, and bad entries are refused") {
  Desk desk(R"yaml(
lists: { friends: { type: text, dynamic: true }, nets: { type: ip, dynamic: true } }
rules:
  - { id: r, when: "!(order.buyer.id in lists.friends)", hold: review }
  - { id: net, when: "order.ip in lists.nets", hold: list, on_missing: skip }
)yaml");
  const auto change = [](const char* id, const char* merchant, const char* list, const char* add) {
    return std::string(R"({"id":")") + id + R"(","type":"list.changed","merchant":")" + merchant +
           R"(","occurred_at":"2026-11-20T07:00:00Z","list":{"name":")" + list + R"(","add":[")" +
           add + "\"]}}";
  };
  desk(change("l1", "bolt", "friends", "b1"));
  desk(OrderJson("1", 0, R"("buyer":{"id":"b1"})"));
  CHECK(Short(desk(PaymentJson("p1", "1", 0, "completed"))) == "hold review 0 [r]");
  desk(change("l2", "acme", "friends", "b1"));
  desk(OrderJson("2", 0, R"("buyer":{"id":"b1"})"));
  CHECK(Short(desk(PaymentJson("p2", "2", 0, "completed"))) == "ship 0 []");
  CHECK(desk.Refusal(change("l3", "acme", "nets", "garbage")) ==
        "list.add[0]: 'garbage' is not an IP address or network such as 192.0.2.7, 192.0.2.0/24 or "
        "2001:db8::/32");
  desk(change("l4", "acme", "nets", "10.0.0.0/8"));
  desk(change("l5", "acme", "nets", "2001:DB8::1"));
  for (const char* ip : {"10.1.2.3", "::ffff:10.1.2.3", "2001:db8:0::1"}) {
    desk(OrderJson(ip, 0, R"("buyer":{"id":"b1"},"ip":")" + std::string(ip) + "\""));
    CHECK(Short(desk(PaymentJson(std::string("p") + ip, ip, 0, "completed"))) ==
          "hold list 0 [net]");
  }
}

TEST_CASE("decide: a denied party is found however it is written, as its list changes") {
  Desk desk(R"yaml(
lists: { denied: { type: name, values: [EVIL CORP LTD, Ivan Petrov], dynamic: true } }
rules:
  - { id: like, when: "similarity(order.shipping.name, lists.denied) >= 0.9", hold: list }
  - { id: on, when: "order.shipping.name in lists.denied", hold: list }
)yaml");
  int number = 0;
  const auto order = [&](const std::string& name) {
    const std::string id = std::to_string(++number);
    desk(OrderJson(id, 0, R"("shipping":{"name":")" + name + "\"}"));
    return Short(desk(PaymentJson("p" + id, id, 0, "completed")));
  };
  const auto change = [&](const std::string& what, const std::string& name) {
    desk(R"({"id":"l)" + std::to_string(++number) +
         R"(","type":"list.changed","merchant":"acme","occurred_at":"2026-11-20T07:00:00Z",)" +
         R"("list":{"name":"denied",")" + what + R"(":[")" + name + "\"]}}");
  };
  CHECK(order("EVIL Corp. Limited") == "hold list 0 [like]");
  CHECK(order("Corporation Evil") == "hold list 0 [like]");
  CHECK(order("\u0415VIL \u0421ORP LTD") == "hold list 0 [like on]");  // Cyrillic Ye and Es
  CHECK(order("Petrow, Ivan") == "hold list 0 [like]");
  CHECK(order("Ann Lee") == "ship 0 []");
  change("add", "Ann Marie Lee");
  CHECK(order("Ann Lee") == "hold list 0 [like]");
  CHECK(order("ann  marie LEE") == "hold list 0 [like on]");
  change("add", "Bolt Trading");
  CHECK(order("Bolt Trading Inc.") == "hold list 0 [like]");
  change("remove", "ANN MARIE LEE");
  CHECK(order("Ann Lee") == "ship 0 []");
  change("remove", "evil corp ltd");
  CHECK(order("EVIL Corp. Limited") == "ship 0 []");
  change("add", "Evil Corp Ltd");
  CHECK(order("EVIL Corp. Limited") == "hold list 0 [like]");
}

TEST_CASE("decide: lists of e-mails, phones and texts are met however they are written") {
  Desk desk(R"yaml(
lists:
  mails: { type: email, values: [mallory@mail.example] }
  phones: { type: phone, values: [+1 202 555 0143] }
  texts: { type: text, values: [mallory] }
rules:
  - { id: mail, when: "order.buyer.email in lists.mails", hold: list, on_missing: skip }
  - { id: phone, when: "order.buyer.phone in lists.phones", hold: list, on_missing: skip }
  - { id: text, when: "order.buyer.id in lists.texts", hold: list, on_missing: skip }
)yaml");
  int number = 0;
  const auto order = [&](const std::string& member, const std::string& text) {
    const std::string id = std::to_string(++number);
    desk(OrderJson(id, 0, R"("buyer":{")" + member + R"(":")" + text + "\"}"));
    return Short(desk(PaymentJson("p" + id, id, 0, "completed")));
  };
  for (const char* mail :
       {"<mallory@mail.example>", "M <mallory@mail.example>", "mallory(comment)@mail.example",
        "\\\"mallory\\\"@mail.example", "mailto:mallory@mail.example", "m\u0430llory@mail.example",
        "mal\u200Blory@mail.example", "\uFF4Dallory@mail.example"}) {
    CAPTURE(mail);
    CHECK(order("email", mail) == "hold list 0 [mail]");
  }
  CHECK(order("phone", "001 (202) 555-0143") == "hold list 0 [phone]");
  CHECK(order("id", "m\u0430llory") == "hold list 0 [text]");
  CHECK(order("id", "Mallory") == "ship 0 []");
}

// Goal:   who is trusted is so by the very text, in whatever way a rule trusts.
TEST_CASE("decide: a text that only looks like an entry is not trusted") {
  const char* const rules[] = {
      "- { id: known, when: \"order.buyer.email in lists.known\", allow: true, on_missing: skip }",
      "- { id: known, when: \"order.buyer.email in lists.known\", points: -60, on_missing: skip }"};
  for (const char* rule : rules) {
    for (const char* held : {"hold: list", "points: 60"}) {
      Desk desk(
          "thresholds: { hold: 50 }\n"
          "lists: { known: { type: email, values: [bob@mail.example] } }\nrules:\n  " +
          std::string(rule) + "\n  - { id: odd, when: \"order.note == 'odd'\", " + held + " }\n");
      int number = 0;
      const auto outcome = [&](const std::string& mail) {
        const std::string id = std::to_string(++number);
        desk(OrderJson(id, 0, R"("note":"odd","buyer":{"email":")" + mail + "\"}"));
        return desk(PaymentJson("p" + id, id, 0, "completed")).outcome;
      };
      const bool helps = std::string(rule).find("allow") != std::string::npos ||
                         std::string(held).find("points") != std::string::npos;
      CAPTURE(rule);
      CAPTURE(held);
      CHECK((outcome("Bob@mail.example") == Outcome::kShip) == helps);
      for (const char* mail :
           {"b\u043Eb@mail.example", "bo\u200Bb@mail.example", "\uFF42ob@mail.example"}) {
        CAPTURE(mail);
        CHECK(outcome(mail) == Outcome::kHold);
      }
    }
  }
  // The exception of a rule that holds trusts too.
  Desk desk(R"yaml(
lists: { known: { type: text, values: [bob] } }
rules:
  - { id: odd, when: "order.note == 'odd' && !(order.buyer.id in lists.known)", hold: list }
)yaml");
  desk(OrderJson("1", 0, R"("note":"odd","buyer":{"id":"bob"})"));
  CHECK(desk(PaymentJson("p1", "1", 0, "completed")).outcome == Outcome::kShip);
  desk(OrderJson("2", 0, R"("note":"odd","buyer":{"id":"b\u043Eb"})"));
  CHECK(desk(PaymentJson("p2", "2", 0, "completed")).outcome == Outcome::kHold);
}

TEST_CASE("decide: an allow rule does not override a reject rule that cannot be judged") {
  Desk desk(R"yaml(
rules:
  - { id: no, when: "order.ip == '1.1.1.1'", reject: true }
  - { id: yes, when: "order.id != 'x'", allow: true }
)yaml");
  desk(OrderJson("1", 0));
  CHECK(Short(desk(PaymentJson("p", "1", 0, "completed"))) == "hold unknown 0 [yes no]");
}

TEST_CASE("decide: an amount without a rate makes sums unknown, not smaller") {
  Desk desk(R"yaml(
features: { spend: { sum: order.total_base, by: order.buyer.id, over: 7d } }
rules:
  - { id: much, when: "spend > 100.0", hold: velocity }
  - { id: ever, when: "buyer.spend > 100.0", hold: history }
)yaml");
  desk(
      R"({"id":"1","merchant":"acme","placed_at":"2026-11-20T07:00:00Z","currency":"CHF","total":500000,"buyer":{"id":"b"}})");
  desk(OrderJson("2", 0, R"("buyer":{"id":"b"})"));
  const Decision& decision = desk(PaymentJson("p", "2", 0, "completed"));
  CHECK(Short(decision) == "hold unknown 0 [much ever]");
}

}  // namespace
}  // namespace holdfast
