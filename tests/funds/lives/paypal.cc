// PayPal: orders with captures or authorisations, refunds, reversals and disputes.
// https://developer.paypal.com/docs/api/payments/v2/, /docs/api/customer-disputes/v1/,
// https://developer.paypal.com/api/rest/webhooks/event-names/
#include <algorithm>

#include "tests/funds/lives/life.h"

namespace holdfast::testing {
namespace {

class PayPal {
 public:
  explicit PayPal(Life& life) : life_(life), random_(life.random) {}

  void Live() {
    const std::uint64_t attempts = 1 + random_.Below(3);
    for (std::uint64_t i = 0; i < attempts; ++i) {
      Attempt(random_.Chance(800) ? life_.due : life_.due / 2);
      if (random_.Chance(400)) break;
    }
  }

 private:
  struct Capture {
    std::string id, order;
    std::int64_t amount = 0;
    TrueMoney* money = nullptr;
    std::int64_t held = 0;  // of it, what an authorisation held
  };

  void Event(std::string_view type, const std::string& resource) {
    life_.Send("paypal", Fill(R"({"id":"@","event_type":"@","create_time":"@","resource":@})",
                              {life_.Id("WH-"), std::string(type), life_.Time(), resource}));
  }

  static std::string Amount(std::int64_t minor) {
    return Fill(R"({"currency_code":"USD","value":"@"})", {Decimal(minor)});
  }

  void SendCapture(std::string_view type, const Capture& c, std::string_view status,
                   std::string_view reason = {}) {
    const std::string why =
        reason.empty() ? "" : Fill(R"("status_details":{"reason":"@"},)", {std::string(reason)});
    Event(type, Fill(R"({"id":"@","status":"@",@"amount":@,"custom_id":"1001",)"
                     R"("supplementary_data":{"related_ids":{"order_id":"@"}},"links":[)"
                     R"({"rel":"up","href":"https://api.paypal.com/v2/checkout/orders/@"}]})",
                     {c.id, std::string(status), why, Amount(c.amount), c.order, c.order}));
  }

  void Attempt(std::int64_t amount) {
    TrueMoney& money = life_.Open();
    const std::string order = life_.Id("PPO");
    if (random_.Chance(600)) {
      life_.Pass();
      // The seller is about to take it.
      money.pending = amount;
      Event("CHECKOUT.ORDER.APPROVED", Fill(R"({"id":"@","status":"APPROVED","purchase_units":[)"
                                            R"({"custom_id":"1001","amount":@}]})",
                                            {order, Amount(amount)}));
      life_.Settle();
      if (random_.Chance(100)) {
        life_.Pass();
        money.pending = 0;
        Event("CHECKOUT.PAYMENT-APPROVAL.REVERSED",
              Fill(R"({"order_id":"@","purchase_units":[{"custom_id":"1001"}]})", {order}));
        life_.Settle();
        return;
      }
    }
    if (random_.Chance(250)) {
      Authorize(order, amount, money);
    } else {
      life_.Pass();
      money.pending = 0;
      Take({life_.Id("CAP"), order, amount, &money});
    }
  }

  // A capture, which may take its time.
  void Take(Capture capture) {
    TrueMoney& money = *capture.money;
    if (random_.Chance(300)) {
      static constexpr std::string_view kReasons[] = {"ECHECK", "PENDING_REVIEW", "UNILATERAL",
                                                      "INTERNATIONAL_WITHDRAWAL"};
      money.pending += capture.amount;
      money.authorized -= capture.held;
      const std::string_view reason = random_.Pick(kReasons);
      SendCapture("PAYMENT.CAPTURE.PENDING", capture, "PENDING", reason);
      life_.Settle();
      if (random_.Chance(200)) return;
      // A review takes its time; other things may be over within the second.
      if (reason == "PENDING_REVIEW" || random_.Chance(800)) life_.Pass();
      money.pending -= capture.amount;
      money.authorized += capture.held;
      if (random_.Chance(300)) {
        if (random_.Chance(500)) {
          SendCapture("PAYMENT.CAPTURE.DENIED", capture, "DECLINED");
        } else {
          SendCapture("PAYMENT.CAPTURE.DECLINED", capture, "DECLINED");
        }
        life_.Settle();
        return;
      }
    } else if (random_.Chance(150)) {
      SendCapture("PAYMENT.CAPTURE.DECLINED", capture, "DECLINED");
      life_.Settle();
      return;
    }
    money.captured += capture.amount;
    money.authorized -= capture.held;
    SendCapture("PAYMENT.CAPTURE.COMPLETED", capture, "COMPLETED");
    life_.Settle();
    Afterwards(capture);
  }

