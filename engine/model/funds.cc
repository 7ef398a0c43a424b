#include "engine/model/funds.h"

namespace holdfast {

FundsCertainty CertaintyOf(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::kNone:
    case PaymentStatus::kCreated:
      return FundsCertainty::kNone;
    case PaymentStatus::kAuthorized:
      return FundsCertainty::kReserved;
    case PaymentStatus::kPending:
    case PaymentStatus::kUnderReview:
      return FundsCertainty::kUncertain;
    case PaymentStatus::kCompleted:
    case PaymentStatus::kCleared:
    case PaymentStatus::kPartiallyRefunded:
      return FundsCertainty::kCertain;
    case PaymentStatus::kDisputed:
      return FundsCertainty::kContested;
    case PaymentStatus::kDenied:
    case PaymentStatus::kFailed:
    case PaymentStatus::kVoided:
    case PaymentStatus::kExpired:
    case PaymentStatus::kRefunded:
    case PaymentStatus::kReversed:
    case PaymentStatus::kChargedBack:
      return FundsCertainty::kLost;
  }
  return FundsCertainty::kUncertain;
}

int SeverityOf(PaymentStatus status) {
  // Within one certainty the later declared status is the graver one.
  constexpr int kRank[] = {0, 1, 3,
                           2, 4, 5};  // none, reserved, uncertain, certain, contested, lost
  // A pending report beats a completed one of the same moment: shipping too early cannot be undone.
  return kRank[static_cast<int>(CertaintyOf(status))] * 100 + static_cast<int>(status);
}

bool Supersedes(EventTime at, PaymentStatus status, std::string_view event_id, EventTime other_at,
                PaymentStatus other_status, std::string_view other_event_id) {
  if (at != other_at) return at > other_at;
  const int mine = SeverityOf(status);
  const int theirs = SeverityOf(other_status);
  if (mine != theirs) return mine > theirs;
  return event_id > other_event_id;
}

}  // namespace holdfast
