#include "engine/orders/answers.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/orders/order_queries.h"
#include "engine/signals/emails.h"

namespace holdfast {
namespace {

// True for a yes that a reviewer recorded.
bool IsRecordedYes(const Event& event) {
  return event.confirmation->role == ReviewRole::kReview && SaysYes(*event.confirmation);
}

bool IsSamePerson(const Event& a, const Event& b) {
  const auto name = [](const Event& event) { return ToLowerAscii(Trim(event.confirmation->by)); };
  return name(a) == name(b);
}

bool IsValid(const OrderState& state, const Event& event) {
  const Payment* payment = PaymentIn(state.payment.get());
  if (!SaysYes(*event.confirmation) || payment == nullptr) return false;
  // A confirmation covers the order as it was then, not later amendments.
  if (state.order->type == EventType::kOrderAmended &&
      event.occurred_at < state.order->occurred_at) {
    return false;
  }
  // A sender with several addresses is not accepted: "A <a@x>, B <b@y>" is not B.
  const std::string_view from = event.confirmation->from;
  const bool one =
      std::count(from.begin(), from.end(), '@') == 1 && from.find_first_of(",;") == from.npos &&
      std::count(from.begin(), from.end(), '<') == std::count(from.begin(), from.end(), '>') &&
      std::count(from.begin(), from.end(), '<') <= 1;
  return one && !payment->payer.email.empty() &&
         CanonicalEmail(from) == CanonicalEmail(payment->payer.email);
}

// True when the total is above the limit from which two persons are needed, or not known.
bool IsLarge(const OrderState& state, const FundsTerms& terms, const AmountScale& amounts) {
  if (!terms.second_above) return false;
  const Order& order = *state.order->order;
  const auto units = amounts.ToBase(*order.total, *order.currency, *state.placed_at);
  const auto total = units ? FromUnits(*units, amounts.base()) : std::nullopt;
  return !total || *total > *terms.second_above;
}

}  // namespace

bool SaysYes(const Confirmation& answer) {
  return answer.confirmed.value_or(answer.agreed.value_or(true));
}

void KeepAnswer(const EventPtr& event, OrderState& state) {
  HOLDFAST_CHECK(event->confirmation != nullptr);
  const std::string request(event->confirmation->request);
  EventPtr& last = state.answers[request];
  // A buyer's no is not outlived by a yes that a reviewer has recorded, whatever their times.
  const bool denies = last != nullptr && IsRecordedYes(*last) &&
                      event->confirmation->role != ReviewRole::kReview &&
                      !SaysYes(*event->confirmation);
  if (last != nullptr && !denies &&
      std::tie(event->occurred_at, event->id) <= std::tie(last->occurred_at, last->id)) {
    return;
  }
  const EventPtr before = last;
  last = event;
  const bool both = before != nullptr && IsRecordedYes(*before) && IsRecordedYes(*event);
  if (both && IsSamePerson(*before, *event)) return;
  const auto asked = state.review.asked.find(request);
  const bool old =
      both && asked != state.review.asked.end() && before->occurred_at < asked->second->occurred_at;
  if (both && !old) {
    state.first_records[request] = before;
  } else {
    state.first_records.erase(request);
  }
}

AnswerStanding StandingOf(const OrderState& state, std::string_view request,
                          const FundsTerms& terms, const AmountScale& amounts) {
  const auto found = state.answers.find(std::string(request));
  if (found == state.answers.end() || state.order == nullptr) return AnswerStanding::kNone;
  const Event& event = *found->second;
  if (!IsValid(state, event)) return AnswerStanding::kInvalid;
  if (!IsRecordedYes(event) || !IsLarge(state, terms, amounts)) return AnswerStanding::kConfirmed;
  const auto first = state.first_records.find(std::string(request));
  const bool seconded = first != state.first_records.end() && IsValid(state, *first->second) &&
                        !IsSamePerson(*first->second, event);
  return seconded ? AnswerStanding::kConfirmed : AnswerStanding::kNeedsSecond;
}

}  // namespace holdfast
