#include "engine/decide/reviewer_verdict.h"

#include <algorithm>

#include "engine/decide/amendment.h"
#include "engine/decide/packing.h"
#include "engine/model/names.h"
#include "engine/orders/answers.h"
#include "engine/orders/order_queries.h"

namespace holdfast {
namespace {

// The rank of uncertainty: 0 is certain money, 5 is lost money.
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

// True when all fields that rules may have read are equal. The status may differ.
bool SamePayment(const Payment& a, const Payment& b) {
  const auto same_address = [](const Address& x, const Address& y) {
    return x.line1 == y.line1 && x.line2 == y.line2 && x.city == y.city && x.region == y.region &&
           x.postal_code == y.postal_code && x.country == y.country;
  };
  return a.payer.name == b.payer.name && a.payer.email == b.payer.email &&
         a.payer.account_id == b.payer.account_id &&
         a.payer.account_holder == b.payer.account_holder &&
         a.payer.account_status == b.payer.account_status &&
         a.payer.address_status == b.payer.address_status && a.payer.country == b.payer.country &&
         same_address(a.payer.address, b.payer.address) &&
         a.card.fingerprint == b.card.fingerprint && a.card.bin == b.card.bin &&
         a.card.country == b.card.country && a.card.funding == b.card.funding &&
         a.card.avs == b.card.avs && a.card.cvc == b.card.cvc &&
         a.card.three_d_secure == b.card.three_d_secure &&
         a.card.liability_shift == b.card.liability_shift && a.instalments == b.instalments &&
         a.attempts == b.attempts && a.provider == b.provider && a.method == b.method &&
         a.transaction_id == b.transaction_id && a.amount == b.amount && a.currency == b.currency &&
         a.seller_protection == b.seller_protection &&
         a.provider_risk.level == b.provider_risk.level &&
         a.provider_risk.score == b.provider_risk.score;
}

}  // namespace

bool Verdict::Covers(std::string_view what, bool hard) const {
  return released != nullptr && Names(*released, what, hard);
}

bool Verdict::WillCover(std::string_view what, bool hard) const {
  return waiting != nullptr && fresh && Names(*waiting, what, hard);
}

bool Verdict::WillCoverFunds(FundsCertainty certainty) const {
  return WillCover(kFundsReason, true) && waiting->review->funds == NameOf(certainty);
}

Verdict::Scoring Verdict::NewSince(const Event& release, const Scoring& scored_by) {
  const auto& seen = release.review->rules;
  Scoring fresh;
  for (const Rule* rule : scored_by) {
    const bool named = std::find(seen.begin(), seen.end(), rule->id) != seen.end();
    if (rule->points > 0 && !named) fresh.push_back(rule);
  }
  return fresh;
}

bool Verdict::CoversPoints(const Event& release, std::int64_t seen, int sum,
                           const Scoring& scored_by) {
  const Scoring fresh = NewSince(release, scored_by);
  const auto gives = [](const Rule* rule) { return rule->points > 0; };
  const auto all = std::count_if(scored_by.begin(), scored_by.end(), gives);
  const bool names_points = static_cast<std::ptrdiff_t>(fresh.size()) < all;
  if (!names_points) return seen >= std::clamp(sum, 0, 100);
  // What the reviewer saw, and nothing else but later orders of others.
  int of_others = 0;
  for (const Rule* rule : fresh) {
    if (!rule->about_others || rule->hard) return false;
    of_others += rule->points;
  }
  const std::int64_t shown = std::clamp<std::int64_t>(release.review->score.value_or(0), 0, 100);
  // A score is shown as 100 at most: then the rules that were named are what was seen.
  return shown == 100 || sum - of_others <= shown;
}

bool Verdict::WillCoverScore(int sum, const Scoring& scored_by) const {
  return WillCover(kThresholdReason, false) &&
         CoversPoints(*waiting, waiting->review->score.value_or(0), sum, scored_by);
}

bool Verdict::Names(const Event& release, std::string_view what, bool hard) const {
  const Review& review = *release.review;
  if (hard && review.role != ReviewRole::kAdmin) return false;
  if (!fresh) {
    const auto& covers = state->review.covers;
    return std::find(covers.begin(), covers.end(), what) != covers.end();
  }
  std::string_view name = what;
  if (name.ends_with('?')) name.remove_suffix(1);
  if (name.starts_with(AskedCover(""))) name = kAskedReason;
  return std::find(review.rules.begin(), review.rules.end(), name) != review.rules.end();
}

bool Verdict::CoversFunds(FundsCertainty certainty) const {
  return Covers(kFundsReason, true) && released->review->funds == NameOf(certainty);
}

bool Verdict::CoversScore(int sum, const Scoring& scored_by) const {
  if (!Covers(kThresholdReason, false)) return false;
  // Not what the release's decision came to, where later orders of others had raised that.
  const std::int64_t given = released->review->score.value_or(0);
  const std::int64_t seen = fresh ? given : std::min<std::int64_t>(given, state->review.score);
  return CoversPoints(*released, seen, sum, scored_by);
}

std::string MissingCover(std::string_view rule) { return std::string(rule) + "?"; }

std::string AskedCover(std::string_view request) {
  return std::string(kAskedReason) + ":" + std::string(request);
}

Verdict VerdictOf(const OrderState& state, const Pack& pack, const Event* now) {
  Verdict verdict;
  verdict.state = &state;
  verdict.fresh = now != nullptr && now == state.review.verdict.get();
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

bool IsReleased(const ReviewState& review) {
  return review.verdict != nullptr && review.verdict->type == EventType::kReviewReleased &&
         review.voided_by == nullptr;
}

bool EndsRelease(const Event& event, const OrderState& state, FundsCertainty before,
                 const Payment* paid_before, const Order* order_before) {
  const FundsCertainty after = CertaintyOf(state);
  const Payment* paid_after = PaymentIn(state.payment.get());
  if (DoubtOf(after) > DoubtOf(before)) return true;
  const auto& covers = state.review.covers;
  const bool covers_packing =
      std::find(covers.begin(), covers.end(), kPackingReason) != covers.end();
  switch (event.type) {
    case EventType::kOrderAmended:
      // The same goods to the same address stay released, unless the release was for a wrong
      // parcel.
      return covers_packing || order_before == nullptr ||
             !DiffersInParcelsOnly(*order_before, *event.order);
    case EventType::kPaymentUpdated: {
      if (paid_before == paid_after) return false;
      if (paid_before == nullptr || paid_after == nullptr) return true;
      const bool improved = DoubtOf(after) < DoubtOf(before);
      return !SamePayment(*paid_before, *paid_after) ||
             (paid_before->status != paid_after->status && !improved);
    }
    case EventType::kRefundIssued:
    case EventType::kDisputeOpened:
    case EventType::kDisputeUpdated:
      return true;
    case EventType::kDisputeClosed:
      return event.dispute->outcome != DisputeOutcome::kWon &&
             event.dispute->outcome != DisputeOutcome::kWithdrawn;
    case EventType::kShipmentPacked:
      return covers_packing;
    case EventType::kShipmentDispatched:
    case EventType::kShipmentDelivered:
    case EventType::kShipmentReturned:
    case EventType::kShipmentRefused:
      // A parcel that nobody has reported as packed is not the one that was released.
      return covers_packing && LeavesUnchecked(*state.order->order, state, event, true);
    case EventType::kBuyerConfirmed:
      return !SaysYes(*event.confirmation);
    default:
      return false;
  }
}

}  // namespace holdfast
