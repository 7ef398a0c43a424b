// Reviews: checks and applies review.* events, which are the actions of people on held orders.
#pragma once

#include <span>
#include <string_view>

#include "engine/orders/order_state.h"
#include "engine/packs/pack.h"
#include "engine/store/store.h"

namespace holdfast {

// The longest lease of a claim.
constexpr std::int64_t kClaimMost = 8 * 3600 * kNanosPerSecond;

// Checks whether a review.* event may be applied to the order. REQUIRES: the order is known.
// Errors: kInvalidInput when it is incomplete; kConflict when another person has claimed the order,
// or the state of the order does not allow it; kForbidden when the reviewer's role does not allow
// it; kLimitExceeded.
Status CheckReview(const Event& event, const OrderState& state, const Pack& pack);

// Who may release an order.
struct ReleaseTerms {
  ReviewRole role = ReviewRole::kAdmin;  // the least role that may
  bool second_person = false;            // a second person must approve it
};

// Who may release the order from the reasons `rules` that hold it. REQUIRES: the order is known.
ReleaseTerms TermsOfRelease(const OrderState& state, const Pack& pack,
                            std::span<const std::string_view> rules);

// Checks an amendment by a reviewer. REQUIRES: the order is known. Errors: kForbidden when it
// changes more than the shipping party and the parcels; kConflict when a parcel has left.
Status CheckReviewersAmendment(const OrderState& state, const Order& after);

// Applies a review.* event to `review`. REQUIRES: it has a payload.
void ApplyReview(const EventPtr& event, ReviewState& review);

// Copies who works on the order (claim, assignment, escalation) from `review` to `held`.
void SetWorkers(Held& held, const ReviewState& review);

// The rank of a held order in the review queue; the earliest is first. It is review_by or the
// deadline, whichever is earlier, less one hour for each doubling of the likely loss. The likely
// loss is the amount in units of `base`, times the score in percent; a score below 50 counts as 50.
// An unknown amount takes 10 hours off. So large and doubtful orders come first, and no order waits
// forever.
EventTime RankOf(const Held& held, const std::optional<EventTime>& deadline, Currency base);

}  // namespace holdfast
