// Facts of an order's papers, its buyer's amounts, its links by phone, mailbox and account, and
// features on shipments.
#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/simulate/random.h"
#include "tests/pipeline/harness.h"

namespace holdfast {
namespace {

using testing::Desk;
using testing::OrderJson;
using testing::PaymentJson;

// A pack with one rule for each condition: 0, 1, ... Its decisions show which ones are true.
std::string PackOf(const std::vector<std::string>& conditions, const std::string& head = "") {
  std::string rules = head + "rules:\n  - { id: never, when: \"order.id == '-'\", hold: review }\n";
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    rules += "  - { id: c" + std::to_string(i) + ", when: \"" + conditions[i] +
             "\", advise: \"-\", on_missing: skip }\n";
  }
  return rules;
}

// The conditions that are not true.
std::string Untrue(const Decision& decision, const std::vector<std::string>& conditions) {
  std::set<std::string> fired;
  for (const Reason& reason : decision.reasons) fired.insert(reason.rule);
  std::string untrue;
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    if (!fired.contains("c" + std::to_string(i))) untrue += conditions[i] + "; ";
  }
  return untrue;
}

std::string Shipment(const std::string& id, const std::string& type, const std::string& order,
                     const std::string& time, const std::string& more = "") {
  return R"({"id":")" + id + R"(","type":"shipment.)" + type +
         R"(","merchant":"acme","occurred_at":"2026-11-20T)" + time + R"(:00Z","order_id":")" +
         order + "\"" + (more.empty() ? "" : R"(,"shipment":{)" + more + "}") + "}";
}

TEST_CASE("facts: what an order and its payment say beside the usual") {
  const std::vector<std::string> conditions = {
      "order.shipping.method == 'express'",
      "order.shipping.company == 'Ana Ltda'",
      "order.shipping.tax_id_check == 'right'",
      "order.billing.tax_id_check == 'wrong'",
      "order.buyer.language.startsWith('pt')",
      "order.discount == 12.5 && order.discount_base == 12.5",
      "order.coupon == 'VIP' && order.attributes['coupon'] == 'VIP'",
      "'new' in order.tags && order.tags.size() == 2",
      "order.weight_grams == 700",
      "order.items.exists(i, i.hazard == 'battery' && i.brand == 'Acme' && i.hs_code == '8507')",
      "order.items.exists(i, i.weight_grams == 300)",
      "payment.card.three_d_secure == 'failed' && !payment.card.liability_shift",
      "payments.exists(p, p.card_three_d_secure == 'failed' && !p.card_liability_shift)",
      "payment.instalments == 12 && payment.attempts == 3",
      "match.buyer_to_payer == 'same' && match.billing_to_payer == 'different'",
      "match.billing_to_payment == 'different' && 'country' in differs.billing_to_payment",
      "phone.e164 == '+5511961234567'",
  };
  Desk desk(PackOf(conditions));
  desk(OrderJson(
      "1", 0,
      R"("buyer":{"name":"Ana Souza","language":"pt-BR"},)"
      R"("shipping":{"name":"Ana Souza","phone":"(11) 96123-4567","company":"Ana Ltda",)"
      R"("tax_id":"359.898.737-43","method":"express","address":{"line1":"Rua A 1","country":"BR"}},)"
      R"("billing":{"name":"Rolf Maier","tax_id":"DE329502598",)"
      R"("address":{"line1":"Hauptstr. 5","city":"Berlin","postal_code":"10115","country":"DE"}},)"
      R"("items":[{"sku":"A","quantity":2,"weight_grams":200,"hazard":"none"},)"
      R"({"sku":"B","brand":"Acme","hs_code":8507,"weight_grams":300,"hazard":"battery"}],)"
      R"("coupon":"VIP","tags":"new, gift","discount":12.50,)"
      R"("payment":{"provider":"stripe","status":"authorized","amount":100,"attempts":3})"));
  const Decision& decision = desk(PaymentJson(
      "p", "1", 1, "completed",
      R"("amount":100,"currency":"USD","instalments":12,"transaction_id":"T",)"
      R"("payer":{"name":"Ana Souza","address":{"line1":"Rua A 1","city":"Recife","country":"BR"}},)"
      R"("card":{"three_d_secure":"failed","liability_shift":false})"));
  CHECK(Untrue(decision, conditions) == "");
}

