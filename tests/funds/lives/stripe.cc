// Stripe: payment intents and their charges, refunds, reviews, warnings and disputes.
// https://docs.stripe.com/payments/paymentintents/lifecycle, /disputes, /refunds, /radar/reviews
#include <algorithm>

#include "tests/funds/lives/life.h"

namespace holdfast::testing {
namespace {

class Stripe {
 public:
  explicit Stripe(Life& life) : life_(life), random_(life.random) {}

  void Live() {
    version_ = random_.Chance(500) ? "2024-06-20" : "2025-08-27.basil";
    releases_as_refunds_ = version_ < "2025";
    const std::uint64_t attempts = 1 + random_.Below(3);
    for (std::uint64_t i = 0; i < attempts; ++i) {
      Attempt(random_.Chance(800) ? life_.due : life_.due / 2);
      if (random_.Chance(400)) break;
    }
  }

 private:
  struct Charge {
    std::string id, intent;
    std::int64_t amount = 0;
    std::string status = "succeeded", outcome = "authorized";
    bool captured = true, disputed = false;
    std::int64_t amount_captured = 0, amount_refunded = 0;
    TrueMoney* money = nullptr;
  };

  void Event(std::string_view type, const std::string& object) {
    life_.Send("stripe",
               Fill(R"({"id":"@","object":"event","type":"@","created":@,"livemode":true,)"
                    R"("api_version":"@","data":{"object":@}})",
                    {life_.Id("evt_"), std::string(type), life_.Seconds(), version_, object}));
  }

  void SendCharge(std::string_view type, const Charge& c) {
    Event(type,
          Fill(R"({"id":"@","object":"charge","amount":@,"amount_captured":@,)"
               R"("amount_refunded":@,"captured":@,"refunded":@,"disputed":@,"currency":"usd",)"
               R"("metadata":{"order_id":"1001"},"outcome":{"type":"@"},"payment_intent":"@",)"
               R"("payment_method_details":{"type":"card"},"status":"@"})",
               {c.id, std::to_string(c.amount), std::to_string(c.amount_captured),
                std::to_string(c.amount_refunded), c.captured ? "true" : "false",
                c.amount_refunded >= c.amount ? "true" : "false", c.disputed ? "true" : "false",
                c.outcome, c.intent, c.status}));
  }

  void SendIntent(std::string_view type, const Charge& c, std::string_view status) {
    if (random_.Chance(250)) return;  // an endpoint need not subscribe to them
    Event(type, Fill(R"({"id":"@","object":"payment_intent","amount":@,"amount_received":@,)"
                     R"("currency":"usd","status":"@","latest_charge":"@",)"
                     R"("metadata":{"order_id":"1001"}})",
                     {c.intent, std::to_string(c.amount),
                      std::to_string(status == "succeeded" ? c.amount_captured : 0),
                      std::string(status), c.id}));
  }

  Charge NewCharge(const std::string& intent, std::int64_t amount, TrueMoney& money) {
    Charge charge;
    charge.id = life_.Id("ch_");
    charge.intent = intent;
    charge.amount = amount;
    charge.money = &money;
    return charge;
  }

  void Attempt(std::int64_t amount) {
    TrueMoney& money = life_.Open();
    const std::string intent = life_.Id("pi_");
    // The buyer may try more than one card within one attempt.
    while (random_.Chance(200)) {
      life_.Pass();
      Charge failed = NewCharge(intent, amount, money);
      failed.status = "failed";
      failed.captured = false;
      SendCharge("charge.failed", failed);
      SendIntent("payment_intent.payment_failed", failed, "requires_payment_method");
      life_.Settle();
    }
    if (random_.Chance(100)) return;  // and give up
    life_.Pass();
    Charge charge = NewCharge(intent, amount, money);
    if (random_.Chance(300)) {
      Hold(charge);
    } else if (random_.Chance(250)) {
      Debit(charge);
    } else {
      Succeed(charge);
    }
    if (money.captured > 0) Afterwards(charge);
  }

  void Succeed(Charge& charge) {
    charge.status = "succeeded";
    charge.amount_captured = charge.amount;
    charge.money->captured = charge.amount;
    charge.money->pending = 0;
    const bool reviewed = random_.Chance(150);
    if (reviewed) {
      charge.outcome = "manual_review";
      charge.money->in_review = true;
    }
    SendCharge("charge.succeeded", charge);
    SendIntent("payment_intent.succeeded", charge, "succeeded");
    const std::string review = life_.Id("prv_");
    if (reviewed) SendReview("review.opened", charge, review, "rule");
    life_.Settle();
    if (reviewed) Review(charge, review);
  }

