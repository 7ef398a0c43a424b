// The buyer's answers to requests, as sent by the shop's mail system or recorded by people. Pure
// functions; any thread.
//
// Above FundsTerms::second_above (minor units of the base currency), an answer that a reviewer
// recorded counts only when a second reviewer has recorded the same.
#pragma once

#include <string_view>

#include "engine/funds/terms.h"
#include "engine/orders/order_state.h"
#include "engine/signals/amounts.h"

namespace holdfast {

// Does the buyer's answer say yes? An answer without `confirmed` is of an older log, where it meant
// yes unless `agreed` was false.
bool SaysYes(const Confirmation& answer);

// Keeps the answer in `state` when it is the latest to its request. REQUIRES: it has a
// confirmation.
void KeepAnswer(const EventPtr& event, OrderState& state);

// kInvalid: refused, not from the mailbox of the payment account, or from before the order's last
// amendment. kNeedsSecond: valid, but a second reviewer must record it too.
enum class AnswerStanding : std::uint8_t { kNone, kInvalid, kNeedsSecond, kConfirmed };

// The standing of the last answer to `request`.
AnswerStanding StandingOf(const OrderState& state, std::string_view request,
                          const FundsTerms& terms, const AmountScale& amounts);

inline bool IsConfirmed(const OrderState& state, std::string_view request, const FundsTerms& terms,
                        const AmountScale& amounts) {
  return StandingOf(state, request, terms, amounts) == AnswerStanding::kConfirmed;
}

}  // namespace holdfast
