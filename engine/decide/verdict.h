// Verdict: what people decided of an order, as far as it counts now.
//
// A release is for the reasons that whoever gave it saw: a rule that comes to hold the order later
// still holds it. Below an administrator nobody releases what is hard: uncertain money, a rule
// marked hard, a rejection, a parcel that was packed wrongly. An amendment, money that became less
// certain, another payer, a refund or a dispute ends a release.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/features/facts.h"
#include "engine/packs/pack.h"
#include "engine/store/order_state.h"

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

  bool Covers(std::string_view rule, bool hard) const;
  bool CoversFunds(FundsCertainty certainty) const;
  bool CoversScore(int score) const;
};

Verdict VerdictOf(const OrderState& state, const Pack& pack);

// The total of an order in minor units of the pack's base currency; nothing where there is no rate.
std::optional<std::int64_t> BaseTotal(const OrderState& state, const Pack& pack);

// Must a second person approve this release of the order?
bool NeedsSecond(const OrderState& state, const Event& release, const Pack& pack);

// "ana: known_buyer, called back": who, why, and the note.
std::string WhoAndWhy(const Event& review);

// Does an event, folded just now, end a release? `before` and `after` are what was and is known of
// the money, `paid_before` the payment that counted.
bool EndsRelease(const Event& event, FundsCertainty before, FundsCertainty after,
                 const Payment* paid_before, const Payment* paid_after);

}  // namespace holdfast