  void SendReview(std::string_view type, const Charge& charge, const std::string& id,
                  std::string_view reason) {
    const bool open = type == "review.opened";
    Event(type, Fill(R"({"id":"@","object":"review","charge":"@","payment_intent":"@","open":@,)"
                     R"("reason":"@","closed_reason":@})",
                     {id, charge.id, charge.intent, open ? "true" : "false", std::string(reason),
                      open ? "null" : "\"" + std::string(reason) + "\""}));
  }

  void Review(Charge& charge, const std::string& id) {
    if (random_.Chance(200)) return;  // not yet looked at
    life_.Pass();
    charge.money->in_review = false;
    if (random_.Chance(700)) {
      SendReview("review.closed", charge, id, "approved");
    } else {
      SendReview("review.closed", charge, id,
                 random_.Chance(500) ? "refunded" : "refunded_as_fraud");
      charge.amount_refunded = charge.amount_captured;
      charge.money->refunded = charge.amount_captured;
      SendRefund("refund.created", charge, life_.Id("re_"), charge.amount_captured, "succeeded");
      SendCharge("charge.refunded", charge);
    }
    life_.Settle();
  }

  // An authorisation that is captured later, in part or whole, or not at all.
  void Hold(Charge& charge) {
    TrueMoney& money = *charge.money;
    charge.captured = false;
    money.authorized = charge.amount;
    SendCharge("charge.succeeded", charge);
    SendIntent("payment_intent.amount_capturable_updated", charge, "requires_capture");
    life_.Settle();
    if (random_.Chance(150)) return;
    life_.Pass();
    money.authorized = 0;
    if (random_.Chance(250)) {
      if (releases_as_refunds_) charge.amount_refunded = charge.amount;
      if (random_.Chance(500)) {
        SendCharge("charge.expired", charge);
      } else if (releases_as_refunds_) {
        SendCharge("charge.refunded", charge);
      }
      Event("payment_intent.canceled",
            Fill(R"({"id":"@","object":"payment_intent","amount":@,"amount_received":0,)"
                 R"("currency":"usd","status":"canceled","latest_charge":"@",)"
                 R"("metadata":{"order_id":"1001"}})",
                 {charge.intent, std::to_string(charge.amount), charge.id}));
      life_.Settle();
      return;
    }
    charge.captured = true;
    charge.amount_captured = random_.Chance(700) ? charge.amount : charge.amount / 2;
    money.captured = charge.amount_captured;
    if (releases_as_refunds_) charge.amount_refunded = charge.amount - charge.amount_captured;
    SendCharge("charge.captured", charge);
    if (charge.amount_refunded > 0) SendCharge("charge.refunded", charge);
    SendIntent("payment_intent.succeeded", charge, "succeeded");
    life_.Settle();
  }

  // A bank debit takes days, and may fail.
  void Debit(Charge& charge) {
    TrueMoney& money = *charge.money;
    money.pending = charge.amount;
    charge.status = "pending";
    charge.captured = random_.Chance(500);
    SendCharge("charge.pending", charge);
    SendIntent("payment_intent.processing", charge, "processing");
    life_.Settle();
    if (random_.Chance(200)) return;
    if (random_.Chance(800)) life_.Pass();  // or within the second
    if (random_.Chance(700)) {
      charge.captured = true;
      Succeed(charge);
      if (money.in_review || money.refunded > 0 || random_.Chance(700)) return;
      // The bank may give a debit back weeks later; of the intent nothing is heard then.
      life_.Pass();
      money.captured = 0;
      charge.status = "failed";
      charge.captured = false;
      charge.amount_captured = 0;
      SendCharge("charge.failed", charge);
      life_.Settle();
      return;
    }
    money.pending = 0;
    charge.status = "failed";
    charge.captured = false;
    SendCharge("charge.failed", charge);
    SendIntent("payment_intent.payment_failed", charge, "requires_payment_method");
    life_.Settle();
  }

  void SendRefund(std::string_view type, const Charge& charge, const std::string& id,
                  std::int64_t amount, std::string_view status) {
    Event(type, Fill(R"({"id":"@","object":"refund","amount":@,"currency":"usd","charge":"@",)"
                     R"("payment_intent":"@","status":"@"})",
                     {id, std::to_string(amount), charge.id, charge.intent, std::string(status)}));
  }

  void Afterwards(Charge& charge) {
    while (random_.Chance(350)) {
      life_.Pass();
      switch (random_.Below(4)) {
        case 0:
          Refund(charge);
          break;
        case 1:
          Dispute(charge);
          break;
        case 2:
          Warn(charge);
          break;
        default:
          // Something else of the charge has changed, such as its description.
          SendCharge("charge.updated", charge);
          life_.Settle();
      }
    }
  }