TEST_CASE("facts: places and distances are those that came with the event") {
  const std::vector<std::string> conditions = {
      "geo.region == 'BE' && geo.city == 'Berlin' && geo.time_zone == 'Europe/Berlin'",
      "geo.accuracy_km == 20 && geo.ip_to_shipping_km == 3 && geo.shipping_to_billing_km == 0",
      "!has(geo.ip_to_billing_km)",
      "address.po_box && postal.key == 'DE 10115' && postal.key in lists.forwarders"};
  Desk desk(PackOf(conditions, "lists: { forwarders: { type: text, values: ['DE 10115'] } }\n"));
  CHECK(Untrue(desk(OrderJson(
                   "1", 0,
                   R"("ip":"5.9.0.1","shipping":{"address":{"line1":"Postfach 12",)"
                   R"("postal_code":"10115","country":"DE"}},"geo":{"status":"found",)"
                   R"("country":"DE","region":"BE","city":"Berlin","time_zone":"Europe/Berlin",)"
                   R"("accuracy_km":20,"ip_to_shipping_km":3,"shipping_to_billing_km":0})")),
               conditions) == "");
}

TEST_CASE("facts: what is not given is missing, and what cannot be read too") {
  const std::vector<std::string> conditions = {"has(order.discount)",
                                               "has(order.coupon)",
                                               "has(order.tags)",
                                               "has(order.weight_grams)",
                                               "has(order.shipping.tax_id_check)",
                                               "has(payment.attempts)",
                                               "has(buyer.last_order)",
                                               "has(buyer.median_order)",
                                               "has(buyer.average_order)"};
  Desk desk(PackOf(conditions));
  int number = 0;
  for (const char* more :
       {R"("buyer":{"id":"b"})", R"("discount":"much","tags":7,"coupon":{"a":1})",
        R"("discount":-1,"items":[{"weight_grams":5},{"sku":"A"}])"}) {
    ++number;
    const std::string untrue =
        Untrue(desk(OrderJson(std::to_string(number), number, more)), conditions);
    CHECK_MESSAGE(std::count(untrue.begin(), untrue.end(), ';') ==
                      static_cast<std::ptrdiff_t>(conditions.size()),
                  more << ": " << untrue);
  }
}

// Goal:   the amounts of a buyer's earlier orders are what a list of them gives.
// Method: orders of a few buyers at random times, each compared when it is placed.
TEST_CASE("facts: a buyer's amounts agree with a naive oracle") {
  Random random(5);
  Desk desk(R"yaml(
rules:
  - { id: never, when: "order.id == '-'", hold: review }
  - { id: show, when: "true", advise: "{buyer.average_order} {buyer.median_order} {buyer.last_order}", on_missing: skip }
)yaml");
  struct Placed {
    int minute, cents;
  };
  std::vector<Placed> placed[3];
  const auto text = [](double amount) {
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "%.2f", amount);
    return std::string(buffer);
  };
  std::set<int> used;
  for (int i = 0; i < 50; ++i) {
    int minute = 0;
    do minute = static_cast<int>(random.Below(60));
    while (!used.insert(minute).second);
    const auto who = random.Below(3);
    // Whole units with an even sum of any two, so that means of two have no third digit.
    const int cents = 200 * (1 + static_cast<int>(random.Below(500)));
    std::string json =
        OrderJson(std::to_string(i), minute, R"("buyer":{"id":"b)" + std::to_string(who) + "\"}");
    const std::string total = "\"total\":100";
    json.replace(json.find(total), total.size(), "\"total\":" + std::to_string(cents / 100));
    const Decision& decision = desk(json);
    std::vector<Placed> before;
    for (const Placed& one : placed[who]) {
      if (one.minute < minute) before.push_back(one);
    }
    placed[who].push_back({minute, cents});
    if (before.empty()) continue;
    std::sort(before.begin(), before.end(),
              [](const Placed& a, const Placed& b) { return a.minute < b.minute; });
    const int last = before.back().cents;
    long long sum = 0;
    std::vector<int> amounts;
    for (const Placed& one : before) {
      sum += one.cents;
      amounts.push_back(one.cents);
    }
    std::sort(amounts.begin(), amounts.end());
    const std::size_t middle = amounts.size() / 2;
    const double median = amounts.size() % 2 == 1 ? amounts[middle] / 100.0
                                                  : (amounts[middle - 1] + amounts[middle]) / 200.0;
    const double average = static_cast<double>(sum) / 100.0 / static_cast<double>(before.size());
    REQUIRE(decision.handling.size() == 1);
    CHECK(decision.handling[0] == text(average) + " " + text(median) + " " + text(last / 100.0));
  }
}

