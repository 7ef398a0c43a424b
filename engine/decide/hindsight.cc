#include "engine/decide/hindsight.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/orders/order_queries.h"

namespace holdfast {
namespace {

bool SaysFraud(std::string_view reason) {
  const std::string text = ToLowerAscii(Trim(reason));
  for (const char* word : {"fraud", "unauthorized", "unauthorised"}) {
    if (text.starts_with(word)) return true;
  }
  return false;
}

// True when the event reports that money was taken back, even if it was returned later.
bool SaysTakenBack(const Event& event) {
  if (event.payment == nullptr) return false;
  return event.payment->status == PaymentStatus::kReversed ||
         event.payment->status == PaymentStatus::kChargedBack ||
         event.payment->movement.kind == MovementKind::kChargeback;
}
// True when the last report of the dispute is against the order.

bool StandsAgainst(const Dispute& dispute) {
  const bool over =
      dispute.outcome == DisputeOutcome::kWon || dispute.outcome == DisputeOutcome::kWithdrawn;
  return !over && (dispute.kind == DisputeKind::kChargeback ||
                   dispute.kind == DisputeKind::kFraudWarning || SaysFraud(dispute.reason));
}

}  // namespace

std::optional<Evidence> EvidenceOf(const Event& event, const OrderState& state) {
  switch (event.type) {
    case EventType::kDisputeOpened:
    case EventType::kDisputeUpdated:
    case EventType::kDisputeClosed: {
      const bool any =
          std::any_of(state.disputes.begin(), state.disputes.end(), [](const auto& one) {
            return one.second->dispute != nullptr && StandsAgainst(*one.second->dispute);
          });
      return any ? Evidence::kDisputed : Evidence::kUndisputed;
    }
    case EventType::kPaymentUpdated: {
      if (state.funds.taken_back > 0) return Evidence::kTakenBack;
      const bool ever = std::any_of(state.money.begin(), state.money.end(),
                                    [](const auto& one) { return SaysTakenBack(*one.second); });
      return ever ? std::optional(Evidence::kGivenBack) : std::nullopt;
    }
    case EventType::kReviewRejected: {
      const bool fraud = event.review != nullptr && SaysFraud(event.review->reason);
      return fraud ? Evidence::kRejected : Evidence::kLeft;
    }
    case EventType::kReviewHeld:
      return Evidence::kLeft;
    case EventType::kReviewReleased:
      return Evidence::kReleased;
    case EventType::kShipmentDispatched:
    case EventType::kShipmentDelivered:
    case EventType::kShipmentReturned:
    case EventType::kShipmentRefused:
      return Evidence::kSent;
    default:
      return std::nullopt;
  }
}

bool IsLate(const OrderState& state) {
  const FundsCertainty funds = CertaintyOf(state);
  return state.review.verdict != nullptr || !state.dispatched.empty() || state.cancelled ||
         funds == FundsCertainty::kContested || funds == FundsCertainty::kLost;
}

}  // namespace holdfast