  void Refund(Charge& charge) {
    TrueMoney& money = *charge.money;
    if (money.kept() <= 0 || !money.disputes.empty()) return;
    const std::int64_t amount = random_.Chance(500) ? money.kept() : money.kept() / 2;
    const std::string id = life_.Id("re_");
    const bool slow = random_.Chance(200);
    money.refunded += amount;
    charge.amount_refunded += amount;
    SendRefund("refund.created", charge, id, amount, slow ? "pending" : "succeeded");
    SendCharge("charge.refunded", charge);
    life_.Settle();
    if (!slow) return;
    life_.Pass();
    if (random_.Chance(500)) {
      SendRefund("refund.updated", charge, id, amount, "succeeded");
    } else {
      money.refunded -= amount;
      charge.amount_refunded -= amount;
      SendRefund("refund.failed", charge, id, amount, "failed");
      SendRefund("charge.refund.updated", charge, id, amount, "failed");
    }
    life_.Settle();
  }

  void SendDispute(std::string_view type, const Charge& charge, const std::string& id,
                   std::int64_t amount, std::string_view status) {
    Event(type, Fill(R"({"id":"@","object":"dispute","amount":@,"currency":"usd","charge":"@",)"
                     R"("payment_intent":"@","reason":"fraudulent","status":"@","metadata":{}})",
                     {id, std::to_string(amount), charge.id, charge.intent, std::string(status)}));
  }

  void Dispute(Charge& charge) {
    TrueMoney& money = *charge.money;
    if (money.kept() <= 0 || !money.disputes.empty() || money.in_review) return;
    const std::string id = life_.Id("dp_");
    const std::int64_t amount = random_.Chance(700) ? money.kept() : money.kept() / 2;
    charge.disputed = true;
    money.disputes[id] = amount;
    const bool inquiry = random_.Chance(250);
    if (inquiry) {
      SendDispute("charge.dispute.created", charge, id, amount, "warning_needs_response");
      life_.Settle();
      if (random_.Chance(300)) return;
      life_.Pass();
      if (random_.Chance(600)) {
        money.disputes.clear();
        charge.disputed = false;
        SendDispute("charge.dispute.closed", charge, id, amount, "warning_closed");
        life_.Settle();
        return;
      }
      SendDispute("charge.dispute.updated", charge, id, amount, "needs_response");
    } else {
      SendDispute("charge.dispute.created", charge, id, amount, "needs_response");
    }
    SendDispute("charge.dispute.funds_withdrawn", charge, id, amount, "needs_response");
    life_.Settle();
    if (random_.Chance(300)) return;
    life_.Pass();
    SendDispute("charge.dispute.updated", charge, id, amount, "under_review");
    life_.Settle();
    life_.Pass();
    money.disputes.clear();
    if (random_.Chance(500)) {
      SendDispute("charge.dispute.closed", charge, id, amount, "won");
      if (random_.Chance(700)) {
        SendDispute("charge.dispute.funds_reinstated", charge, id, amount, "won");
      }
    } else {
      money.taken_back += amount;
      SendDispute("charge.dispute.closed", charge, id, amount, "lost");
    }
    life_.Settle();
  }

  // A warning of the card network: the seller refunds, or a dispute follows, or nothing does.
  void Warn(Charge& charge) {
    TrueMoney& money = *charge.money;
    if (money.kept() <= 0 || !money.disputes.empty() || money.in_review) return;
    const std::string id = life_.Id("issfr_");
    const auto send = [&](std::string_view type, bool actionable) {
      Event(type, Fill(R"({"id":"@","object":"radar.early_fraud_warning","actionable":@,)"
                       R"("charge":"@","payment_intent":"@","fraud_type":"misc"})",
                       {id, actionable ? "true" : "false", charge.id, charge.intent}));
    };
    money.disputes[id] = money.kept();
    send("radar.early_fraud_warning.created", true);
    life_.Settle();
    if (random_.Chance(300)) return;
    life_.Pass();
    money.disputes.clear();
    if (random_.Chance(500)) {
      const std::int64_t amount = money.kept();
      money.refunded += amount;
      charge.amount_refunded += amount;
      SendRefund("refund.created", charge, life_.Id("re_"), amount, "succeeded");
      SendCharge("charge.refunded", charge);
    }
    send("radar.early_fraud_warning.updated", false);
    life_.Settle();
  }

  Life& life_;
  Random& random_;
  std::string version_;
  // Until 2025-03-31 what was held and not captured was called refunded.
  bool releases_as_refunds_ = false;
};

}  // namespace

void LiveStripe(Life& life) { Stripe(life).Live(); }

}  // namespace holdfast::testing
