#include "engine/simulate/money.h"

#include <utility>

namespace holdfast {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;

class Planner {
 public:
  Planner(const MoneyOrder& order, Random& random) : order_(order), random_(random) {}

  MoneyPlan Run() {
    start_ = order_.placed_at + random_.Between(5, 90) * kSecond;
    plan_.paid = true;
    plan_.paid_at = start_;
    plan_.label = "plain";
    if (order_.wallet) {
      ByWallet();
    } else {
      ByCard();
    }
    return std::move(plan_);
  }

 private:
  // Adds a step for the whole amount by the order's provider. Callers change what differs.
  MoneyStep& Step(std::int64_t at) {
    MoneyStep step;
    step.at = at;
    step.provider = order_.wallet ? "paypal" : "stripe";
    step.method = order_.wallet ? "wallet" : "card";
    step.transaction = "tx-" + order_.id;
    step.amount = order_.total;
    return plan_.steps.emplace_back(std::move(step));
  }
  MoneyStep& Status(std::int64_t at, PaymentStatus status, const char* reason = "") {
    MoneyStep& step = Step(at);
    step.status = status;
    step.reason = reason;
    return step;
  }
  MoneyStep& Move(std::int64_t at, MovementKind kind, MovementState state, std::string reference,
                  std::int64_t amount) {
    MoneyStep& step = Step(at);
    step.kind = kind;
    step.state = state;
    step.reference = std::move(reference);
    step.amount = amount;
    return step;
  }
  // The shop's copy names no transaction.
  void Copy(std::int64_t at, PaymentStatus status) {
    MoneyStep& step = Status(at, status);
    step.source = ReportSource::kShop;
    step.transaction.clear();
  }

  void ByWallet() {
    const bool fraud = order_.fraud;
    if (random_.Chance(fraud ? 350 : 60)) {
      plan_.label = "payment-review";
      Status(start_, PaymentStatus::kUnderReview, "payment_review");
      plan_.paid_at = start_ + random_.Between(2, 40) * kHour;
      plan_.paid = !random_.Chance(fraud ? 600 : 20);
      Status(plan_.paid_at, plan_.paid ? PaymentStatus::kCompleted : PaymentStatus::kDenied);
    } else if (!fraud && random_.Chance(50)) {
      plan_.label = "echeck";
      Status(start_, PaymentStatus::kPending, "echeck");
      plan_.paid_at = start_ + random_.Between(3, 6) * kDay;
      plan_.paid = !random_.Chance(40);
      Status(plan_.paid_at, plan_.paid ? PaymentStatus::kCleared : PaymentStatus::kFailed);
    } else {
      Status(start_, PaymentStatus::kCompleted);
      if (random_.Chance(60)) CopyAround();
    }
  }

  void ByCard() {
    const bool fraud = order_.fraud;
    const std::int64_t soon = start_ + random_.Between(1, 20) * kMinute;
    if (random_.Chance(fraud ? 200 : 30)) return Attempts();
    switch (fraud ? 9 : random_.Below(60)) {
      case 0:
        return Parts(soon);
      case 1:
        return GiftCard();
      case 2:
        return Reviewed(soon);
      case 3:
        return Debit();
      case 4:
        return Twice(soon);
      default:
        break;
    }
    Status(start_, PaymentStatus::kAuthorized);
    plan_.paid_at = soon;
    Status(soon, PaymentStatus::kCompleted);
    if (random_.Chance(60)) CopyAround();
  }

  // Cards are declined, each as a separate attempt, until one is accepted or the buyer gives up.
  void Attempts() {
    plan_.label = "attempts";
    std::int64_t at = start_;
    const std::int64_t declined = random_.Between(1, 3);
    for (std::int64_t i = 1; i <= declined; ++i) {
      Status(at, PaymentStatus::kDenied, "card_declined").transaction += "-" + std::to_string(i);
      at += random_.Between(1, 5) * kMinute;
    }
    plan_.paid_at = at;
    plan_.paid = !random_.Chance(300);
    if (plan_.paid) Status(at, PaymentStatus::kCompleted);
  }

  // One authorisation, captured in parts as the shop packs.
  void Parts(std::int64_t soon) {
    plan_.label = "partial-captures";
    using enum MovementKind;
    const auto done = MovementState::kSucceeded;
    const std::int64_t first = order_.total * random_.Between(30, 70) / 100;
    Move(start_, kAuthorization, done, "", order_.total);
    Move(soon, kCapture, done, "cap-" + order_.id + "-1", first);
    plan_.paid_at = soon + random_.Between(1, 20) * kHour;
    Move(plan_.paid_at, kCapture, done, "cap-" + order_.id + "-2", order_.total - first);
  }

  void GiftCard() {
    plan_.label = "gift-card";
    MoneyStep& card = Status(start_, PaymentStatus::kCompleted);
    card.provider = card.method = "gift_card";
    card.transaction = "gc-" + order_.id;
    card.amount = order_.total * random_.Between(10, 60) / 100;
    const std::int64_t rest = order_.total - card.amount;
    plan_.paid_at = start_ + random_.Between(10, 90) * kSecond;
    Status(plan_.paid_at, PaymentStatus::kCompleted).amount = rest;
  }

  // The provider's fraud team reviews a charge.
  void Reviewed(std::int64_t soon) {
    plan_.label = "charge-review";
    Status(start_, PaymentStatus::kCompleted);
    Step(start_ + kSecond).what = MoneyStep::What::kReviewOpened;
    plan_.steps.back().reference = "rv-" + order_.id;
    plan_.paid_at = soon + random_.Between(1, 12) * kHour;
    Step(plan_.paid_at).what = MoneyStep::What::kReviewClosed;
    plan_.steps.back().reference = "rv-" + order_.id;
  }

  // A bank debit: pending for days, and sometimes returned weeks later.
  void Debit() {
    plan_.label = "debit";
    Status(start_, PaymentStatus::kPending, "debit").method = "sepa_debit";
    plan_.paid_at = start_ + random_.Between(2, 6) * kDay;
    plan_.paid = !random_.Chance(100);
    Status(plan_.paid_at, plan_.paid ? PaymentStatus::kCompleted : PaymentStatus::kFailed).method =
        "sepa_debit";
    if (!plan_.paid || !random_.Chance(300)) return;
    plan_.label = "late-failure";
    Status(plan_.paid_at + random_.Between(5, 40) * kDay, PaymentStatus::kFailed, "returned")
        .method = "sepa_debit";
  }

  // Charged twice by mistake and refunded.
  void Twice(std::int64_t soon) {
    plan_.label = "double-charge";
    Status(start_, PaymentStatus::kCompleted);
    Status(start_ + kMinute, PaymentStatus::kCompleted).transaction += "-2";
    MoneyStep& back = Move(soon + kHour, MovementKind::kRefund, MovementState::kSucceeded,
                           "rf-" + order_.id + "-2", order_.total);
    back.transaction += "-2";
  }

  // The shop's copies of the payment, before and after it is made.
  void CopyAround() {
    plan_.label = "shop-copies";
    Copy(order_.placed_at + kSecond, PaymentStatus::kPending);
    Copy(plan_.paid_at + random_.Between(1, 60) * kSecond, PaymentStatus::kCompleted);
  }

  const MoneyOrder& order_;
  Random& random_;
  std::int64_t start_ = 0;
  MoneyPlan plan_;
};

}  // namespace

MoneyPlan PlanMoney(const MoneyOrder& order, Random& random) {
  return Planner(order, random).Run();
}

}  // namespace holdfast
