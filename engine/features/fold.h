// Fold: writes events into entity records, and reads features from them.
//
// Windows of features on orders end when the order was placed, so that a decision taken again later
// sees the same neighbours in time; they include what became known since of that time. Windows of
// features on other events, and windows without an end (forever), go up to the evaluation.
// An entry whose key, condition or value is missing is not made.
//
// Threads: one a shard.
#pragma once

#include <string>
#include <vector>

#include "engine/cel/machine.h"
#include "engine/features/facts.h"
#include "engine/features/plan.h"
#include "engine/store/store.h"

namespace holdfast {

class FeatureFold {
 public:
  // Both must outlive the fold.
  FeatureFold(const FeaturePlan& plan, Store& store);

  // The values by slot of what stays the same from order to order (lists); to be called before the
  // first event is entered.
  void SetConstants(const std::vector<cel::Value>& constants) { slots_ = constants; }

  // Forgets scratch memory; values that Read returned stay good.
  void Reset() { machine_.Reset(); }

  // Enters the order of `context` under all its keys, in place of what `before` entered (null: it
  // is new).
  void EnterOrder(const FactContext& context, const FactContext* before);

  // Enters a payment, refund, dispute or message event of a known order.
  void EnterEvent(const FactContext& context, FeatureOn on);

  // The value of `feature` for the order of `context`; unknown where its key is missing or, of
  // avg, min, max, first_at and last_at, where the window is empty.
  cel::Value Read(const Feature& feature, const FactContext& context, Arena& arena);

 private:
  // Fills the slots that `program` reads and runs it.
  cel::Value Evaluate(const cel::Program& program, const FactContext& context);
  void Enter(const FactContext& context, FeatureOn on, EventTime at, std::uint64_t source);
  // The record's key, or false when the key expression is missing something.
  bool KeyOf(const KindPlan& kind, const FactContext& context, std::string& key);
  void EnterBuyer(const FactContext& context, const FactContext* before);

  const FeaturePlan& plan_;
  Store& store_;
  cel::Machine machine_;
  std::vector<cel::Value> slots_;
  std::string key_;
};

// The key of `text` for a merchant: one merchant's history is never another's.
void MakeKey(std::string_view merchant, std::string_view text, std::string& key);

}  // namespace holdfast