  void Authorize(const std::string& order, std::int64_t amount, TrueMoney& money) {
    const std::string id = life_.Id("AUTH");
    const auto send = [&](std::string_view type, std::string_view status) {
      Event(type, Fill(R"({"id":"@","status":"@","amount":@,"custom_id":"1001",)"
                       R"("supplementary_data":{"related_ids":{"order_id":"@"}}})",
                       {id, std::string(status), Amount(amount), order}));
    };
    life_.Pass();
    money.pending = 0;
    money.authorized = amount;
    send("PAYMENT.AUTHORIZATION.CREATED", "CREATED");
    life_.Settle();
    if (random_.Chance(150)) return;
    const std::int64_t parts = random_.Chance(600) ? 1 : 2;
    for (std::int64_t i = 0; i < parts && random_.Chance(850); ++i) {
      life_.Pass();
      Take({life_.Id("CAP"), order, amount / parts, &money, amount / parts});
    }
    if (money.authorized > 0 && random_.Chance(600)) {
      life_.Pass();
      money.authorized = 0;
      send("PAYMENT.AUTHORIZATION.VOIDED", "VOIDED");
      life_.Settle();
    }
  }

  void SendRefund(std::string_view type, const Capture& c, const std::string& id,
                  std::int64_t amount, std::string_view status) {
    Event(type, Fill(R"({"id":"@","status":"@","amount":@,"custom_id":"1001","links":[)"
                     R"({"rel":"self","href":"https://api.paypal.com/v2/payments/refunds/@"},)"
                     R"({"rel":"up","href":"https://api.paypal.com/v2/payments/captures/@"}]})",
                     {id, std::string(status), Amount(amount), id, c.id}));
  }

  void Afterwards(Capture& capture) {
    std::int64_t left = capture.amount;
    while (left > 0 && random_.Chance(300)) {
      life_.Pass();
      switch (random_.Below(4)) {
        case 0:
        case 1: {
          const std::int64_t amount = random_.Chance(500) ? left : left / 2;
          left -= amount;
          capture.money->refunded += amount;
          SendRefund("PAYMENT.CAPTURE.REFUNDED", capture, life_.Id("REF"), amount, "COMPLETED");
          life_.Settle();
          break;
        }
        case 2: {
          if (left < capture.amount) break;
          capture.money->taken_back += left;
          SendRefund("PAYMENT.CAPTURE.REVERSED", capture, life_.Id("REV"), left, "COMPLETED");
          left = 0;
          life_.Settle();
          break;
        }
        default:
          left -= Dispute(capture, left);
      }
    }
  }

  void SendDispute(std::string_view type, const Capture& c, const std::string& id,
                   std::string_view stage, std::string_view status, std::int64_t amount,
                   std::string_view outcome = {}) {
    const std::string end = outcome.empty() ? ""
                                            : Fill(R"(,"dispute_outcome":{"outcome_code":"@"})",
                                                   {std::string(outcome)});
    const std::string_view payer =
        outcome == "RESOLVED_WITH_PAYOUT"
            ? R"("money_movements":[{"affected_party":"BUYER","type":"CREDIT"}],)"
            : "";
    Event(type, Fill(R"({"dispute_id":"@",@"reason":"UNAUTHORISED","status":"@",)"
                     R"("disputed_transactions":[{"seller_transaction_id":"@"}],)"
                     R"("dispute_amount":@,"dispute_life_cycle_stage":"@"@})",
                     {id, std::string(payer), std::string(status), c.id, Amount(amount),
                      std::string(stage), end}));
  }

  // What of `left` is gone in the end.
  std::int64_t Dispute(Capture& capture, std::int64_t left) {
    TrueMoney& money = *capture.money;
    const std::string id = life_.Id("PP-D-");
    const std::int64_t amount = random_.Chance(700) ? left : left / 2;
    std::string_view stage = random_.Chance(500) ? "INQUIRY" : "CHARGEBACK";
    money.disputes[id] = amount;
    SendDispute("CUSTOMER.DISPUTE.CREATED", capture, id, stage, "OPEN", amount);
    life_.Settle();
    if (random_.Chance(250)) return left;  // not over: nothing else is to happen to it
    life_.Pass();
    if (random_.Chance(300)) {
      stage = "CHARGEBACK";
      SendDispute("CUSTOMER.DISPUTE.UPDATED", capture, id, stage, "UNDER_REVIEW", amount);
      life_.Settle();
      life_.Pass();
    }
    money.disputes.erase(id);
    static constexpr std::string_view kGood[] = {"RESOLVED_SELLER_FAVOUR", "CANCELED_BY_BUYER",
                                                 "DENIED", "RESOLVED_WITH_PAYOUT"};
    static constexpr std::string_view kBad[] = {"RESOLVED_BUYER_FAVOUR", "ACCEPTED"};
    const bool good = random_.Chance(500);
    if (!good) money.taken_back += amount;
    SendDispute("CUSTOMER.DISPUTE.RESOLVED", capture, id, stage, "RESOLVED", amount,
                good ? random_.Pick(kGood) : random_.Pick(kBad));
    // That the money went is told of as a reversal too.
    if (!good && random_.Chance(500)) {
      SendRefund("PAYMENT.CAPTURE.REVERSED", capture, life_.Id("REV"), amount, "COMPLETED");
    }
    life_.Settle();
    return good ? 0 : amount;
  }

  Life& life_;
  Random& random_;
};

}  // namespace

void LivePayPal(Life& life) { PayPal(life).Live(); }

}  // namespace holdfast::testing
