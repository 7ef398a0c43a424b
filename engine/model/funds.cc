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
  // none, reserved, uncertain, certain, contested, lost: a pending report beats a completed one of
  // the same moment, for shipping too early cannot be undone. Within one certainty the later
  // declared status is the graver one.
  constexpr int kRank[] = {0, 1, 3, 2, 4, 5};
  return kRank[static_cast<int>(CertaintyOf(status))] * 100 + static_cast<int>(status);
}

namespace {

// What is pending for such a reason has only been promised: nothing has been paid yet.
bool IsBeforePayment(std::string_view reason) {
  return reason == "authorization" || reason == "approved" || reason == "not_paid" ||
         reason.starts_with("requires_");
}

int SeverityOf(const PaymentReport& report) {
  const bool before =
      report.status == PaymentStatus::kPending && IsBeforePayment(report.pending_reason);
  return SeverityOf(before ? PaymentStatus::kAuthorized : report.status);
}

}  // namespace

bool Supersedes(const PaymentReport& report, const PaymentReport& other) {
  if (report.at != other.at) return report.at > other.at;
  const int mine = SeverityOf(report);
  const int theirs = SeverityOf(other);
  if (mine != theirs) return mine > theirs;
  return report.event_id > other.event_id;
}

bool TakesBack(const Payment& payment) {
  return payment.status == PaymentStatus::kChargedBack ||
         (payment.status == PaymentStatus::kReversed && payment.pending_reason != "approval");
}

bool GivesBack(const Payment& payment) {
  return payment.reinstated.value_or(false) &&
         CertaintyOf(payment.status) == FundsCertainty::kCertain;
}

}  // namespace holdfast
