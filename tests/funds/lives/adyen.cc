// Adyen: authorisations with captures, or captured at once; refunds, fraud notices, chargebacks.
// https://docs.adyen.com/development-resources/webhooks/webhook-types,
// https://docs.adyen.com/risk-management/understanding-disputes/dispute-process-and-flow
#include <algorithm>

#include "tests/funds/lives/life.h"

namespace holdfast::testing {
namespace {

class Adyen {
 public:
  explicit Adyen(Life& life) : life_(life), random_(life.random) {}

  void Live() {
    life_.captures_at_once = random_.Chance(400);
    const std::uint64_t attempts = 1 + random_.Below(3);
    for (std::uint64_t i = 0; i < attempts; ++i) {
      Attempt(random_.Chance(800) ? life_.due : life_.due / 2);
      if (random_.Chance(400)) break;
    }
  }

 private:
  void Item(std::string_view code, std::string_view psp, std::string_view original,
            std::int64_t amount, bool success = true, std::string_view more = "{}") {
    const std::string of =
        original.empty() ? "" : Fill(R"("originalReference":"@",)", {std::string(original)});
    life_.Send("adyen",
               Fill(R"({"live":"true","notificationItems":[{"NotificationRequestItem":{)"
                    R"("amount":{"currency":"USD","value":@},"eventCode":"@","eventDate":"@",)"
                    R"("merchantAccountCode":"Acme","merchantReference":"1001",@)"
                    R"("additionalData":@,"paymentMethod":"visa","pspReference":"@",)"
                    R"("reason":"","success":"@"}}]})",
                    {std::to_string(amount), std::string(code), life_.Time(), of, std::string(more),
                     std::string(psp), success ? "true" : "false"}));
  }

  void Attempt(std::int64_t amount) {
    TrueMoney& money = life_.Open();
    const std::string payment = life_.Id("PSP");
    life_.Pass();
    if (random_.Chance(200)) {
      Item("AUTHORISATION", payment, {}, amount, false);
      life_.Settle();
      return;
    }
    if (random_.Chance(150)) {
      if (life_.captures_at_once) money.pending = amount;
      Item("PENDING", payment, {}, amount);
      life_.Settle();
      if (random_.Chance(200)) return;
      life_.Pass();
      money.pending = 0;
    }
    (life_.captures_at_once ? money.captured : money.authorized) = amount;
    Item("AUTHORISATION", payment, {}, amount);
    life_.Settle();
    if (!life_.captures_at_once && !Captures(payment, amount, money)) return;
    if (money.captured > 0) Afterwards(payment, money);
  }

  // False: nothing was captured.
  bool Captures(const std::string& payment, std::int64_t amount, TrueMoney& money) {
    if (random_.Chance(150)) return false;
    if (random_.Chance(150)) {
      life_.Pass();
      money.authorized = 0;
      static constexpr std::string_view kCodes[] = {"CANCELLATION", "TECHNICAL_CANCEL",
                                                    "CANCEL_OR_REFUND"};
      Item(random_.Pick(kCodes), life_.Id("CAN"), payment, amount);
      life_.Settle();
      return false;
    }
    const std::int64_t parts = random_.Chance(700) ? 1 : 2;
    for (std::int64_t i = 0; i < parts; ++i) {
      if (random_.Chance(100)) break;
      life_.Pass();
      const std::string capture = life_.Id("CPT");
      const std::int64_t part = amount / parts;
      if (random_.Chance(100)) {
        Item("CAPTURE", capture, payment, part, false);
        life_.Settle();
        continue;
      }
      money.captured += part;
      money.authorized -= part;
      Item("CAPTURE", capture, payment, part);
      life_.Settle();
      if (!random_.Chance(100)) continue;
      life_.Pass();
      money.captured -= part;
      // The authorisation holds until it is used or expires.
      money.authorized += part;
      Item("CAPTURE_FAILED", capture, payment, part);
      life_.Settle();
    }
    return money.captured > 0;
  }

  void Afterwards(const std::string& payment, TrueMoney& money) {
    while (money.kept() > 0 && money.disputes.empty() && random_.Chance(300)) {
      life_.Pass();
      switch (random_.Below(3)) {
        case 0:
          Refund(payment, money);
          break;
        case 1:
          Chargeback(payment, money);
          break;
        default:
          // Of a notice of fraud nothing follows but a chargeback or the seller's refund.
          break;
      }
    }
  }

  void Refund(const std::string& payment, TrueMoney& money) {
    const std::int64_t amount = random_.Chance(500) ? money.kept() : money.kept() / 2;
    const std::string id = life_.Id("RFD");
    if (random_.Chance(100)) {
      Item("REFUND", id, payment, amount, false);
      life_.Settle();
      return;
    }
    money.refunded += amount;
    Item("REFUND", id, payment, amount);
    life_.Settle();
    if (!random_.Chance(200)) return;
    life_.Pass();
    money.refunded -= amount;
    Item(random_.Chance(500) ? "REFUND_FAILED" : "REFUNDED_REVERSED", id, payment, amount);
    life_.Settle();
  }

  void Chargeback(const std::string& payment, TrueMoney& money) {
    const std::string id = life_.Id("DSP");
    const std::int64_t amount = random_.Chance(700) ? money.kept() : money.kept() / 2;
    if (random_.Chance(500)) {
      money.disputes[id] = amount;
      Item("NOTIFICATION_OF_CHARGEBACK", id, payment, amount);
      life_.Settle();
      life_.Pass();
    }
    money.disputes.clear();
    money.taken_back += amount;
    Item("CHARGEBACK", id, payment, amount);
    life_.Settle();
    if (random_.Chance(400)) return;
    life_.Pass();
    money.taken_back -= amount;
    Item("CHARGEBACK_REVERSED", id, payment, amount);
    life_.Settle();
    if (random_.Chance(600)) return;
    life_.Pass();
    money.taken_back += amount;
    Item("SECOND_CHARGEBACK", id, payment, amount);
    life_.Settle();
    if (random_.Chance(600)) return;
    life_.Pass();
    const bool won = random_.Chance(500);
    if (won) money.taken_back -= amount;
    Item(won ? "PREARBITRATION_WON" : "PREARBITRATION_LOST", id, payment, amount);
    life_.Settle();
  }

  Life& life_;
  Random& random_;
};

}  // namespace

void LiveAdyen(Life& life) { Adyen(life).Live(); }

}  // namespace holdfast::testing
