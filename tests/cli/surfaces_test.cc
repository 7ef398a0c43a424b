// What the program shows of itself and of held orders: help, completion, the manual, CSV, sorts and
// pages of the queue, links.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <utility>

#include "engine/base/csv.h"
#include "engine/codec/json_value.h"
#include "tests/server/running.h"

namespace holdfast {
namespace {

using testing::Ran;
using testing::Running;
using testing::Sh;
using testing::TempFolder;

std::vector<std::string> Lines(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

bool IsThere(const std::string& program) {
  return Sh("command -v " + program + " > /dev/null").status == 0;
}

// ---- help ---------------------------------------------------------------------------------------

TEST_CASE("help: commands stand in groups, one a line") {
  const std::string help = Sh("holdfast --help").out;
  std::size_t at = 0;
  for (const char* heading : {"Score and rules:", "Held orders:", "Packs and rescoring:",
                              "Service and keys:", "Data folders:", "Help:"}) {
    const std::size_t next = help.find(std::string("\n") + heading + "\n", at);
    CAPTURE(heading);
    REQUIRE(next != std::string::npos);
    at = next;
  }
  for (const std::string& line : Lines(help)) CHECK(line.size() <= 80);
  // Each command is there once.
  std::set<std::string> commands;
  for (const std::string& line : Lines(help.substr(help.find("Score and rules:")))) {
    if (!line.starts_with("  ")) continue;
    const std::string name = line.substr(2, line.find(' ', 2) - 2);
    CHECK(commands.insert(name).second);
    CHECK(Sh("holdfast " + name + " --help").status == 0);
  }
  CHECK(commands.contains("queue"));
  CHECK(commands.size() > 30);
}

// Goal:   an example in the help is a command line that the program takes.
// Method: every option of every example is in the help of its command.
TEST_CASE("help: the examples use commands and options that there are") {
  int examples = 0;
  const std::string all = Sh("holdfast man").out;
  for (std::string line : Lines(all)) {
    if (!line.starts_with("  holdfast ")) continue;
    for (std::size_t at = 0; (at = line.find("\\-", at)) != std::string::npos;) line.erase(at, 1);
    std::istringstream words(line);
    std::string word, command;
    words >> word;  // holdfast
    words >> command;
    std::string help = Sh("holdfast " + command + " --help").out;
    REQUIRE_MESSAGE(Has(help, "Usage:"), line);
    ++examples;
    bool first = true;
    while (words >> word) {
      if (word == "|" || word == ">") break;  // the rest is another program's
      // The word behind the command may be one below it.
      if (std::exchange(first, false) && !word.starts_with("-")) {
        const Ran below = Sh("holdfast " + command + " " + word + " --help");
        if (Has(below.out, "Usage: holdfast " + command + " " + word)) help = below.out;
      }
      if (word.starts_with("--")) CHECK_MESSAGE(Has(help, word + " "), line);
    }
  }
  CHECK(examples > 12);
}

// ---- completion ---------------------------------------------------------------------------------

// What bash offers for the last word of `words`.
std::string Completed(const std::string& words, const std::string& folder = ".") {
  return Sh("source <(holdfast completion bash); cd " + folder + "; COMP_WORDS=(" + words +
            "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _holdfast; printf '%s\\n' "
            "\"${COMPREPLY[@]}\"")
      .out;
}

TEST_CASE("completion: bash completes commands, options, words and files") {
  CHECK(Completed("holdfast qu") == "queue\n");
  CHECK(Has(Completed("holdfast ''"), "rescore\n"));
  CHECK(Has(Completed("holdfast rules ''"), "check\n"));
  CHECK(!Has(Completed("holdfast rules ''"), "queue\n"));
  CHECK(Completed("holdfast queue --sor") == "--sort\n");
  CHECK(Completed("holdfast queue --sort ''") == "rank\namount\nage\ndue\nscore\n");
  CHECK(Completed("holdfast queue --sort = a") == "amount\nage\n");
  CHECK(Has(Completed("holdfast queue --cause ''"), "identity\n"));
  CHECK(Completed("holdfast completion f") == "fish\n");
  CHECK(Completed("holdfast queue --min ''") == "\n");  // nothing to offer
  const TempFolder folder;
  folder.Write("an order.json", "{}");
  REQUIRE(Sh("mkdir " + (folder / "shop.data")).status == 0);
  CHECK(Completed("holdfast pack-check 1 --file an", folder / ".") == "an order.json\n");
  for (const char* name : {"an order.json\n", "shop.data\n"}) {
    CHECK(Has(Completed("holdfast score ''", folder / "."), name));
  }
  CHECK(Completed("holdfast score --data ''", folder / ".") == "shop.data\n");
}

TEST_CASE("completion: the scripts are right for their shells") {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Ran script = Sh(std::string("holdfast completion ") + shell);
    CHECK(script.status == 0);
    CHECK(Has(script.out, "holdfast"));
    if (!IsThere(shell)) {
      MESSAGE("skipped: there is no " << shell);
      continue;
    }
    const TempFolder folder;
    const Ran checked = Sh(std::string(shell) + " -n " + folder.Write("script", script.out));
    CHECK_MESSAGE(checked.status == 0, checked.err);
  }
  CHECK(Sh("holdfast completion tcsh").status == 2);
}

// ---- the manual ---------------------------------------------------------------------------------

TEST_CASE("man: the page has every command, and formats without warnings") {
  const TempFolder folder;
  const std::string page = folder / "holdfast.1";
  REQUIRE(Sh("holdfast man > " + page).status == 0);
  const std::string text = testing::Slurp(page);
  for (const char* part :
       {".SH NAME", ".SH SYNOPSIS", ".SH COMMANDS", ".SH EXIT STATUS", ".SH ENVIRONMENT",
        ".SH FILES", ".SH SEE ALSO", "holdfast rules check", "\\-\\-sort", "HOLDFAST_URL"}) {
    CHECK_MESSAGE(Has(text, part), part);
  }
  int checked = 0;
  for (const auto& [program, command] : {std::pair("groff", "groff -man -Tutf8 -z -ww "),
                                         {"mandoc", "mandoc -T lint -W warning "},
                                         {"man", "MANWIDTH=80 man --warnings -l "}}) {
    if (!IsThere(program)) continue;
    ++checked;
    const Ran formatted = Sh(command + page);
    CAPTURE(program);
    CHECK(formatted.status == 0);
    CHECK(formatted.err == "");
  }
  if (checked == 0) MESSAGE("skipped: there is no groff, mandoc or man");
}

// ---- the queue ----------------------------------------------------------------------------------

constexpr const char* kPack = R"(pack: desk
version: 3
base_currency: USD
rates: { EUR: 2.0 }
funds: { ship_when: [certain] }
thresholds: { hold: 90 }
rules:
  - { id: odd, when: "order.note == 'odd'", hold: address, on_missing: skip, reason: "The note is odd" }
  - { id: shared, when: linked.ip.buyers > 99, hold: address, on_missing: skip, reason: "Shared" }
  - { id: points, when: "order.channel == 'web'", points: 30, reason: "From the web" }
)";

// A service with held orders, and the commands of a reviewer.
class Desk {
 public:
  explicit Desk(const std::string& more = {}, const std::string& pack = kPack)
      : service_(more, {}, folder_.Write("pack.yaml", pack)) {}