TEST_CASE("facts: parcels that came back count once an order, and until the decision") {
  const std::vector<std::string> conditions = {"buyer.orders_returned == 1",
                                               "buyer.orders_refused == 1"};
  Desk desk(PackOf(conditions));
  const std::string buyer = R"("buyer":{"id":"b"})";
  desk(OrderJson("1", 0, buyer));
  desk(OrderJson("2", 1, buyer));
  const Decision& before = desk(OrderJson("3", 2, buyer));
  CHECK(Untrue(before, conditions) == conditions[0] + "; " + conditions[1] + "; ");
  desk(Shipment("s1", "returned", "1", "08:10"));
  desk(Shipment("s2", "returned", "1", "08:11"));
  // A report that comes before its order is counted with it.
  desk(Shipment("s3", "refused", "4", "08:12"));
  desk(OrderJson("4", 3, buyer));
  desk(Shipment("s4", "refused", "3", "08:12"));
  CHECK(Untrue(desk(OrderJson("5", 20, buyer)), conditions) == conditions[1] + "; ");
}

TEST_CASE("facts: an order is linked by phone, mailbox and payment account") {
  const std::vector<std::string> conditions = {
      "linked.phone.buyers == 1 && linked.phone.orders == 2",
      "linked.email.buyers == 1 && linked.email.disputes == 1",
      "linked.account.buyers == 1 && linked.account.chargebacks == 1",
      "linked.email.age_days == 0 && linked.email.first_seen < order.placed_at"};
  Desk desk(PackOf(conditions));
  const auto order = [](const std::string& id, int minute, const std::string& buyer,
                        const std::string& phone, const std::string& mail) {
    return OrderJson(id, minute,
                     R"("buyer":{"id":")" + buyer + R"(","email":")" + mail + R"(","phone":")" +
                         phone + R"(","country":"DE"})");
  };
  const std::string paid = R"("amount":100,"currency":"USD","transaction_id":"T)";
  const auto pay = [&](const std::string& id, const std::string& order_id, int minute,
                       const std::string& account) {
    return PaymentJson(id, order_id, minute, "completed",
                       paid + id + R"(","payer":{"account_id":")" + account + "\"}");
  };
  desk(order("1", 0, "a", "030 901820", "ann.lee@gmail.com"));
  desk(order("2", 1, "a", "+49 30 901820", "annlee+shop@gmail.com"));
  desk(pay("p1", "1", 0, "X"));
  desk(
      R"({"id":"d","type":"dispute.opened","merchant":"acme","occurred_at":"2026-11-20T09:03:00Z","order_id":"2","dispute":{"kind":"dispute"}})");
  desk(
      R"({"id":"c","type":"dispute.opened","merchant":"acme","occurred_at":"2026-11-20T09:03:00Z","order_id":"1","dispute":{"kind":"chargeback"}})");
  desk(order("3", 30, "b", "(030) 90 18 20", "AnnLee@gmail.com"));
  CHECK(Untrue(desk(pay("p3", "3", 10, "X")), conditions) == "");
  // The order leaves the account that it named before.
  desk(pay("p1b", "1", 20, "Y"));
  desk(order("4", 31, "c", "", ""));
  const std::string untrue = Untrue(desk(pay("p4", "4", 30, "X")), conditions);
  CHECK(untrue.find("linked.account") == untrue.npos);
}

TEST_CASE("facts: features count shipments") {
  const std::vector<std::string> conditions = {"came_back == 2", "carriers == 2",
                                               "last_parcel == timestamp('2026-11-20T08:10:00Z')",
                                               "dispatched == 1"};
  const std::string head = R"yaml(features:
  came_back: { count: order.id, by: order.buyer.id, on: shipment, where: "shipment.event in ['returned', 'refused']", over: forever }
  carriers: { distinct: shipment.carrier, by: order.buyer.id, on: shipment, over: 30d }
  last_parcel: { last_at: shipment.tracking, by: order.buyer.id, on: shipment, over: forever }
  dispatched: { count: order.id, by: order.buyer.id, on: shipment, where: "shipment.event == 'dispatched'", over: 1d }
)yaml";
  Desk desk(PackOf(conditions, head));
  const std::string buyer = R"("buyer":{"id":"b"})";
  desk(OrderJson("1", 0, buyer));
  desk(Shipment("s1", "dispatched", "1", "08:10", R"("carrier":"DHL","tracking":"7")"));
  desk(Shipment("s2", "refused", "1", "08:11", R"("carrier":"DHL")"));
  desk(Shipment("s3", "returned", "2", "08:12", R"("carrier":"UPS")"));
  desk(OrderJson("2", 5, buyer));
  CHECK(Untrue(desk(OrderJson("3", 30, buyer)), conditions) == "");
}

}  // namespace
}  // namespace holdfast
