// Verdict: the decision of reviewers about an order that is in force now.
//
// A release *covers* reasons: those that its author saw and that held the order then. A reason that
// comes up later still holds the order. Only an administrator can release hard reasons: uncertain
// money, a rule marked hard, a rejection, a wrongly packed parcel. A release ends with an
// amendment of more than the parcels, a refund, a dispute, another payment, or a worse state of the
// same payment. A release that covers the packing also ends when the parcel is packed again.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/features/facts.h"
#include "engine/orders/order_state.h"
#include "engine/packs/pack.h"

namespace holdfast {

// The engine's own reasons. No rule of a pack may have these ids.
inline constexpr std::string_view kFundsReason = "funds";
inline constexpr std::string_view kThresholdReason = "threshold";
inline constexpr std::string_view kReviewReason = "review";
inline constexpr std::string_view kPackingReason = "packing";
inline constexpr std::string_view kAskedReason = "asked";
inline constexpr std::string_view kCancelledReason = "cancelled";

struct Verdict {
  const Event* rejected = nullptr;
  const Event* held = nullptr;
  const Event* released = nullptr;  // a release in force
  const Event* waiting = nullptr;   // a release that a second person must approve
  const Event* ended = nullptr;     // a release that ReviewState::voided_by has ended

  // True when the release in force covers the reason `what`: the id of a rule, "RULE?" for a rule
  // that lacked a fact, or "asked:REQUEST" for a question to the buyer. While the release event
  // itself is applied, it covers the reasons that it names; after that, those that its decision
  // recorded (ReviewState::covers). A `hard` reason is covered only by an administrator's release.
  bool Covers(std::string_view what, bool hard) const;
  bool CoversFunds(FundsCertainty certainty) const;
  // `sum`: the points of all rules, not clamped; `scored_by`: the rules that gave them. A release
  // that names the points rules which its author saw covers them, and those rules about other
  // buyers (Rule::about_others) that later orders of others made match. One that names none covers
  // the score that it gives.
  using Scoring = std::vector<const Rule*>;
  bool CoversScore(int sum, const Scoring& scored_by) const;
  // The same for a release that still needs approval.
  bool WillCover(std::string_view what, bool hard) const;
  bool WillCoverFunds(FundsCertainty certainty) const;
  bool WillCoverScore(int sum, const Scoring& scored_by) const;

  const OrderState* state = nullptr;
  bool fresh = false;  // the event being applied is the verdict itself

  // The rules of `scored_by` that give points and that the release does not name; all of them when
  // it names no points rule.
  static Scoring NewSince(const Event& release, const Scoring& scored_by);

 private:
  static bool CoversPoints(const Event& release, std::int64_t seen, int sum,
                           const Scoring& scored_by);
  bool Names(const Event& release, std::string_view what, bool hard) const;
};

// `now`: the event being applied, or null.
Verdict VerdictOf(const OrderState& state, const Pack& pack, const Event* now);

// The names, for Covers, of a rule that could not be evaluated and of a question to the buyer.
std::string MissingCover(std::string_view rule);
std::string AskedCover(std::string_view request);

// The total of an order in minor units of the pack's base currency; nothing where there is no rate.
std::optional<std::int64_t> BaseTotal(const OrderState& state, const Pack& pack);

// True when a second person must approve this release.
bool NeedsSecond(const OrderState& state, const Event& release, const Pack& pack);

// "ana: known_buyer, called back": who, why, and the note.
std::string WhoAndWhy(const Event& review);

// True when the last verdict is a release and has not ended.
bool IsReleased(const ReviewState& review);

// True when an event that was just applied to `state` ends a release. `before`, `paid_before` and
// `order_before`: the funds certainty, the main payment and the order before the event.
bool EndsRelease(const Event& event, const OrderState& state, FundsCertainty before,
                 const Payment* paid_before, const Order* order_before);

}  // namespace holdfast