  Ran operator()(const std::string& command, const std::string& before = {}) {
    return Sh(before + "HOLDFAST_KEY=" + service_.Key("ana") + " HOLDFAST_URL=http://127.0.0.1:" +
              std::to_string(service_.port()) + " COLUMNS=140 holdfast " + command);
  }
  // `minute`: when it was placed; `more`: further members.
  void Place(const std::string& id, int minute, const std::string& total,
             const std::string& currency, const std::string& country,
             const std::string& more = {}) {
    const std::string at =
        "2026-11-20T08:" + std::string(minute < 10 ? "0" : "") + std::to_string(minute) + ":00Z";
    Accept("/v1/orders", R"({"id":")" + id + R"(","placed_at":")" + at + R"(","currency":")" +
                             currency + R"(","total":")" + total +
                             R"(","note":"odd","shipping":{"name":"Ada","address":{"country":")" +
                             country + "\"}}" + (more.empty() ? "" : "," + more) + "}");
    Accept("/v1/events", R"({"id":"pay-)" + id + R"(","type":"payment.updated","occurred_at":")" +
                             at + R"(","order_id":")" + id +
                             R"(","payment":{"provider":"paypal","transaction_id":"T )" + id +
                             R"(","status":"completed","amount":")" + total + R"(","currency":")" +
                             currency + "\"}}");
  }
  void Accept(const std::string& target, const std::string& body) {
    const auto reply = service_.Post(target, "ingest", body);
    REQUIRE_MESSAGE(reply.status == 200, reply.body);
  }
  // The ids of the orders of an answer, in order.
  std::string Ids(const std::string& query) {
    const auto reply = service_.Get("/v1/queue?" + query, "ana");
    REQUIRE_MESSAGE(reply.status == 200, reply.body);
    const auto document = JsonDocument::Parse(reply.body);
    REQUIRE(document);
    std::string ids;
    for (const JsonValue& order : document->root()["orders"].list()) {
      ids += (ids.empty() ? "" : " ") + std::string(order["order_id"].text());
    }
    return ids;
  }
  Running& service() { return service_; }

 private:
  TempFolder folder_;
  Running service_;
};

TEST_CASE("queue: sorted, filtered and paged by the service") {
  Desk desk;
  desk.Place("a", 1, "100.00", "USD", "DE");
  desk.Place("b", 2, "80.00", "EUR", "FR", R"("channel":"web")");  // 160.00 USD
  desk.Place("c", 3, "20.00", "USD", "DE", R"("items":[{"sku":"A","quantity":3},{"sku":"B"}])");
  CHECK(desk.Ids("sort=amount") == "b a c");
  CHECK(desk.Ids("sort=age") == "a b c");
  CHECK(desk.Ids("sort=due") == "a b c");
  CHECK(desk.Ids("sort=score").starts_with("b "));
  CHECK(desk.Ids("country=de&sort=age") == "a c");
  CHECK(desk.Ids("cause=address&sort=age") == "a b c");
  CHECK(desk.Ids("cause=identity&sort=age") == "");
  CHECK(desk.Ids("answered=true") == "");
  CHECK(desk.Ids("dispatched=true") == "");
  // Pages by number, without gaps or repetition.
  CHECK(desk.Ids("sort=amount&limit=2&page=1") == "b a");
  CHECK(desk.Ids("sort=amount&limit=2&page=2") == "c");
  CHECK(desk.Ids("sort=amount&limit=2&page=3") == "");
  const std::string ranked = desk.Ids("limit=100");
  CHECK(desk.Ids("limit=2&page=1") + " " + desk.Ids("limit=2&page=2") == ranked);
  const std::string page = desk.service().Get("/v1/queue?limit=2&page=1", "ana").body;
  for (const char* part : {R"("page":1)", R"("pages":2)", R"("matching":3)", R"("more":true)"}) {
    CHECK_MESSAGE(Has(page, part), page);
  }
  for (const char* wrong : {"sort=size", "page=0", "page=x", "page=1000000&limit=1000",
                            "country=Germany", "sort=age&after=w1.a"}) {
    CHECK_MESSAGE(desk.service().Get(std::string("/v1/queue?") + wrong, "ana").status == 400,
                  wrong);
  }
  desk.Accept("/v1/events",
              R"({"id":"d","type":"shipment.dispatched","occurred_at":"2026-11-20T09:00:00Z",)"
              R"("order_id":"a"})");
  CHECK(desk.Ids("dispatched=true") == "a");
}

TEST_CASE("queue: rows say the reason, the items and the amount in the base currency") {
  Desk desk;
  desk.Place("b", 2, "80.00", "EUR", "FR",
             R"("items":[{"sku":"A","quantity":3},{"sku":"B"}],"buyer":{"name":"=cmd"})");
  const std::string screen = desk("queue --sort amount").out;
  for (const char* part : {"80.00 EUR (160.00 USD)", "The note is odd", "page 1 of 1, 1 orders"}) {
    CHECK_MESSAGE(Has(screen, part), screen);
  }
  const auto rows = ParseCsv(desk("queue --csv").out);
  REQUIRE(rows.has_value());
  REQUIRE(rows->size() == 2);
  const auto cell = [&](const std::string& column) {
    const auto at = std::find((*rows)[0].begin(), (*rows)[0].end(), column);
    REQUIRE_MESSAGE(at != (*rows)[0].end(), column);
    return (*rows)[1][static_cast<std::size_t>(at - (*rows)[0].begin())];
  };
  CHECK(cell("order_id") == "b");
  CHECK(cell("items") == "4");
  CHECK(cell("amount_base") == "160.00");
  CHECK(cell("base_currency") == "USD");
  CHECK(cell("rule") == "odd");
  CHECK(cell("reason") == "The note is odd");
  CHECK(cell("buyer") == "'=cmd");
  CHECK(cell("dispatched") == "false");
  CHECK(desk("queue --csv --json").status == 2);
  CHECK(Has(desk("history b --csv").out, ",order.placed,"));
  CHECK(Has(desk("stats --csv").out, "by_cause,address,held,1\r\n"));
}

// What a spreadsheet would run is text, and everything else comes back as it was.
TEST_CASE("csv: cells are quoted, and none is a formula") {
  const std::pair<const char*, const char*> names[] = {
      {R"(Ada, \"the Countess\")", "Ada, \"the Countess\""},
      {R"(=HYPERLINK(\"http://evil.example\",\"x\"))",
       "'=HYPERLINK(\"http://evil.example\",\"x\")"},
      {"@SUM(A1)", "'@SUM(A1)"},
      {"+49 170 1", "'+49 170 1"},
      {"-2+3", "'-2+3"},
      {"\\uFF1DA1", "'\uFF1DA1"},
      {"-12.50", "-12.50"},  // a number is no formula
      {"a\\tb\\u001b[2J", "a?b?[2J"}};
  Desk desk;
  int minute = 0;
  for (const auto& [name, cell] : names) {
    ++minute;
    desk.Place("o" + std::to_string(minute), minute, "10.00", "USD", "DE",
               std::string(R"("buyer":{"name":")") + name + "\"}");
  }
  const std::string csv = desk("queue --sort age --csv").out;
  CHECK(csv.starts_with("order_id,merchant,cause,"));
  CHECK(Has(csv, "\r\n"));
  const auto rows = ParseCsv(csv);
  REQUIRE(rows.has_value());
  REQUIRE(rows->size() == 1 + std::size(names));
  const auto at = std::find((*rows)[0].begin(), (*rows)[0].end(), "buyer") - (*rows)[0].begin();
  for (std::size_t i = 0; i < std::size(names); ++i) {
    CHECK((*rows)[i + 1][static_cast<std::size_t>(at)] == names[i].second);
  }
}

// ---- show ---------------------------------------------------------------------------------------

TEST_CASE("show: links, what was sent, and what the buyer did before and since") {
  Desk desk(
      "links:\n"
      "  order: \"https://shop.example/admin/{merchant}/{order_id}\"\n"
      "  payment: { paypal: \"https://pay.example/{transaction_id}\" }\n");
  const std::string buyer = R"("buyer":{"id":"b-1","name":"Ada"},"ip":"198.51.100.7")";
  desk.Place("before", 1, "10.00", "USD", "DE", buyer);
  desk.Place(
      "this one", 10, "20.00", "USD", "DE",
      buyer +
          R"(,"shipping_fee":"4.90","payment":{"provider":"paypal","status":"pending",)"
          R"("transaction_id":"T this one","card":{"country":"DE","avs":"pass",)"
          R"("cvc":"fail","three_d_secure":"failed","liability_shift":false},"provider_risk":{"level":"elevated"}})");
  desk.Place("after-1", 20, "10.00", "USD", "DE", buyer);
  desk.Place("after-2", 21, "10.00", "USD", "DE", buyer);
  desk.Place("other", 30, "10.00", "USD", "DE", R"("buyer":{"id":"b-2"},"ip":"198.51.100.7")");
  desk.Accept("/v1/events",
              R"({"id":"d","type":"shipment.dispatched","occurred_at":"2026-11-20T09:00:00Z",)"
              R"("order_id":"this one","shipment":{"carrier":"dhl","tracking":"1Z999"}})");
  const std::string json = desk("show 'this one' --json").out;
  const auto document = JsonDocument::Parse(json);
  REQUIRE(document);
  const JsonValue& root = document->root();
  CHECK(root["links"]["order"].text() == "https://shop.example/admin/acme/this%20one");
  REQUIRE(root["links"]["payments"].list().size() == 1);
  CHECK(root["links"]["payments"][0]["url"].text() == "https://pay.example/T%20this%20one");
  CHECK(root["history"]["before"]["buyer.orders"].text() == "1");
  CHECK(root["history"]["since"]["buyer.orders"].text() == "2");
  CHECK(root["history"]["before"]["linked.ip.buyers"].text() == "0");
  CHECK(root["history"]["since"]["linked.ip.buyers"].text() == "1");
  const std::string screen = desk("show 'this one'").out;
  for (const char* part :
       {"all times are UTC", "SENT 2026-11-20 09:00 with dhl, tracking 1Z999",
        "https://shop.example/admin/acme/this%20one", "https://pay.example/T%20this%20one",
        "shipping fee 4.90 USD", "AVS pass  CVC fail  3-D Secure failed  liability the seller's",
        "provider's risk elevated", "pack desk 3", "Buyer before this order",
        "Buyer since this order\n  orders 2", "Shared with other buyers since this order"}) {
    CHECK_MESSAGE(Has(screen, part), part << "\n" << screen);
  }
}

TEST_CASE("pack-check: lines of one SKU can be told apart") {
  Desk desk({}, R"(pack: desk
version: 1
base_currency: USD
funds: { ship_when: [certain] }
rules:
  - { id: never, when: "order.note == 'never'", hold: address, on_missing: skip, reason: "Never" }
)");
  desk.Place("1", 1, "60.00", "USD", "DE",
             R"("items":[{"sku":"A","unit_price":"10.00"},{"sku":"A","unit_price":"20.00"},)"
             R"({"sku":"A","unit_price":"10.00","gift":true},)"
             R"({"sku":"B","unit_price":"10.00"},{"sku":"B","unit_price":"10.00"},)"
             R"({"sku":"C"}])");
  const std::string shown = desk("pack-check 1", "printf 'cancel\\n' | ").out;
  for (const char* part : {"A [no gift, at 10.00]", "A [no gift, at 20.00]", "A gift [at 10.00]",
                           "B [line 4]", "B [line 5]"}) {
    CHECK_MESSAGE(Has(shown, part), shown);
  }
  CHECK(!Has(shown, "C ["));
}

}  // namespace
}  // namespace holdfast
