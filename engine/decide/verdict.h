// Verdict: what people decided about an order, as far as it is in force now.
//
// A release is for the reasons that its author saw, and that held the order when it was given:
// what comes to hold it later still holds it. A reason that a release is for is *covered* by it.
// Only an administrator can release what is hard: uncertain money, a rule marked hard, a rejection,
// a parcel that was packed wrongly. A release ends with an amendment, a refund, a dispute, another
// payment, or worse news of the same one; and where it covers the packing, when the parcel is
// packed again.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/features/facts.h"
#include "engine/orders/order_state.h"
#include "engine/packs/pack.h"

namespace holdfast {

// The engine's own reasons, which no rule of a pack is called.
inline constexpr std::string_view kFundsReason = "funds";
inline constexpr std::string_view kThresholdReason = "threshold";
inline constexpr std::string_view kReviewReason = "review";
inline constexpr std::string_view kPackingReason = "packing";
inline constexpr std::string_view kAskedReason = "asked";
inline constexpr std::string_view kCancelledReason = "cancelled";

struct Verdict {
  const Event* rejected = nullptr;
  const Event* held = nullptr;
  const Event* released = nullptr;  // and counts
  const Event* waiting = nullptr;   // a release that a second person must approve
  const Event* ended = nullptr;     // a release that counts no longer; OrderState says by what

  // Does the release in force cover the reason? When the release itself is decided, it covers what
  // its event names; later, what that decision found it to cover. `what` is the id of a rule,
  // "RULE?" for a rule that lacked a fact, or "asked:REQUEST" for a question to the buyer.
  bool Covers(std::string_view what, bool hard) const;
  bool CoversFunds(FundsCertainty certainty) const;
  bool CoversScore(int score) const;
  // Would a release that still needs approval cover it?
  bool WillCover(std::string_view what, bool hard) const;
  bool WillCoverFunds(FundsCertainty certainty) const;
  bool WillCoverScore(int score) const;

  const OrderState* state = nullptr;
  bool fresh = false;  // the event that is decided upon is the release

 private:
  bool Names(const Event& release, std::string_view what, bool hard) const;
};

// `now`: the event that is decided upon.
Verdict VerdictOf(const OrderState& state, const Pack& pack, const Event* now);

// What a rule that could not be judged, and a question, are covered as.
std::string MissingCover(std::string_view rule);
std::string AskedCover(std::string_view request);

// The total of an order in minor units of the pack's base currency; nothing where there is no rate.
std::optional<std::int64_t> BaseTotal(const OrderState& state, const Pack& pack);

// Must a second person approve this release of the order?
bool NeedsSecond(const OrderState& state, const Event& release, const Pack& pack);

// "ana: known_buyer, called back": who, why, and the note.
std::string WhoAndWhy(const Event& review);

// Is there a release that has not ended?
bool IsReleased(const ReviewState& review);

// Does an event that `state` has folded just now end a release? `before` is what was known of the
// money, `paid_before` the payment that counted.
bool EndsRelease(const Event& event, const OrderState& state, FundsCertainty before,
                 const Payment* paid_before);

}  // namespace holdfast
