// `holdfast rules`, as a rule author uses it on the shipped pack and on packs of their own.
#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include <map>
#include <set>
#include <string>

#include "engine/features/facts.h"
#include "engine/packs/pack.h"
#include "tests/cli/process.h"

namespace holdfast {
namespace {

using testing::Ran;
using testing::Sh;
using testing::TempFolder;

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

constexpr const char* kPack =
    "pack: mine\nversion: 1\nbase_currency: USD\nfunds: { ship_when: [certain] }\n"
    "lists: { blocked: { type: email, dynamic: true } }\n"
    "features: { ip_orders: { count: order.id, by: order.ip, over: 1h } }\n"
    "rules:\n"
    "  - id: large   # a comment\n"
    "    when: order.total>100.0&&(ip_orders>=1)\n"
    "    hold: review\n"
    "  - { id: listed, when: email.canonical in lists.blocked, reject: true }\n";

constexpr const char* kOrder =
    R"({"id":"1","merchant":"acme","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":412.50,"ip":"192.0.2.7"})";

TEST_CASE("cli: every rules command has help and a usage error") {
  for (const char* name : {"check", "test", "fields", "explain", "diff", "fmt", "schema"}) {
    const std::string command = std::string("holdfast rules ") + name;
    CAPTURE(command);
    CHECK(Sh(command + " --help").status == 0);
    CHECK(Has(Sh(command + " --help").out, "xit codes"));
    CHECK(Sh(command + " --frobnicate").status == 2);
  }
  CHECK(Sh("holdfast rules explain rules/starter").status == 2);
  CHECK(Sh("holdfast rules diff rules/starter").status == 2);
}

// Goal:   what `rules fields` shows can be written into a rule as it stands.
// Method: the example of every entry is compiled in the pack that it was listed for.
TEST_CASE("cli: every example of rules fields compiles") {
  const TempFolder folder;
  const std::string path = folder.Write("pack.yaml", kPack);
  Diagnostics diagnostics;
  const auto pack = LoadPack(path, diagnostics);
  REQUIRE(pack != nullptr);
  const Ran ran = Sh("holdfast rules fields --json " + path);
  REQUIRE(ran.status == 0);
  rapidjson::Document entries;
  entries.Parse(ran.out.c_str());
  REQUIRE(entries.IsArray());
  std::set<std::string> kinds;
  for (const auto& entry : entries.GetArray()) {
    kinds.insert(entry["kind"].GetString());
    const std::string example = entry["example"].GetString();
    CAPTURE(example);
    CHECK_FALSE(std::string(entry["meaning"].GetString()).empty());
    cel::Issues issues;
    const auto expression = cel::CompileExpression(example, pack->environment, issues);
    CHECK_MESSAGE(expression.has_value(), (issues.empty() ? "" : issues.front().message));
    if (expression) CHECK(expression->type.Is(cel::TypeKind::kBool));
  }
  CHECK(kinds ==
        std::set<std::string>{"fact", "item", "payment", "feature", "list", "function", "macro"});
  CHECK(entries.Size() > Facts().size() + 60);
  CHECK(Has(Sh("holdfast rules fields " + path + " --find IP_ORDERS").out, "ip_orders > 3"));
  CHECK(Sh("holdfast rules fields --find no-such-thing").status == 1);
}

TEST_CASE("cli: check says which facts a rule may lack and what follows") {
  const TempFolder folder;
  const std::string path = folder.Write("pack.yaml", kPack);
  const Ran plain = Sh("holdfast rules check " + path);
  CHECK(plain.status == 0);
  CHECK(Has(plain.out, "2 rules read facts that an order may lack; --missing lists them"));
  const Ran ran = Sh("holdfast rules check --missing " + path);
  CHECK(Has(ran.out, "large: when one is missing, hold\n"));
  CHECK(Has(ran.out, "the order lacks what 'order.ip' reads"));
  rapidjson::Document json;
  json.Parse(Sh("holdfast rules check --json " + path).out.c_str());
  REQUIRE(json.IsObject());
  CHECK(std::string(json["pack"]["rules"][1]["may_miss"][0]["fact"].GetString()) ==
        "email.canonical");
}

TEST_CASE("cli: explain shows the value of every part, what is missing and what would release") {
  const TempFolder folder;
  const std::string path = folder.Write("pack.yaml", kPack);
  const std::string order = folder.Write("order.ndjson", std::string(kOrder) + "\n");
  const Ran ran = Sh("holdfast rules explain " + path + " " + order);
  CHECK(ran.status == 0);
  CHECK(Has(ran.out, "order 1 of acme: hold, cause funds; score 0, funds none\n"));
  CHECK(Has(ran.out, "released by: "));
  CHECK(Has(ran.out,
            "large: matches (hold review)\n"
            "    order.total > 100.0 && ip_orders >= 1 = true\n"
            "      order.total > 100.0 = true\n"
            "        order.total = 412.5\n"
            "      ip_orders >= 1 = true\n"
            "        ip_orders = 1\n"));
  CHECK(Has(ran.out, "listed: cannot be judged (reject)\n"));
  CHECK(Has(ran.out, "email.canonical = missing: email.canonical is missing"));
  rapidjson::Document json;
  json.Parse(Sh("holdfast rules explain --json --rule large " + path + " " + order).out.c_str());
  REQUIRE(json.IsObject());
  REQUIRE(json["rules"].Size() == 1);
  CHECK(std::string(json["rules"][0]["verdict"].GetString()) == "matched");
  CHECK(Sh("holdfast rules explain --rule none " + path + " " + order).status == 2);
  CHECK(Sh("holdfast rules explain --order 2 " + path + " " + order).status == 1);
  CHECK(Sh("holdfast rules explain " + path + " - < /dev/null").status == 1);
  CHECK(Sh("holdfast rules explain " + path + " /nowhere").status == 3);
  std::string twice = std::string(kOrder) + "\n" + kOrder + "\n";
  twice.replace(twice.rfind("acme"), 4, "bolt");
  const std::string both = folder.Write("both.ndjson", twice);
  CHECK(Sh("holdfast rules explain --order 1 " + path + " " + both).status == 2);
  CHECK(Has(Sh("holdfast rules explain --order 1 --merchant acme " + path + " " + both).out,
            "order 1 of acme"));
}

TEST_CASE("cli: explain decides as score does") {
  const Ran scored =
      Sh("holdfast simulate --seed 3 --orders 40 | holdfast score --json --pack rules/starter -");
  const Ran events = Sh("holdfast simulate --seed 3 --orders 40");
  const TempFolder folder;
  const std::string input = folder.Write("events.ndjson", events.out);
  std::map<std::string, std::string> outcome, merchant;  // the last decision of each order
  std::size_t at = 0;
  while (at < scored.out.size()) {
    const std::size_t end = scored.out.find('\n', at);
    rapidjson::Document decision;
    decision.Parse(scored.out.substr(at, end - at).c_str());
    outcome[decision["order_id"].GetString()] = std::string(decision["outcome"].GetString()) + " " +
                                                std::to_string(decision["score"].GetInt()) + " " +
                                                decision["funds"].GetString();
    at = end + 1;
  }
  REQUIRE(outcome.size() == 40);
  int checked = 0;
  for (const auto& [order, expected] : outcome) {
    if (checked++ == 12) break;
    rapidjson::Document json;
    json.Parse(Sh("holdfast rules explain --json rules/starter " + input + " --order " + order)
                   .out.c_str());
    REQUIRE(json.IsObject());
    const auto& decision = json["decision"];
    CHECK(std::string(decision["outcome"].GetString()) + " " +
              std::to_string(decision["score"].GetInt()) + " " + decision["funds"].GetString() ==
          expected);
  }
}

TEST_CASE("cli: fmt writes one form, keeps comments, and says when nothing is to be done") {
  const TempFolder folder;
  const std::string path = folder.Write("pack.yaml", kPack);
  CHECK(Sh("holdfast rules fmt --check " + path).status == 1);
  CHECK(testing::Slurp(path) == kPack);
  CHECK(Sh("holdfast rules fmt " + path).status == 0);
  const std::string formatted = testing::Slurp(path);
  CHECK(Has(formatted,
            "  - id: large   # a comment\n    when: \"order.total > 100.0 && ip_orders >= 1\"\n") !=
        Has(formatted,
            "  - id: large   # a comment\n    when: order.total > 100.0 && ip_orders >= 1\n"));
  CHECK(Sh("holdfast rules fmt --check " + path).status == 0);
  CHECK(Sh("holdfast rules diff " + path + " " + folder.Write("old.yaml", kPack)).status == 0);
  for (const char* shipped : {"rules/starter", "rules/online-retail", "rules/cross-border"}) {
    CHECK(Sh(std::string("holdfast rules fmt --check ") + shipped).status == 0);
  }
}

TEST_CASE("cli: diff ends with 1 where packs differ, and says how") {
  const TempFolder folder;
  const std::string a = folder.Write("a.yaml", kPack);
  std::string changed = kPack;
  changed.replace(changed.find("100.0"), 5, "50.0");
  const std::string b = folder.Write("b.yaml", changed);
  const Ran ran = Sh("holdfast rules diff " + a + " " + b);
  CHECK(ran.status == 1);
  CHECK(Has(ran.out, "changed rule large\n    condition: matches more orders\n"));
  CHECK(Sh("holdfast rules diff " + a + " " + a).out == "both decide alike\n");
  rapidjson::Document json;
  json.Parse(Sh("holdfast rules diff --json " + b + " " + a).out.c_str());
  CHECK(std::string(json["differences"][0]["details"][0].GetString()) ==
        "condition: matches fewer orders");
  CHECK(Sh("holdfast rules diff " + a + " /nowhere").status == 3);
}

TEST_CASE("cli: test shows what differs, and --update writes what came out") {
  const TempFolder folder;
  const std::string pack = folder.Write("pack.yaml", kPack);
  const std::string cases = folder.Write(
      "p.cases.yaml",
      std::string("cases:\n  - name: large orders\n    events:\n      - ") + kOrder +
          "\n    expect: { outcome: ship, cause: none, score: 7, rules: [x] }   # kept\n");
  const Ran ran = Sh("holdfast rules test " + pack);
  CHECK(ran.status == 1);
  CHECK(Has(ran.out,
            "failed: large orders\n    outcome: expected ship, got hold\n"
            "    cause: expected none, got funds\n    score: expected 7, got 0\n"
            "    rules: expected [x], got [large]\n"));
  CHECK(Sh("holdfast rules test --update " + pack).status == 0);
  CHECK(Has(testing::Slurp(cases),
            "    expect: { outcome: hold, cause: funds, score: 0, rules: [large] }   # kept\n"));
  CHECK(Sh("holdfast rules test " + pack).status == 0);
}

TEST_CASE("cli: test says which rules matched, and why an expected one did not") {
  const TempFolder folder;
  const std::string pack = folder.Write("pack.yaml", kPack);
  std::string small = kOrder;
  small.replace(small.find("412.50"), 6, "12.50");
  folder.Write("p.cases.yaml",
               std::string("cases:\n  - name: large\n    events: [ ") + kOrder +
                   " ]\n    expect: { rules: [listed, large, nosuch] }\n  - name: small\n"
                   "    events: [ " +
                   small + " ]\n    expect: { rules: [large] }\n");
  const Ran ran = Sh("holdfast rules test " + pack);
  CHECK(ran.status == 1);
  CHECK(Has(ran.out,
            "    rules: expected [large, listed, nosuch], got [large]\n"
            "    matched: large (hold review): order.total = 412.5, ip_orders = 1\n"
            "    expected, but it cannot be judged: listed (reject)\n"));
  CHECK(Has(ran.out, "email.canonical is missing"));
  CHECK(Has(ran.out, "    expected, but the pack has no such rule: nosuch\n"));
  CHECK(Has(ran.out,
            "    rules: expected [large], got []\n"
            "    expected, but it does not match: large (hold review)\n"
            "        order.total > 100.0 is false (order.total = 12.5)\n"));
  rapidjson::Document json;
  json.Parse(Sh("holdfast rules test --json " + pack).out.c_str());
  REQUIRE(json.IsObject());
  const auto& cases = json["cases"];
  CHECK(std::string(cases[0]["matched"][0]["rule"].GetString()) == "large");
  CHECK(std::string(cases[0]["matched"][0]["values"][0]["value"].GetString()) == "412.5");
  CHECK(std::string(cases[0]["not_matched"][0]["verdict"].GetString()) == "missing");
  CHECK(std::string(cases[0]["unknown"][0].GetString()) == "nosuch");
  CHECK(std::string(cases[1]["not_matched"][0]["not_true"][0]["expression"].GetString()) ==
        "order.total > 100.0");
}

TEST_CASE("cli: explain takes a case of the pack") {
  const TempFolder folder;
  const std::string pack = folder.Write("pack.yaml", kPack);
  const std::string order = folder.Write("order.ndjson", std::string(kOrder) + "\n");
  const std::string one = std::string("  - name: a large order\n    events: [ ") + kOrder +
                          " ]\n    expect: { outcome: hold }\n";
  folder.Write("p.cases.yaml", "cases:\n" + one);
  const Ran ran = Sh("holdfast rules explain " + pack + " --case 'a large order'");
  CHECK(ran.status == 0);
  CHECK(ran.out == Sh("holdfast rules explain " + pack + " " + order).out);
  CHECK(Sh("holdfast rules explain " + pack + " " + order + " --case 'a large order'").status == 2);
  const Ran none = Sh("holdfast rules explain " + pack + " --case other");
  CHECK(none.status == 2);
  CHECK(Has(none.err, "its first cases are 'a large order'"));
  folder.Write("p.cases.yaml", "cases:\n" + one + one);
  CHECK(Sh("holdfast rules explain " + pack + " --case 'a large order'").status == 2);
}

TEST_CASE("cli: --update leaves alone what it cannot write without a loss") {
  const TempFolder folder;
  const std::string pack = folder.Write("pack.yaml", kPack);
  const std::string head = std::string("cases:\n  - name: one\n    events: [") + kOrder + "]\n";
  const std::string commented =
      head + "    expect:\n      rules: [b, # see [1] and ] it's too\n        c]\n";
  const std::string cases = folder.Write("p.cases.yaml", commented);
  CHECK(Sh("holdfast rules test --update " + pack).status == 1);
  CHECK(testing::Slurp(cases) == commented);
  folder.Write("p.cases.yaml",
               head + "    expect: &e { outcome: ship, rules: [] }\n  - name: two\n    events: [" +
                   kOrder + "]\n    expect: *e\n");
  CHECK(Sh("holdfast rules test --update " + pack).status == 0);
  CHECK(
      Has(testing::Slurp(cases), "expect: &e { outcome: hold, rules: [large] }\n  - name: two\n"));
}

TEST_CASE("cli: explain gives up on what is too much, and decides all the same") {
  const TempFolder folder;
  std::string doubled = "a9";
  for (int i = 9; i > 0; --i) {
    const std::string n = std::to_string(i), before = std::to_string(i - 1);
    doubled = "cel.bind(a" + n + ", a" + before + ".replace('x', 'xxxxxxxx'), " + doubled + ")";
  }
  const std::string pack = folder.Write(
      "pack.yaml",
      "pack: p\nversion: 1\nbase_currency: USD\nfunds: { ship_when: [certain] }\nrules:\n"
      "  - { id: r, when: \"cel.bind(a0, order.id + 'xxxxxxxx', " +
          doubled + ") == 'y'\", hold: review }\n");
  const std::string order = folder.Write("order.ndjson", std::string(kOrder) + "\n");
  const Ran ran = Sh("holdfast rules explain " + pack + " " + order);
  CHECK(ran.status == 0);
  CHECK(Has(ran.out, "r: fails (hold review)\n"));
}

TEST_CASE("cli: the schema is JSON") {
  rapidjson::Document schema;
  schema.Parse(Sh("holdfast rules schema").out.c_str());
  REQUIRE(schema.IsObject());
  CHECK(schema["properties"]["rules"]["items"]["properties"].HasMember("on_missing"));
}

}  // namespace
}  // namespace holdfast
