// LiveCircumstances: the circumstances of an order, read from its current state. Threads: one, the
// decider's.
#pragma once

#include <vector>

#include "engine/decide/combine_results.h"
#include "engine/features/facts.h"
#include "engine/orders/answers.h"
#include "engine/orders/order_state.h"
#include "engine/packs/pack.h"
#include "engine/store/store.h"

namespace holdfast {

// The time from which a hold's deadline counts: the latest of placed_at, the last amendment, and
// the time at which the money first became certain.
EventTime DeadlineFrom(const OrderState& state);

// True when the deadline `span` after DeadlineFrom has come.
bool HasCome(const FactContext& context, const Store& store, std::int64_t span);

// All arguments must outlive it.
class LiveCircumstances final : public Circumstances {
 public:
  LiveCircumstances(const Pack& pack, const Store& store, const FactContext& context)
      : pack_(pack),
        store_(store),
        context_(context),
        state_(*context.state),
        funds_(CertaintyOf(state_)),
        verdict_(VerdictOf(state_, pack, context.event)) {}

  FundsCertainty funds() const override { return funds_; }
  bool funds_by_method() const override { return state_.funds.by_method; }
  bool cancelled() const override { return state_.cancelled; }
  const Verdict& verdict() const override { return verdict_; }
  bool HasConfirmed(std::string_view request) const override {
    return IsConfirmed(state_, request, pack_.funds, *pack_.amounts);
  }
  EventTime DueOf(const Rule& rule) const override {
    return Later(DeadlineFrom(state_), *rule.deadline);
  }
  bool IsOver(const Rule& rule) const override { return HasCome(context_, store_, *rule.deadline); }
  std::vector<EngineHold> PackingAndQuestionHolds(bool evidence) const override;
  std::vector<EngineHold> ReviewerHolds() const override;

  // When the review of a hold with this cause is due. The time runs from the first decision that
  // held the order for a cause other than funds since its last outcome ship or reject; for funds,
  // from the current hold. Never later than for a hold that begins now, so that a hold by a
  // reviewer until a date delays no later review.
  EventTime ReviewBy(Cause cause) const;
  // True when evidence of the packing is missing for a parcel.
  bool LacksEvidence() const;

 private:
  const Pack& pack_;
  const Store& store_;
  const FactContext& context_;
  const OrderState& state_;
  const FundsCertainty funds_;
  const Verdict verdict_;
};

}  // namespace holdfast
