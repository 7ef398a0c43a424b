// Situations of payments that are easily got wrong, in funds_situations.txt.
#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "engine/model/names.h"
#include "engine/webhooks/webhook.h"
#include "tests/pipeline/harness.h"

namespace holdfast {
namespace {

struct Situation {
  std::string title;
  std::vector<std::string> events;
  std::map<std::string, std::string> outcomes;  // by order
};

std::vector<Situation> ReadSituations() {
  std::ifstream in(HOLDFAST_SOURCE "/tests/pipeline/funds_situations.txt");
  std::vector<Situation> all;
  Situation situation;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("# ")) situation.title = line.substr(2);
    if (line.starts_with("{")) situation.events.push_back(line);
    if (!line.starts_with("=> ")) continue;
    std::istringstream expected(line.substr(3));
    for (std::string order, outcome; expected >> order >> outcome;) {
      if (outcome.ends_with(",")) outcome.pop_back();
      situation.outcomes[order] = outcome;
    }
    all.push_back(std::move(situation));
    situation = {};
  }
  return all;
}

TEST_CASE("funds: situations of payments end as they should") {
  const std::vector<Situation> situations = ReadSituations();
  REQUIRE(situations.size() >= 20);
  for (const Situation& situation : situations) {
    CAPTURE(situation.title);
    testing::Desk desk("rules: [{ id: r, when: order.total > 1000.0, hold: review }]\n");
    for (const std::string& event : situation.events) desk(event);
    for (const auto& [order, outcome] : situation.outcomes) {
      CAPTURE(order);
      const auto explained = desk.engine().Explain("acme", order);
      REQUIRE(explained);
      CHECK(NameOf(explained->decision.outcome) == outcome);
    }
  }
}

TEST_CASE("funds: where less is enough, a promise of unknown size is not, nor a copy's word") {
  const std::string text =
      "pack: p\nversion: 1\nbase_currency: USD\n"
      "funds: { ship_when: [certain], methods: { cod: [none], klarna: [reserved, certain] } }\n"
      "rules: [{ id: r, when: order.total > 1000.0, hold: review }]\n";
  Diagnostics diagnostics;
  const auto pack = CompilePack("p.yaml", text, ".", diagnostics);
  REQUIRE(pack != nullptr);
  const auto outcome = [&](const std::vector<std::string>& payments) {
    testing::Desk desk(pack);
    desk(testing::OrderJson("1", 0));
    for (std::size_t i = 0; i < payments.size(); ++i) {
      desk(R"({"id":"p)" + std::to_string(i) +
           R"(","type":"payment.updated","merchant":"acme","occurred_at":"2026-11-20T09:0)" +
           std::to_string(i) + R"(:00Z","order_id":"1","payment":{)" + payments[i] + "}}");
    }
    return desk.engine().Explain("acme", "1")->decision.outcome;
  };
  const std::string klarna = R"("provider":"klarna","transaction_id":"K","status":"authorized")";
  CHECK(outcome({klarna + R"(,"amount":100,"currency":"USD")"}) == Outcome::kShip);
  CHECK(outcome({klarna}) == Outcome::kHold);
  CHECK(outcome({klarna + R"(,"amount":1,"currency":"XOF")"}) == Outcome::kHold);
  CHECK(outcome({R"("provider":"cod","status":"pending")"}) == Outcome::kShip);
  const std::string stripe =
      R"("provider":"stripe","transaction_id":"T","amount":100,"currency":"USD",)";
  CHECK(outcome({stripe + R"("method":"card","status":"authorized","source":"provider")",
                 stripe + R"("method":"klarna","status":"pending","source":"shop")"}) ==
        Outcome::kHold);
}

TEST_CASE("funds: of several gateways of a Shopify order one may pay later") {
  const auto order = [](const std::string& gateways) {
    const std::string body =
        R"({"id":1,"currency":"USD","total_price":"100.00","total_outstanding":"0.00",)"
        R"("financial_status":"paid","created_at":"2026-11-20T08:00:00Z",)"
        R"("updated_at":"2026-11-20T08:00:00Z","payment_gateway_names":[)" +
        gateways + "]}";
    WebhookSettings settings;
    settings.merchant = "acme";
    const std::pair<std::string_view, std::string_view> headers[] = {
        {"X-Shopify-Topic", "orders/create"}, {"X-Shopify-Webhook-Id", "w1"}};
    const auto mapped = FindWebhookProvider("shopify")->Map(Delivery{headers, body, {}}, settings);
    REQUIRE(mapped);
    testing::Desk desk("rules: [{ id: r, when: order.total > 1000.0, hold: review }]\n");
    for (const auto& event : mapped->events) desk(event.json);
    return desk.engine().Explain("acme", "1")->decision.outcome;
  };
  CHECK(order(R"("gift_card","shopify_payments")") == Outcome::kShip);
  CHECK(order(R"-("gift_card","Cash on Delivery (COD)")-") == Outcome::kHold);
  CHECK(order(R"("Bank Deposit","gift_card")") == Outcome::kHold);
}

}  // namespace
}  // namespace holdfast
