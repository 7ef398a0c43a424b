// Reviews: what people do about held orders, as events: which are taken, and what they change.
#pragma once

#include "engine/orders/order_state.h"
#include "engine/packs/pack.h"
#include "engine/store/store.h"

namespace holdfast {

// The longest lease of a claim.
constexpr std::int64_t kClaimMost = 8 * 3600 * kNanosPerSecond;

// May this review.* event be taken, as the order stands? REQUIRES: the order is known.
// Errors: kInvalidInput for what is incomplete, kConflict where another person has claimed the
// order or it no longer stands as the event takes it to, kForbidden for what the role may not
// decide, kLimitExceeded.
Status CheckReview(const Event& event, const OrderState& state, const Pack& pack);

// Does an amendment change nothing but where the order goes, and in which parcels? Errors:
// kForbidden.
Status CheckLinesStay(const Order& before, const Order& after);

// Folds a review.* event that has a payload.
void TakeReview(const EventPtr& event, ReviewState& review);

// Says beside a held order who has claimed it.
void SetClaim(Held& held, const ReviewState& review);

// Whose turn a held order is: when it should have been looked at or ends by itself, whatever is
// sooner, and for each doubling of what is likely lost an hour sooner. Likely lost is its amount
// times its score, a hold that no score made counting as 50 of 100. So the dearer and the more
// doubtful comes first, and nothing waits forever.
EventTime RankOf(const Held& held, const std::optional<EventTime>& deadline, Currency base);

}  // namespace holdfast
