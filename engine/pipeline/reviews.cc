#include "engine/pipeline/reviews.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/decide/amendment.h"
#include "engine/decide/reviewer_verdict.h"
#include "engine/model/names.h"

namespace holdfast {
namespace {

bool Decides(EventType type) {
  return type == EventType::kReviewReleased || type == EventType::kReviewRejected ||
         type == EventType::kReviewHeld || type == EventType::kReviewApproved ||
         type == EventType::kReviewUndone;
}

bool IsInForce(const Event* claim, EventTime now) {
  return claim != nullptr && *claim->review->until > now;
}

Status CheckReason(const Event& event, const Pack& pack) {
  const std::vector<std::string>& codes =
      event.type == EventType::kReviewReleased   ? pack.review.release_reasons
      : event.type == EventType::kReviewRejected ? pack.review.reject_reasons
                                                 : pack.review.hold_reasons;
  const std::string_view reason = event.review->reason;
  if (std::find(codes.begin(), codes.end(), reason) != codes.end()) return {};
  return Fail(ErrorCode::kInvalidInput, "review.reason",
              (reason.empty() ? std::string("is missing")
                              : "'" + std::string(reason) + "' is no reason for this") +
                  "; it is " + OrList({codes.begin(), codes.end()}, 20));
}

// Only an administrator can end a rejection or an administrator's hold.
Status CheckAbove(const OrderState& state) {
  const EventPtr& before = state.review.verdict;
  if (before == nullptr) return {};
  const bool rejected = before->type == EventType::kReviewRejected;
  const bool held_above =
      before->type == EventType::kReviewHeld && before->review->role == ReviewRole::kAdmin;
  if (!rejected && !held_above) return {};
  return Fail(ErrorCode::kForbidden, {},
              std::string(before->review->by) + (rejected ? " has rejected" : " holds") +
                  " the order: only an administrator can end that");
}

// Checks a release, including what only an administrator may release.
Status CheckRelease(const Event& event, const OrderState& state, const Pack& pack) {
  const Review& review = *event.review;
  if (state.outcome == Outcome::kShip) {
    return Fail(ErrorCode::kConflict, {}, "the order is not held: there is nothing to release");
  }
  if (review.rules.empty()) {
    return Fail(ErrorCode::kInvalidInput, "review.rules",
                "is missing; name the reasons that the release is for");
  }
  if (review.role == ReviewRole::kAdmin) return {};
  if (Status above = CheckAbove(state); !above) return above;
  if (state.outcome == Outcome::kReject) {
    return Fail(ErrorCode::kForbidden, {},
                "the order is rejected: only an administrator can release it");
  }
  if (IsReleased(state.review) && NeedsSecond(state, *state.review.verdict, pack) &&
      state.review.approval == nullptr && state.review.verdict->review->by != review.by) {
    return Fail(ErrorCode::kConflict, {},
                std::string(state.review.verdict->review->by) +
                    " has released the order already, and a second person must approve that: "
                    "`holdfast approve`");
  }
  const FundsCertainty funds = CertaintyOf(state);
  if (!pack.ship_when[static_cast<std::size_t>(funds)]) {
    return Fail(ErrorCode::kForbidden, {},
                "the money is not certain (" + std::string(NameOf(funds)) +
                    "): only an administrator can release this; wait for the payment");
  }
  for (const std::string_view id : review.rules) {
    if (id == kPackingReason) {
      return Fail(ErrorCode::kForbidden, {},
                  "the parcel is not packed as ordered: have it packed again; only an "
                  "administrator can release this");
    }
    const auto rule = std::find_if(pack.rules.begin(), pack.rules.end(),
                                   [&](const Rule& r) { return r.id == id; });
    if (rule == pack.rules.end() || rule->effect == Effect::kPoints) continue;
    if (rule->hard || rule->effect == Effect::kReject) {
      return Fail(ErrorCode::kForbidden, {},
                  "rule '" + rule->id + (rule->hard ? "' is hard" : "' rejects") +
                      ": only an administrator can release this");
    }
  }
  return {};
}

std::size_t TagsAfter(const ReviewState& state, const Review& review) {
  auto tags = state.tags;
  for (const std::string_view tag : review.untag) tags.erase(std::string(tag));
  for (const std::string_view tag : review.tags) tags.emplace(tag);
  return tags.size();
}

Status CheckApproval(const Event& event, const OrderState& state, const Pack& pack) {
  const Verdict verdict = VerdictOf(state, pack, nullptr);
  if (verdict.waiting == nullptr) {
    return Fail(ErrorCode::kConflict, {}, "no release of this order waits for a second person");
  }
  if (verdict.waiting->review->by == event.review->by) {
    return Fail(ErrorCode::kForbidden, {},
                "you released it yourself; a second person must approve that");
  }
  return {};
}

// Checks a record that money has arrived (review.paid).
Status CheckPaid(const Review& review, const OrderState& state) {
  const auto missing = [](const char* field, const char* what) {
    return Fail(ErrorCode::kInvalidInput, std::string("review.") + field,
                std::string("is missing; it says ") + what);
  };
  if (review.reference.empty()) return missing("reference", "where the money is found again");
  if (review.reason.empty()) return missing("reason", "how you know");
  if (!review.amount || !review.currency) {
    return missing("amount",
                   "how much has come (0: what you recorded is withdrawn), with "
                   "review.currency");
  }
  if (state.cancelled) return Fail(ErrorCode::kConflict, {}, "the order was cancelled");
  return {};
}

// Checks that rules alone may decide the order again.
Status CheckOpen(const OrderState& state) {
  // The parcel may have left, or the buyer may know that nothing will come.
  if (state.outcome != Outcome::kHold || state.cancelled || !state.dispatched.empty()) {
    return Fail(ErrorCode::kConflict, {}, "the order is not held, so it is not decided again");
  }
  // The money must be certain, even if the pack ships with less. That setting is not a decision by
  // the seller about this order.
  const FundsCertainty funds = CertaintyOf(state);
  if (funds != FundsCertainty::kCertain) {
    return Fail(ErrorCode::kConflict, {},
                "the money is not certain (" + std::string(NameOf(funds)) +
                    "): the order is decided again when that changes");
  }
  return {};
}

Status CheckTags(const Review& review, const OrderState& state) {
  if (review.tags.empty() && review.untag.empty()) {
    return Fail(ErrorCode::kInvalidInput, "review.tags", "is missing");
  }
  if (TagsAfter(state.review, review) > ReviewState::kMaxTags) {
    return Fail(ErrorCode::kLimitExceeded, "review.tags",
                "more than " + std::to_string(ReviewState::kMaxTags) + " tags");
  }
  return {};
}

// The requests that can be made of buyers: those of every pack, and those of its rules.
std::vector<std::string_view> RequestsOf(const Pack& pack) {
  std::vector<std::string_view> all = {"confirm_from_account_email", "correct_address",
                                       "send_documents"};
  for (const Rule& rule : pack.rules) {
    if (rule.ask.empty() || std::find(all.begin(), all.end(), rule.ask) != all.end()) continue;
    all.emplace_back(rule.ask);
  }
  return all;
}

Status CheckQuestion(const Review& review, const OrderState& state, const Pack& pack) {
  if (state.outcome == Outcome::kReject || state.cancelled) {
    return Fail(ErrorCode::kConflict, {},
                std::string("the order was ") + (state.cancelled ? "cancelled" : "rejected") +
                    ": no answer could change that");
  }
  if (state.outcome == Outcome::kShip) {
    return Fail(ErrorCode::kConflict, {},
                "the order is to be shipped; hold it first if the buyer is to be asked");
  }
  if (review.request.empty()) {
    return Fail(ErrorCode::kInvalidInput, "review.request",
                "is missing; it says what the buyer is asked for");
  }
  const std::vector<std::string_view> requests = RequestsOf(pack);
  if (std::find(requests.begin(), requests.end(), review.request) == requests.end()) {
    return Fail(ErrorCode::kInvalidInput, "review.request",
                "'" + std::string(review.request) + "' is asked by no rule of the pack; it is " +
                    OrList({requests.begin(), requests.end()}, 20));
  }
  if (const Payment* payment = PaymentIn(state.payment.get());
      payment == nullptr || review.to != payment->payer.email) {
    return Fail(ErrorCode::kInvalidInput, "review.to",
                "must be the mailbox of the payment account" +
                    (payment == nullptr || payment->payer.email.empty()
                         ? std::string(", which is not known")
                         : ", " + std::string(payment->payer.email)));
  }
  if (state.review.asked.size() >= ReviewState::kMaxQuestions &&
      !state.review.asked.contains(std::string(review.request))) {
    return Fail(ErrorCode::kLimitExceeded, "review.request",
                "more than " + std::to_string(ReviewState::kMaxQuestions) + " questions");
  }
  return {};
}

Status CheckHold(const Event& event, const OrderState& state, const Pack& pack) {
  const Review& review = *event.review;
  if (review.until && *review.until <= event.occurred_at) {
    return Fail(ErrorCode::kInvalidInput, "review.until", "has passed already");
  }
  if (review.role != ReviewRole::kAdmin) {
    if (Status above = CheckAbove(state); !above) return above;
  }
  return CheckReason(event, pack);
}

// Checks that an administrator ends the claim of the person that the event names.
Status CheckBreak(const Event& event, const OrderState& state) {
  const Review& review = *event.review;
  if (review.role != ReviewRole::kAdmin) {
    return Fail(ErrorCode::kForbidden, "review.person",
                "ends the claim of another person, which only an administrator may");
  }
  const Event* claim = state.review.claim.get();
  if (IsInForce(claim, event.occurred_at) && claim->review->by == review.person) return {};
  return Fail(ErrorCode::kConflict, "review.person",
              std::string(review.person) + " has no claim of the order");
}

Status CheckClaim(const Event& event, const OrderState& state) {
  const Review& review = *event.review;
  if (!review.person.empty()) return CheckBreak(event, state);
  if (!review.until) {
    return Fail(ErrorCode::kInvalidInput, "review.until",
                "is missing; it says how long the claim lasts");
  }
  if (review.until->nanos - event.occurred_at.nanos > kClaimMost) {
    return Fail(ErrorCode::kLimitExceeded, "review.until", "is more than 8 hours ahead");
  }
  return {};
}

// Checks that the last decision is a rejection that this person may take back.
Status CheckUndo(const Event& event, const OrderState& state) {
  const auto conflict = [](std::string why) {
    return Fail(ErrorCode::kConflict, {}, std::move(why));
  };
  const EventPtr& last = state.review.verdict;
  if (last == nullptr || last->type != EventType::kReviewRejected) {
    return conflict("the last decision of a person is no rejection: there is nothing to undo");
  }
  if (!state.dispatched.empty()) return conflict("the order was dispatched");
  const Review& review = *event.review;
  if (review.role == ReviewRole::kAdmin) return {};
  if (last->review->by != review.by || last->review->role == ReviewRole::kAdmin) {
    return Fail(ErrorCode::kForbidden, {},
                std::string(last->review->by) +
                    " has rejected the order: only that person or an administrator can undo that");
  }
  if (const EventPtr& other = state.review.others_act; other != nullptr) {
    return conflict(std::string(other->review->by) + " has worked on the order since (" +
                    std::string(NameOf(other->type)) +
                    "): only an administrator can undo the rejection");
  }
  return {};
}

Status CheckNote(const Review& review) {
  if (!review.note.empty()) return {};
  return Fail(ErrorCode::kInvalidInput, "review.note", "is missing");
}

}  // namespace

Status CheckReview(const Event& event, const OrderState& state, const Pack& pack) {
  HOLDFAST_CHECK(state.order != nullptr);
  if (event.review == nullptr) {
    return Fail(ErrorCode::kInvalidInput, "review", "is missing; it says who did this and why");
  }
  const Review& review = *event.review;
  if (review.by.empty()) {
    return Fail(ErrorCode::kInvalidInput, "review.by", "is missing; it says who did this");
  }
  const Event* claim = state.review.claim.get();
  const bool anothers = IsInForce(claim, event.occurred_at) && claim->review->by != review.by;
  const bool breaks = event.type == EventType::kReviewClaimed && !review.person.empty();
  if (anothers && !breaks &&
      (Decides(event.type) || event.type == EventType::kReviewClaimed ||
       event.type == EventType::kReviewRescored)) {
    return Fail(ErrorCode::kConflict, {},
                std::string(claim->review->by) + " has claimed the order until " +
                    FormatRfc3339(*claim->review->until));
  }
  if (Decides(event.type) && state.cancelled) {
    return Fail(ErrorCode::kConflict, {}, "the order was cancelled");
  }
  switch (event.type) {
    case EventType::kReviewClaimed:
      return CheckClaim(event, state);
    case EventType::kReviewReleased:
      if (Status checked = CheckReason(event, pack); !checked) return checked;
      return CheckRelease(event, state, pack);
    case EventType::kReviewHeld:
      return CheckHold(event, state, pack);
    case EventType::kReviewRejected:
      return CheckReason(event, pack);
    case EventType::kReviewApproved:
      return CheckApproval(event, state, pack);
    case EventType::kReviewRescored:
      if (review.reason != pack.hash) {
        return Fail(ErrorCode::kConflict, "review.reason",
                    "must be the hash of the active pack, " + pack.hash);
      }
      return CheckOpen(state);
    case EventType::kReviewAsked:
      return CheckQuestion(review, state, pack);
    case EventType::kReviewPaid:
      return CheckPaid(review, state);
    case EventType::kReviewUndone:
      return CheckUndo(event, state);
    case EventType::kReviewNoted:
    case EventType::kReviewEscalated:
      return CheckNote(review);
    case EventType::kReviewTagged:
      return CheckTags(review, state);
    default:
      return {};
  }
}

ReleaseTerms TermsOfRelease(const OrderState& state, const Pack& pack,
                            std::span<const std::string_view> rules) {
  HOLDFAST_CHECK(state.order != nullptr);
  Review review;
  review.role = ReviewRole::kReview;
  review.rules = rules;
  Event event;
  event.type = EventType::kReviewReleased;
  event.review = &review;
  if (!CheckRelease(event, state, pack)) review.role = ReviewRole::kAdmin;
  return {review.role, NeedsSecond(state, event, pack)};
}

Status CheckReviewersAmendment(const OrderState& state, const Order& after) {
  HOLDFAST_CHECK(state.order != nullptr);
  if (!state.dispatched.empty()) {
    return Fail(ErrorCode::kConflict, {},
                "a parcel of the order has left; an administrator or the shop amends it");
  }
  if (HasSameLines(*state.order->order, after)) return {};
  return Fail(ErrorCode::kForbidden, "order",
              "only where the order goes and its parcels may be changed with this key; amounts, "
              "lines and the buyer an administrator changes, or the shop");
}

namespace {

// Sets the verdict. `review.below` keeps the hold or rejection that a rejection replaces, so that
// undoing it does not release the order.
void SetVerdict(const EventPtr& event, ReviewState& review) {
  const EventPtr before = review.verdict;
  const bool closes = before != nullptr && before->type != EventType::kReviewReleased;
  const bool own_again = closes && before->type == EventType::kReviewRejected &&
                         before->review->by == event->review->by &&
                         before->review->role == event->review->role;
  if (event->type != EventType::kReviewRejected) {
    review.below = nullptr;
  } else if (!own_again) {
    review.below = closes ? before : nullptr;
  }
  // A repeated rejection keeps the record of what another person has done since.
  if (!own_again) review.others_act = nullptr;
  review.verdict = event;
  review.voided_by = review.approval = review.claim = nullptr;
  review.covers.clear();
}

void Undo(const EventPtr& event, ReviewState& review) {
  review.verdict = review.below;
  const bool others = review.verdict != nullptr && review.verdict->review->by != event->review->by;
  review.others_act = others ? event : nullptr;
  review.below = review.voided_by = review.approval = review.claim = nullptr;
  review.covers.clear();
}

// An escalation ends when the order is released, or an administrator acts on it. A reviewer's
// rejection may be undone.
bool EndsEscalation(const Event& event) {
  const bool is_admin = event.review->role == ReviewRole::kAdmin;
  return event.type == EventType::kReviewReleased ||
         (is_admin && (Decides(event.type) || event.type == EventType::kReviewAssigned));
}

}  // namespace

void ApplyReview(const EventPtr& event, ReviewState& review) {
  HOLDFAST_CHECK(event->review != nullptr);
  const Review& said = *event->review;
  if (review.verdict != nullptr && review.verdict->review->by != said.by) {
    review.others_act = event;
  }
  if (EndsEscalation(*event)) review.escalated = nullptr;
  switch (event->type) {
    case EventType::kReviewClaimed: {
      const bool claims = said.person.empty() && said.until && *said.until > event->occurred_at;
      review.claim = claims ? event : nullptr;
      return;
    }
    case EventType::kReviewReleased:
    case EventType::kReviewRejected:
    case EventType::kReviewHeld:
      return SetVerdict(event, review);
    case EventType::kReviewUndone:
      return Undo(event, review);
    case EventType::kReviewAssigned:
      review.assigned = said.person.empty() ? nullptr : event;
      return;
    case EventType::kReviewEscalated:
      review.escalated = event;
      return;
    case EventType::kReviewApproved:
      review.approval = event;
      review.claim = nullptr;
      return;
    case EventType::kReviewAsked:
      // An imported log may contain events that were never checked.
      if (said.request.empty()) return;
      review.asked[std::string(said.request)] = event;
      // The release covered the earlier question.
      std::erase(review.covers, AskedCover(said.request));
      return;
    case EventType::kReviewTagged:
      for (const std::string_view tag : said.untag) review.tags.erase(std::string(tag));
      for (const std::string_view tag : said.tags) review.tags.emplace(tag);
      return;
    default:
      return;
  }
}

void SetWorkers(Held& held, const ReviewState& review) {
  const bool claimed = review.claim != nullptr;
  held.claimed_by = claimed ? review.claim->review->by : std::string_view();
  held.claimed_until = claimed ? *review.claim->review->until : EventTime{};
  held.assigned_to =
      review.assigned != nullptr ? review.assigned->review->person : std::string_view();
  held.escalated = review.escalated != nullptr;
}

EventTime RankOf(const Held& held, const std::optional<EventTime>& deadline, Currency base) {
  constexpr int kUnscored = 50;
  constexpr std::int64_t kHour = 3600 * kNanosPerSecond;
  // Used for an amount without an exchange rate, which may be any amount.
  constexpr int kUnknownHours = 10;
  EventTime due = held.review_by;
  if (deadline) due = std::min(due, *deadline);
  int hours = kUnknownHours;
  if (held.amount) {
    std::int64_t units = std::max<std::int64_t>(*held.amount, 0);
    for (int i = 0; i < base.exponent(); ++i) units /= 10;
    // Prevents overflow of the product.
    constexpr std::int64_t kMost = std::int64_t{1} << 50;
    const std::int64_t loss = std::min(units, kMost) * std::max(held.score, kUnscored) / 100;
    hours = std::bit_width(static_cast<std::uint64_t>(loss));
  }
  const bool far = due.nanos < std::numeric_limits<std::int64_t>::min() + hours * kHour;
  return far ? due : EventTime{due.nanos - hours * kHour};
}

}  // namespace holdfast
