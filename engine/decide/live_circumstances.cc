#include "engine/decide/live_circumstances.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "engine/base/text.h"
#include "engine/decide/deadline.h"
#include "engine/decide/packing.h"
#include "engine/decide/question_holds.h"

namespace holdfast {

EventTime DeadlineFrom(const OrderState& state) {
  EventTime from = *state.placed_at;
  if (state.order->type == EventType::kOrderAmended) {
    from = std::max(from, state.order->occurred_at);
  }
  // certain_at is the first such report; repeated reports do not move it.
  if (state.certain_at) from = std::max(from, *state.certain_at);
  return from;
}

bool HasCome(const FactContext& context, const Store& store, std::int64_t span) {
  const Event& event = *context.state->order;
  const EventTime due = Later(DeadlineFrom(*context.state), span);
  return context.now >= due && HasCome(store, event.merchant, event.order_id, due);
}

EventTime LiveCircumstances::ReviewBy(Cause cause) const {
  const EventTime fresh = Later(context_.now, pack_.review_within);
  if (cause != Cause::kFunds) return std::min(state_.review_due.value_or(fresh), fresh);
  const auto before = store_.HeldOf(context_.order->merchant, context_.order->id);
  return before && before->cause == cause ? std::min(before->review_by, fresh) : fresh;
}

std::vector<EngineHold> LiveCircumstances::PackingAndQuestionHolds(bool evidence) const {
  std::vector<EngineHold> own;
  const auto hold = [&own](Cause cause, std::string_view rule, std::string cover, std::string code,
                           std::string text, ReleasePaths ways) {
    own.push_back({cause,
                   std::move(cover),
                   {std::string(rule), Effect::kHold, 0, std::move(code), std::move(text), ""},
                   std::move(ways)});
  };
  for (const ParcelCheck& parcel : CheckParcels(*context_.order, state_)) {
    const std::string name = parcel.parcel.empty() ? "The parcel" : "Parcel " + parcel.parcel;
    if (!parcel.differences.empty()) {
      std::string text = name + (parcel.packed ? " is not what was ordered: " : " has left, but ");
      for (std::size_t i = 0; i < parcel.differences.size(); ++i) {
        text += (i > 0 ? "; " : "") + parcel.differences[i];
      }
      hold(Cause::kPacking, kPackingReason, std::string(kPackingReason), "PACKING_DIFFERS",
           std::move(text), {{"packed as ordered"}});
    }
    if (evidence && !parcel.shown) {
      hold(Cause::kPacking, kPackingReason, std::string(kPackingReason), "PACKING_NOT_SHOWN",
           name + (parcel.packed ? " was packed" : " has left") +
               " without evidence of its packing, which this order needs",
           {{"packed with evidence"}});
    }
  }
  auto questions = QuestionHolds(state_, pack_);
  std::move(questions.begin(), questions.end(), std::back_inserter(own));
  return own;
}

std::vector<EngineHold> LiveCircumstances::ReviewerHolds() const {
  std::vector<EngineHold> own;
  const auto hold = [&own](std::string code, std::string text, ReleasePaths ways) {
    own.push_back(
        {Cause::kReview,
         std::string(kReviewReason),
         {std::string(kReviewReason), Effect::kHold, 0, std::move(code), std::move(text), ""},
         std::move(ways)});
  };
  if (verdict_.held != nullptr) {
    hold("REVIEW_HELD", "Held by " + WhoAndWhy(*verdict_.held), {{kByReview}});
  }
  if (verdict_.waiting != nullptr) {
    const auto total = BaseTotal(state_, pack_);
    const Currency base = pack_.amounts->base();
    const auto& limit = pack_.review.SecondPersonAbove(verdict_.waiting->review->role);
    hold("SECOND_PERSON",
         "Released by " + WhoAndWhy(*verdict_.waiting) + "; a second person must approve " +
             (total ? GroupedAmount(FormatMinor(*total, base)) + " " + std::string(base.code())
                    : std::string("an amount that is not known in base currency")) +
             ", above " + GroupedAmount(FormatMinor(limit.value_or(0), base)),
         {{"approved by a second person"}});
  }
  return own;
}

bool LiveCircumstances::LacksEvidence() const {
  return !ParcelsNotShown(*context_.order, state_).empty();
}

}  // namespace holdfast
