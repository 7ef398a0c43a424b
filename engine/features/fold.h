// FeatureFold: enters events into the records of keys (a buyer, an IP address, a device: the
// entities that features count by), and reads features from them. The sums over a window are those
// of Series (engine/store/series.h).
//
// Windows of features on orders end when the order was placed, so that a decision taken again later
// sees the same neighbours in time; they include what became known since of that time. Windows of
// features on other events, and windows without an end (forever), go up to the evaluation.
// An entry whose key, condition or value is missing is not made.
//
// Threads: one owner, the fold of a shard.
#pragma once

#include <string>
#include <vector>

#include "engine/cel/eval/machine.h"
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

  // To be called before each event, and before an order is read: what was known of keys and records
  // is sought again. Values that Read returned stay good.
  void Begin();

  // Enters the order of `context` under all its keys, in place of what `before` entered (null: it
  // is new).
  void EnterOrder(const FactContext& context, const FactContext* before);

  // Enters a payment, refund, dispute or message event of a known order.
  void EnterEvent(const FactContext& context, FeatureOn on);

  // The value of `feature` for the order of `context`; unknown where its key is missing or, of
  // avg, min, max, first_at and last_at, where the window is empty.
  cel::Value Read(const Feature& feature, const FactContext& context, Arena& arena);

 private:
  // A kind's key of the order that is at hand, and what is known under it.
  struct Held {
    enum class Stage : std::uint8_t { kNothing, kKey, kRecord } stage = Stage::kNothing;
    cel::Value absent;  // why there is no key
    bool has_key = false;
    const EntityRecord* record = nullptr;  // null: nothing is known
  };

  // Fills the slots that `program` reads and runs it.
  cel::Value Evaluate(const cel::Program& program, const FactContext& context);
  // The record's key into `key`; else why there is none.
  cel::Value KeyOf(std::size_t kind, const FactContext& context, std::string& key);
  // The key of a kind for the order at hand, evaluated once.
  Held& Hold(std::size_t kind, const FactContext& context);
  void Enter(const FactContext& context, FeatureOn on, EventTime at, std::uint64_t source);
  void EnterBuyer(const FactContext& context, const FactContext* before);

  const FeaturePlan& plan_;
  Store& store_;
  cel::Machine machine_;
  std::vector<cel::Value> slots_;
  std::vector<Held> held_;         // by kind
  std::vector<std::string> keys_;  // of held_
  std::vector<std::string> warm_;
  std::string key_;
};

}  // namespace holdfast
