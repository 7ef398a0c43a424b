// WooCommerce: the order as the shop has it, where no provider tells of the money.
// https://woocommerce.com/document/managing-orders/order-statuses/
#include "tests/funds/lives/life.h"

namespace holdfast::testing {
namespace {

class WooCommerce {
 public:
  explicit WooCommerce(Life& life) : life_(life), random_(life.random), money_(life.Open()) {}

  void Live() {
    life_.Pass();
    created_ = life_.Time();
    status_ = "pending";
    bool first = random_.Chance(600);
    // What is not paid yet may be paid: it is nobody's promise.
    if (first) {
      money_.pending = life_.due;
      Order("order.created");
      life_.Settle();
      life_.Pass();
    }
    while (random_.Chance(200)) {
      money_.pending = 0;
      status_ = "failed";
      Order(first ? "order.updated" : "order.created");
      first = true;
      life_.Settle();
      life_.Pass();
    }
    if (random_.Chance(100)) return;
    money_.pending = 0;
    money_.captured = life_.due;
    status_ = "processing";
    transaction_ = life_.Id("tx_");
    paid_ = life_.Time();
    Order(first ? "order.updated" : "order.created");
    life_.Settle();
    Afterwards();
  }

 private:
  void Order(std::string_view topic) {
    // Times of WooCommerce are without a zone.
    const auto plain = [](const std::string& time) { return time.substr(0, 19); };
    life_.Send(
        "woocommerce",
        Fill(R"({"id":1001,"number":"1001","status":"@","currency":"USD","total":"@",)"
             R"("date_created_gmt":"@","date_modified_gmt":"@","payment_method":"some_gateway",)"
             R"("transaction_id":"@","date_paid_gmt":@,"customer_id":7,"line_items":[{"id":1,)"
             R"("sku":"MUG","quantity":1,"price":"@"}],"refunds":[@]})",
             {status_, Decimal(life_.due), plain(created_), plain(life_.Time()), transaction_,
              paid_.empty() ? "null" : "\"" + plain(paid_) + "\"", Decimal(life_.due), refunds_}),
        {{"X-WC-Webhook-Topic", std::string(topic)},
         {"X-WC-Webhook-Delivery-ID", life_.Id("delivery")}});
  }

  void Afterwards() {
    while (money_.kept() > 0 && random_.Chance(300)) {
      life_.Pass();
      if (random_.Chance(600)) {
        const std::int64_t amount = random_.Chance(500) ? money_.kept() : money_.kept() / 2;
        money_.refunded += amount;
        // Some plugins write the refund's number over the payment's.
        if (random_.Chance(300)) transaction_ = life_.Id("rf_");
        if (!refunds_.empty()) refunds_ += ",";
        refunds_ += Fill(R"({"id":@,"reason":"","total":"-@"})", {life_.Id("50"), Decimal(amount)});
        if (money_.kept() == 0) status_ = "refunded";
      } else if (status_ == "processing") {
        status_ = "completed";
      }
      Order("order.updated");
      life_.Settle();
    }
  }

  Life& life_;
  Random& random_;
  TrueMoney& money_;
  std::string created_, status_, paid_, transaction_, refunds_;
};

}  // namespace

void LiveWooCommerce(Life& life) { WooCommerce(life).Live(); }

// ---- copies beside a provider -------------------------------------------------------------------

void MixCopies(Life& life, std::string_view provider) {
  static constexpr std::string_view kStatuses[] = {"pending",   "processing", "on-hold",
                                                   "completed", "failed",     "cancelled"};
  if (life.messages.empty()) return;
  const std::uint64_t copies = life.random.Below(4);
  for (std::uint64_t i = 0; i < copies; ++i) {
    // After the provider's first word; the shop may say anything then.
    const std::size_t at = 1 + life.random.Below(life.messages.size());
    Message copy = life.messages[at - 1];
    const std::string time = FormatRfc3339(copy.at).substr(0, 19);
    const std::string number = life.Id("");
    copy.provider = "woocommerce";
    copy.headers = {{"X-WC-Webhook-Topic", "order.updated"},
                    {"X-WC-Webhook-Delivery-ID", "copy" + number}};
    copy.body =
        Fill(R"({"id":1001,"number":"1001","status":"@","currency":"USD","total":"@",)"
             R"("date_created_gmt":"@","date_modified_gmt":"@","payment_method":"@",)"
             R"("transaction_id":"@","date_paid_gmt":"@","customer_id":7,"line_items":[{"id":1,)"
             R"("sku":"MUG","quantity":1,"price":"@"}],"refunds":[]})",
             {std::string(life.random.Pick(kStatuses)), Decimal(life.due), time, time,
              std::string(provider), life.random.Chance(500) ? "" : "unknown_" + number, time,
              Decimal(life.due)});
    copy.last = copy.last && life.messages[at - 1].last;
    life.messages.insert(life.messages.begin() + static_cast<std::ptrdiff_t>(at), copy);
  }
}

}  // namespace holdfast::testing
