#include "engine/decide/verdict.h"

#include <algorithm>

#include "engine/model/names.h"

namespace holdfast {
namespace {

// The less certain the money, the greater.
int DoubtOf(FundsCertainty certainty) {
  switch (certainty) {
    case FundsCertainty::kCertain:
      return 0;
    case FundsCertainty::kReserved:
      return 1;
    case FundsCertainty::kUncertain:
      return 2;
    case FundsCertainty::kNone:
      return 3;
    case FundsCertainty::kContested:
      return 4;
    case FundsCertainty::kLost:
      return 5;
  }
  return 5;
}

bool SamePayer(const Payment& a, const Payment& b) {
  const auto same_address = [](const Address& x, const Address& y) {
    return x.line1 == y.line1 && x.line2 == y.line2 && x.city == y.city && x.region == y.region &&
           x.postal_code == y.postal_code && x.country == y.country;
  };
  return a.payer.name == b.payer.name && a.payer.email == b.payer.email &&
         a.payer.account_id == b.payer.account_id &&
         a.payer.account_holder == b.payer.account_holder &&
         a.payer.account_status == b.payer.account_status &&
         a.payer.address_status == b.payer.address_status && a.payer.country == b.payer.country &&
         same_address(a.payer.address, b.payer.address) && a.card.fingerprint == b.card.fingerprint;
}

}  // namespace

bool Verdict::Covers(std::string_view rule, bool hard) const {
  if (released == nullptr) return false;
  const Review& review = *released->review;
  if (hard && review.role != ReviewRole::kAdmin) return false;
  return std::find(review.rules.begin(), review.rules.end(), rule) != review.rules.end();
}

bool Verdict::CoversFunds(FundsCertainty certainty) const {
  return Covers(kFundsReason, true) && released->review->funds == NameOf(certainty);
}

bool Verdict::CoversScore(int score) const {
  return Covers(kThresholdReason, false) && released->review->score.value_or(0) >= score;
}

Verdict VerdictOf(const OrderState& state, const Pack& pack) {
  Verdict verdict;
  const ReviewState& review = state.review;
  if (review.verdict == nullptr) return verdict;
  const Event& last = *review.verdict;
  if (last.type == EventType::kReviewRejected) {
    verdict.rejected = &last;
  } else if (last.type == EventType::kReviewHeld) {
    verdict.held = &last;
  } else if (review.voided_by != nullptr) {
    verdict.ended = &last;
  } else if (review.approval == nullptr && NeedsSecond(state, last, pack)) {
    verdict.waiting = &last;
  } else {
    verdict.released = &last;
  }
  return verdict;
}

std::optional<std::int64_t> BaseTotal(const OrderState& state, const Pack& pack) {
  if (state.order == nullptr) return std::nullopt;
  const Order& order = *state.order->order;
  const auto units = pack.amounts->ToBase(*order.total, *order.currency, *state.placed_at);
  if (!units) return std::nullopt;
  return FromUnits(*units, pack.amounts->base());
}

bool NeedsSecond(const OrderState& state, const Event& release, const Pack& pack) {
  const auto& limit = pack.review.SecondPersonAbove(release.review->role);
  if (!limit) return false;
  const auto total = BaseTotal(state, pack);
  return !total || *total > *limit;
}

std::string WhoAndWhy(const Event& review) {
  std::string text(review.review->by);
  if (!review.review->reason.empty()) text += ": " + std::string(review.review->reason);
  if (!review.review->note.empty()) text += ", " + std::string(review.review->note);
  return text;
}

bool EndsRelease(const Event& event, FundsCertainty before, FundsCertainty after,
                 const Payment* paid_before, const Payment* paid_after) {
  if (DoubtOf(after) > DoubtOf(before)) return true;
  switch (event.type) {
    case EventType::kOrderAmended:
    case EventType::kRefundIssued:
      return true;
    case EventType::kPaymentUpdated:
      return paid_before != nullptr && paid_after != nullptr &&
             !SamePayer(*paid_before, *paid_after);
    case EventType::kDisputeOpened:
    case EventType::kDisputeUpdated:
      return true;
    case EventType::kDisputeClosed:
      return event.dispute->outcome != DisputeOutcome::kWon &&
             event.dispute->outcome != DisputeOutcome::kWithdrawn;
    case EventType::kBuyerConfirmed:
      return !event.confirmation->agreed.value_or(true);
    default:
      return false;
  }
}

}  // namespace holdfast
