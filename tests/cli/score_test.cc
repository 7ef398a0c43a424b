#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/cli/process.h"

namespace holdfast {
namespace {

using testing::Ran;
using testing::Sh;
using testing::TempFolder;

constexpr const char* kOrder =
    R"({"id":"1","merchant":"acme","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":12.50})";

TEST_CASE("cli: help and usage") {
  CHECK(Sh("holdfast --help").status == 0);
  CHECK(Sh("holdfast --help").out.find("simulate") != std::string::npos);
  for (const char* command : {"score", "rules check", "rules test", "simulate"}) {
    const Ran ran = Sh(std::string("holdfast ") + command + " --help");
    CHECK(ran.status == 0);
    CHECK_FALSE(ran.out.empty());
  }
  CHECK(Sh("holdfast").status == 2);
  CHECK(Sh("holdfast frobnicate").status == 2);
  CHECK(Sh("holdfast score --packs x").status == 2);
  CHECK(Sh("holdfast simulate --orders 0").status == 2);
  CHECK(Sh("holdfast score --pack rules/starter /nowhere/orders").status == 3);
  CHECK(Sh("holdfast score --pack /nowhere - </dev/null").status == 1);
}

TEST_CASE("cli: rejects are told, counted, kept, and stop nothing") {
  const TempFolder folder;
  const std::string input = folder.Write(
      "in.ndjson", std::string(kOrder) + "\n\nnot json\n" + "{\"id\":\"2\"}\n" + kOrder + "\n");
  const std::string rejects = folder / "rejects.ndjson";
  const Ran ran = Sh("holdfast score --pack rules/starter --rejects " + rejects + " " + input);
  CHECK(ran.status == 1);
  CHECK(std::count(ran.out.begin(), ran.out.end(), '\n') == 1);
  CHECK(ran.err.find(input + ":3: error[malformed-input]: is not JSON at byte 1") !=
        std::string::npos);
  CHECK(ran.err.find(input + ":4: error[invalid-input]: order.placed_at: is missing") !=
        std::string::npos);
  CHECK(ran.err.find("2 inputs rejected") != std::string::npos);
  CHECK(ran.err.find("1 events came twice and were ignored") != std::string::npos);
  const std::string kept = testing::Slurp(rejects);
  CHECK(kept.find(
            R"({"line":3,"cause":"is not JSON at byte 1: Invalid value.","input":"not json"})") !=
        std::string::npos);
  CHECK(std::count(kept.begin(), kept.end(), '\n') == 2);
}

TEST_CASE("cli: CSV rejects can be mended and scored") {
  const TempFolder folder;
  const std::string mapping = folder.Write("m.yaml", R"(mapping: m
group_by: row.no
order:
  id: row.no
  placed_at: row.at
  currency: "'EUR'"
  items: { title: row.sku, quantity: int(row.qty), unit_price: row.price }
)");
  const std::string csv = folder.Write("in.csv",
                                       "no,at,sku,qty,price\n"
                                       "1,2026-11-20T08:00:00Z,A,2,1.50\n"
                                       "1,2026-11-20T08:00:00Z,\"B, \"\"big\"\"\",1,0.29\n"
                                       "2,2026-11-20T08:01:00Z,A,none,1.50\n"
                                       "3,2026-11-20T08:02:00Z,\"two\nlines\",1,1.50\n"
                                       "4,2026-11-20T08:03:00Z,A,1\n"
                                       "5,2026-11-31T08:03:00Z,A,1,1.50\n"
                                       "6,2026-11-20T08:03:00Z,A,-1,1.50\n"
                                       "7,2026-11-20T08:03:00Z,A,1,1.505\n");
  const std::string rejects = folder / "rejects.csv";
  const std::string pack = folder.Write("p.yaml", R"(pack: p
version: 1
base_currency: EUR
funds: { ship_when: [certain] }
rules:
  - { id: show, when: "true", advise: "{order.total_base} in {size(order.items)} lines" }
  - { id: r, when: order.total > 1000.0, hold: review }
)");
  const Ran ran = Sh("holdfast score --pack " + pack + " --mapping " + mapping + " --rejects " +
                     rejects + " " + csv);
  CHECK(ran.status == 1);
  CHECK(ran.out.find("\"handling\":[\"3.29 in 2 lines\"]") != std::string::npos);
  CHECK(ran.out.find("\"order_id\":\"3\"") != std::string::npos);
  CHECK(
      ran.err.find(csv + ":4: error[invalid-input]: order.items[0].quantity: not a whole number") !=
      std::string::npos);
  CHECK(ran.err.find(csv + ":7: error[malformed-input]: the row has 4 fields, the head 5") !=
        std::string::npos);
  CHECK(
      ran.err.find(csv + ":8: error[invalid-input]: order.placed_at: must be a time that exists") !=
      std::string::npos);
  CHECK(ran.err.find(
            csv +
            ":9: error[invalid-input]: order.items[0].quantity: must be a whole number from 1") !=
        std::string::npos);
  CHECK(
      ran.err.find(
          csv + ":10: error[invalid-input]: order.items[0].unit_price: EUR has 2 decimal places") !=
      std::string::npos);
  CHECK(testing::Slurp(rejects).starts_with(
      "no,at,sku,qty,price,holdfast_line,holdfast_cause\n2,2026-11-20T08:01:00Z,A,none,1.50,4,"));
  const Ran mended = Sh("sed s/none/3/ " + rejects + " | holdfast score --pack " + pack +
                        " --mapping " + mapping + " -");
  CHECK(mended.out.find("\"order_id\":\"2\"") != std::string::npos);
}

TEST_CASE("cli: an unclosed quote costs its row, not the rest of the file") {
  const TempFolder folder;
  std::string csv =
      "\xEF\xBB\xBFuser_id,signup_time,purchase_time,purchase_value,device_id,ip,source,browser,is_"
      "fraud\n";
  for (int i = 1; i <= 5000; ++i) {
    csv += std::to_string(i) + ",2015-01-01T00:00:00,2015-01-02T00:00:00,14,D" + std::to_string(i) +
           ",10.0.0.1," + (i == 2 ? "\"Ads" : "Ads") + ",Chrome,0\n";
  }
  const std::string input = folder.Write("u.csv", csv);
  const Ran ran =
      Sh("holdfast score --pack rules/fraud-orders/quick-purchase.yaml --mapping "
         "config/mappings/fraud-orders.yaml " +
         input);
  CHECK(ran.err.find("u.csv:3: error[malformed-input]: a quote is not closed") !=
        std::string::npos);
  CHECK(ran.err.find("4,999 orders") != std::string::npos);
  const Ran same = Sh("holdfast score --pack rules/starter --rejects " + input + " " + input);
  CHECK(same.status == 2);
  CHECK(testing::Slurp(input).size() == csv.size());
}

TEST_CASE("cli: a mapping that reads a missing column is refused at once") {
  const Ran ran =
      Sh("printf 'user,purchase_time\\n' | holdfast score --pack rules/starter --mapping "
         "config/mappings/fraud-orders.yaml -");
  CHECK(ran.status == 2);
  CHECK(ran.err.find("the mapping reads the column 'user_id', which the input does not have") !=
        std::string::npos);
}

TEST_CASE("cli: two runs over the same input are the same bytes") {
  const TempFolder folder;
  const Ran ran = Sh("holdfast simulate --seed 5 --orders 300 > " + (folder / "a") +
                     " && holdfast simulate --seed 5 --orders 300 | cmp - " + (folder / "a") +
                     " && holdfast score --pack rules/starter " + (folder / "a") + " > " +
                     (folder / "b") + " && holdfast score --pack rules/starter " + (folder / "a") +
                     " | cmp - " + (folder / "b"));
  CHECK(ran.status == 0);
  CHECK(testing::Slurp(folder / "b").size() > 100'000);
}

TEST_CASE("cli: a closed pipe is an ordinary end") {
  const Ran ran =
      Sh("holdfast simulate --orders 20000 | holdfast score --pack rules/starter - | head -1; echo "
         "${PIPESTATUS[*]}");
  CHECK(ran.out.find("\n0 0 0\n") != std::string::npos);
}

TEST_CASE("cli: standard input is answered line by line, and SIGINT stops cleanly") {
  const TempFolder folder;
  const Ran ran =
      Sh("mkfifo " + (folder / "in") + "; " HOLDFAST_BINARY " score --pack rules/starter - < " +
         (folder / "in") + " > " + (folder / "out") + " & pid=$!; exec 9> " + (folder / "in") +
         "; echo '" + kOrder + "' >&9; for i in $(seq 1000); do [ -s " + (folder / "out") +
         " ] && break; sleep 0.01; done; test -s " + (folder / "out") +
         " && echo answered; kill -INT $pid; wait $pid; echo status $?");
  CHECK(ran.out.find("answered") != std::string::npos);
  CHECK(ran.out.find("status 3") != std::string::npos);
  CHECK(ran.err.find("1 orders") != std::string::npos);
  CHECK(ran.err.find("stopped before the end of the input") != std::string::npos);
}

TEST_CASE("cli: the table fits, and a hostile name does nothing to the screen") {
  const TempFolder folder;
  const std::string input = folder.Write(
      "in",
      R"({"id":"\u001b[31mred","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":999,"merchant":"北京"})"
      "\n"
      R"({"id":"e","type":"payment.updated","merchant":"北京","occurred_at":"2026-11-20T09:00:00Z","order_id":"x","payment":{"status":"completed"}})"
      "\n"
      R"({"id":"x","merchant":"北京","placed_at":"2026-11-20T08:00:00Z","currency":"USD","total":999,"note":"urgent \u001b]0;evil\u0007 \u202eabc ship today"})"
      "\n");
  for (const int width : {80, 160}) {
    const Ran ran = Sh("COLUMNS=" + std::to_string(width) +
                       " holdfast score --table --pack rules/starter " + input);
    CHECK(ran.out.find('\x1b') == std::string::npos);
    CHECK(ran.out.find('\x07') == std::string::npos);
    CHECK(ran.out.find("\u202e") == std::string::npos);
    CHECK(ran.out.find("ORDER") == 0);
  }
}

TEST_CASE("cli: rules check and test speak to people and to programs") {
  const Ran bad = Sh("holdfast rules check tests/packs/golden/design-sample.yaml");
  CHECK(bad.status == 1);
  CHECK(bad.out.find(
            "design-sample.yaml:26:11: error[unknown-field]: order has no field 'ip_contry'") !=
        std::string::npos);
  CHECK(bad.out.find("help: did you mean 'geo.country'?") != std::string::npos);
  CHECK(bad.out.find("1 error; the pack is refused") != std::string::npos);
  const Ran json = Sh("holdfast rules check --json tests/packs/golden/design-sample.yaml");
  CHECK(json.out.starts_with(
      R"({"ok":false,"pack":null,"diagnostics":[{"severity":"error","code":"unknown-field",)"));
  const Ran good = Sh("holdfast rules test rules/starter");
  CHECK(good.status == 0);
  CHECK(good.out.find("0 failed") != std::string::npos);
  CHECK(good.out.find("no case makes") == std::string::npos);
  const TempFolder folder;
  testing::Sh("cp rules/starter/* " + (folder / "."));
  Sh("sed -i 's/outcome: reject/outcome: ship/' " + (folder / "starter.cases.yaml"));
  const Ran failed = Sh("holdfast rules test " + (folder / "."));
  CHECK(failed.status == 1);
  CHECK(failed.out.find("outcome: expected ship, got reject") != std::string::npos);
}

// Goal: what was looked up stands in the log: another database, or none, changes no replay.
TEST_CASE("cli: countries of IP addresses are looked up once") {
  const TempFolder folder;
  const std::string pack = folder.Write(
      "p.yaml",
      "pack: g\nversion: 1\nbase_currency: USD\nfunds: { ship_when: [certain, none] }\n"
      "rules: [{ id: far, when: geo.country != 'US', hold: geo, reason: 'from {geo.country}' }]\n");
  const auto order = [](const std::string& id, const std::string& ip) {
    return R"({"id":")" + id + R"(","merchant":"acme","placed_at":"2026-01-01T00:00:00Z","ip":")" +
           ip + R"(","currency":"USD","total":50})" + " \n";
  };
  const std::string input =
      folder.Write("in.ndjson", order("1", "8.8.8.8") + order("2", "5.9.0.1") +
                                    order("3", "10.0.0.1") + order("4", "::ffff:8.8.8.8"));
  const std::string data = folder / "data";
  const std::string score = "holdfast score --json --pack " + pack + " ";
  const Ran ran = Sh(score + "--data " + data + " " + input);
  CHECK(ran.status == 0);
  std::vector<std::string> lines;
  for (std::size_t at = 0, end; (end = ran.out.find('\n', at)) != ran.out.npos; at = end + 1) {
    lines.push_back(ran.out.substr(at, end - at));
  }
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].find("\"outcome\":\"ship\"") != std::string::npos);
  CHECK(lines[1].find("from DE") != std::string::npos);
  // Nobody knows a private address: no mismatch, but nothing to go by either.
  CHECK(lines[2].find("\"cause\":\"unknown\"") != std::string::npos);
  CHECK(lines[2].find("\"facts\":[\"geo.country\"]") != std::string::npos);
  CHECK(lines[3].find("\"outcome\":\"ship\"") != std::string::npos);
  CHECK(Sh(score + input).out == ran.out);
  CHECK(Sh("holdfast verify --pack " + pack + " --data " + data).status == 0);
  // The same again is the same for any reader; the log goes on without a database.
  CHECK(Sh(score + "--geo none --data " + data + " " + input).out == ran.out);
  const std::string log = folder.Write("log.ndjson", Sh("holdfast log export --data " + data).out);
  CHECK(testing::Slurp(log).find("\"geo\":{\"status\":\"private\"}") != std::string::npos);
  CHECK(Sh(score + "--geo none --data " + (folder / "again") + " " + log).out == ran.out);
  CHECK(Sh(score + "--data " + (folder / "again") + " " + input).out == ran.out);
  CHECK(Sh(score + "--geo none " + input).out.find("from") == std::string::npos);
  // A file that is missing or damaged is said, and every decision says what it lacked.
  for (const std::string& file : {std::string("/nowhere/file"), pack}) {
    const Ran without = Sh(score + "--geo " + file + " " + input);
    CHECK(without.status == 0);
    CHECK(without.err.find(file) != std::string::npos);
    std::size_t lacking = 0;
    for (std::size_t at = 0;
         (at = without.out.find("\"facts\":[\"geo.country\"]", at)) != std::string::npos; ++at) {
      ++lacking;
    }
    CHECK(lacking == 4);
    CHECK(without.out.find("\"outcome\":\"ship\"") == std::string::npos);
  }
  CHECK(Sh(score + "--hosting-asns " + input + " " + input).status == 2);
}

