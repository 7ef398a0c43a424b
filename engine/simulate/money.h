// How the money of a simulated order comes: one payment or several attempts, whole or in parts,
// with the shop's copies, reviews, late failures and refunds that shops see.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/model/payment.h"
#include "engine/simulate/random.h"

namespace holdfast {

// One report about the money.
struct MoneyStep {
  enum class What : std::uint8_t { kPayment, kReviewOpened, kReviewClosed };
  std::int64_t at = 0;  // nanoseconds since 1970
  What what = What::kPayment;
  PaymentStatus status = PaymentStatus::kNone;  // of a payment that is told by its status
  const char* reason = "";
  MovementKind kind = MovementKind::kUnset;  // or by a movement
  MovementState state = MovementState::kUnset;
  std::string provider, method, transaction, reference;
  ReportSource source = ReportSource::kUnset;
  std::int64_t amount = 0;  // minor units of the order's currency
};

struct MoneyPlan {
  std::string label;  // plain, attempts, partial-captures, ...
  std::vector<MoneyStep> steps;
  bool paid = false;         // the seller has the money in the end
  std::int64_t paid_at = 0;  // when that is known, or that it is not so
};

struct MoneyOrder {
  std::string id;
  std::int64_t placed_at = 0, total = 0;
  bool wallet = false, fraud = false;
};

// The same of the same order and random numbers.
MoneyPlan PlanMoney(const MoneyOrder& order, Random& random);

}  // namespace holdfast
