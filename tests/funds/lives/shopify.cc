// Shopify: the shop's copies of an order, its transactions, refunds and disputes, where the shop
// takes the money itself and no provider tells of it.
// https://shopify.dev/docs/api/admin-rest/latest/resources/order, /transaction, /refund
#include <algorithm>

#include "tests/funds/lives/life.h"

namespace holdfast::testing {
namespace {

class Shopify {
 public:
  explicit Shopify(Life& life) : life_(life), random_(life.random), money_(life.Open()) {}

  void Live() {
    tells_transactions_ = random_.Chance(500);
    life_.Pass();
    created_ = life_.Time();
    const std::uint64_t way = random_.Below(10);
    if (way < 6) {
      Sell("orders/create");
    } else if (way < 8) {
      Hold();
    } else {
      status_ = "pending";
      money_.pending = life_.due;
      Order("orders/create");
      life_.Settle();
      if (random_.Chance(200)) return;
      life_.Pass();
      Sell("orders/updated");
    }
    if (money_.captured > 0) Afterwards();
  }

 private:
  void Send(std::string_view topic, std::string body) {
    life_.Send("shopify", std::move(body),
               {{"X-Shopify-Topic", std::string(topic)}, {"X-Shopify-Webhook-Id", life_.Id("wh")}});
  }

  void Order(std::string_view topic) {
    Send(topic, Fill(R"({"id":1001,"created_at":"@","updated_at":"@","currency":"USD",)"
                     R"("total_price":"@","current_total_price":"@","total_outstanding":"@",)"
                     R"("financial_status":"@","payment_gateway_names":["shopify_payments"],)"
                     R"("line_items":[{"id":1,"sku":"MUG","quantity":1,"current_quantity":1,)"
                     R"("price":"@"}]})",
                     {created_, life_.Time(), Decimal(life_.due), Decimal(life_.due),
                      Decimal(status_ == "pending" || status_ == "authorized" ? life_.due : 0),
                      status_, Decimal(life_.due)}));
  }

  void Transaction(std::string_view id, std::string_view parent, std::string_view kind,
                   std::string_view status, std::int64_t amount) {
    if (!tells_transactions_) return;
    Send("order_transactions/create",
         Fill(R"({"id":@,"order_id":1001,"parent_id":@,"kind":"@","status":"@","amount":"@",)"
              R"("currency":"USD","gateway":"shopify_payments","created_at":"@"})",
              {std::string(id), parent.empty() ? "null" : std::string(parent), std::string(kind),
               std::string(status), Decimal(amount), life_.Time()}));
  }

  void Sell(std::string_view topic) {
    while (tells_transactions_ && random_.Chance(150)) {
      Transaction(life_.Id("71"), {}, "sale", "failure", life_.due);
      life_.Settle();
      life_.Pass();
    }
    money_.captured = life_.due;
    money_.pending = 0;
    status_ = "paid";
    Transaction(life_.Id("71"), {}, "sale", "success", life_.due);
    Order(topic);
    life_.Settle();
  }

  void Hold() {
    const std::string id = life_.Id("71");
    money_.authorized = life_.due;
    status_ = "authorized";
    Transaction(id, {}, "authorization", "success", life_.due);
    Order("orders/create");
    life_.Settle();
    if (random_.Chance(200)) return;
    life_.Pass();
    money_.authorized = 0;
    if (random_.Chance(200)) {
      status_ = "voided";
      Transaction(life_.Id("71"), id, "void", "success", life_.due);
    } else {
      money_.captured = life_.due;
      status_ = "paid";
      Transaction(life_.Id("71"), id, "capture", "success", life_.due);
    }
    Order("orders/updated");
    life_.Settle();
  }

  void Afterwards() {
    while (money_.kept() > 0 && random_.Chance(300)) {
      life_.Pass();
      switch (random_.Below(3)) {
        case 0:
          Refund();
          break;
        case 1:
          if (!Dispute()) return;
          break;
        default:
          Order("orders/updated");
          life_.Settle();
      }
    }
  }

  void Refund() {
    const std::int64_t amount = random_.Chance(500) ? money_.kept() : money_.kept() / 2;
    money_.refunded += amount;
    status_ = money_.refunded >= money_.captured ? "refunded" : "partially_refunded";
    const std::string id = life_.Id("81"), transaction = life_.Id("71");
    const bool slow = random_.Chance(300);
    Send("refunds/create",
         Fill(R"({"id":@,"order_id":1001,"created_at":"@","transactions":[{"id":@,)"
              R"("kind":"refund","status":"@","amount":"@","currency":"USD",)"
              R"("gateway":"shopify_payments"}]})",
              {id, life_.Time(), transaction, slow ? "pending" : "success", Decimal(amount)}));
    if (!slow) {
      Transaction(transaction, {}, "refund", "success", amount);
      Order("orders/updated");
      life_.Settle();
      return;
    }
    life_.Settle();
    life_.Pass();
    // How it ends is told of the transaction alone.
    if (random_.Chance(600)) {
      Transaction(transaction, {}, "refund", "success", amount);
    } else if (tells_transactions_) {
      money_.refunded -= amount;
      status_ = money_.refunded > 0 ? "partially_refunded" : "paid";
      Transaction(transaction, {}, "refund", "failure", amount);
    }
    Order("orders/updated");
    life_.Settle();
  }

  // False: it is not over, and nothing else is to happen.
  bool Dispute() {
    const std::string id = life_.Id("91");
    const std::int64_t amount = money_.kept();
    const std::string opened = life_.Time();
    const auto send = [&](std::string_view topic, std::string_view status,
                          const std::string& ended) {
      Send(topic, Fill(R"({"id":@,"order_id":1001,"type":"chargeback","amount":"@",)"
                       R"("currency":"USD","reason":"fraudulent","status":"@",)"
                       R"("initiated_at":"@","finalized_on":@})",
                       {id, Decimal(amount), std::string(status), opened,
                        ended.empty() ? "null" : "\"" + ended + "\""}));
    };
    money_.disputes[id] = amount;
    send("disputes/create", "needs_response", {});
    life_.Settle();
    if (random_.Chance(250)) return false;
    life_.Pass();
    money_.disputes.clear();
    const bool won = random_.Chance(500);
    if (!won) money_.taken_back += amount;
    send("disputes/update", won ? "won" : "lost", life_.Time());
    life_.Settle();
    return true;
  }

  Life& life_;
  Random& random_;
  TrueMoney& money_;
  bool tells_transactions_ = false;
  std::string created_, status_;
};

}  // namespace

void LiveShopify(Life& life) { Shopify(life).Live(); }

}  // namespace holdfast::testing