// Goal: distances are measured once, and stand in the log like the country.
TEST_CASE("cli: distances between the addresses of an order") {
  const TempFolder folder;
  const std::string pack = folder.Write(
      "p.yaml",
      "pack: g\nversion: 1\nbase_currency: USD\nfunds: { ship_when: [certain, none] }\nrules:\n"
      "  - { id: far, when: geo.shipping_to_billing_km > 500, hold: geo,\n"
      "      reason: '{geo.shipping_to_billing_km} km' }\n");
  const auto order = [](const std::string& id, const std::string& code) {
    return R"({"id":")" + id + R"(","merchant":"acme","placed_at":"2026-01-01T00:00:00Z",)" +
           R"("shipping":{"address":{"country":"DE","postal_code":"10115"}},)" +
           R"("billing":{"address":{"country":"FR","postal_code":")" + code +
           R"("}},"currency":"USD","total":50})" + "\n";
  };
  const std::string input = folder.Write("in.ndjson", order("1", "75001") + order("2", "99999"));
  const std::string table = folder.Write("postal.csv",
                                         "country,postal_code,latitude,longitude\n"
                                         "DE,10115,52.5323,13.3846\nFR,75001,48.8635,2.3358\n");
  const std::string score = "holdfast score --json --geo none --pack " + pack + " ";
  const std::string data = folder / "data";
  const Ran ran = Sh(score + "--postal-centroids " + table + " --data " + data + " " + input);
  CHECK(ran.status == 0);
  CHECK(ran.out.find("877 km") != std::string::npos);
  CHECK(ran.out.find("\"facts\":[\"geo.shipping_to_billing_km\"]") != std::string::npos);
  const std::string log = folder.Write("log.ndjson", Sh("holdfast log export --data " + data).out);
  CHECK(testing::Slurp(log).find("\"geo\":{\"shipping_to_billing_km\":877}") != std::string::npos);
  CHECK(Sh(score + "--data " + (folder / "again") + " " + log).out == ran.out);
  CHECK(Sh("holdfast verify --pack " + pack + " --data " + data).status == 0);
  CHECK(Sh(score + input).out.find(" km") == std::string::npos);
}

}  // namespace
}  // namespace holdfast
