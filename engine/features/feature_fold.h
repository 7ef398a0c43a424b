// FeatureFold: updates the features of a pack with events, and reads them. Features count events by
// a key, such as a buyer, an IP address or a device. The store has an entity record for each key;
// each record has one Series (engine/store/window_series.h) for each SeriesPlan.
//
// The window of a feature on orders ends when the order was placed, so that a later decision on it
// counts the same period. It includes entries of that period that became known since. The window of
// a feature on other events, and a window without a start (forever), ends at the time of
// evaluation.
// No entry is made when the key is missing or the condition is not true. A count, first_at or
// last_at also needs a known value; a number that is missing is kept as unknown.
//
// Threads: one owner, the fold of a shard.
#pragma once

#include <string>
#include <vector>

#include "engine/cel/eval/machine.h"
#include "engine/features/facts.h"
#include "engine/features/feature_plan.h"
#include "engine/store/store.h"

namespace holdfast {

class FeatureFold {
 public:
  // Both must outlive the fold.
  FeatureFold(const FeaturePlan& plan, Store& store);

  // Sets the values, by slot, of variables that are the same for every order (lists). To be called
  // before the first event is entered.
  void SetConstants(const std::vector<cel::Value>& constants) { slots_ = constants; }

  // To be called before each event, and before an order is read. Drops cached keys and records.
  // Values that Read returned stay valid.
  void Begin();

  // Adds an entry for the order of `context` under each of its keys. Replaces the entries of
  // `before`, the order before an amendment (null: the order is new).
  void EnterOrder(const FactContext& context, const FactContext* before);

  // Adds entries for a payment, refund, dispute or message event of a known order.
  void EnterEvent(const FactContext& context, FeatureOn on);

  // The value of `feature` for the order of `context`. Unknown when its key is missing; for avg,
  // min, max, first_at and last_at when the window is empty; for sum, avg, min and max when a
  // number in the window is unknown.
  cel::Value Read(const Feature& feature, const FactContext& context, Arena& arena);

 private:
  // The current order's key of one kind, and its record. Cached until Begin.
  struct Held {
    enum class Stage : std::uint8_t { kNothing, kKey, kRecord } stage = Stage::kNothing;
    cel::Value absent;  // why there is no key
    bool has_key = false;
    const EntityRecord* record = nullptr;  // null: nothing is known
  };

  // Fills the slots that `program` reads and runs it.
  cel::Value Evaluate(const cel::Program& program, const FactContext& context);
  // Writes the record's key to `key`. Returns an absent value when there is no key.
  cel::Value KeyOf(std::size_t kind, const FactContext& context, std::string& key);
  // The current order's key of a kind; evaluated once.
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
