// Engine: folds events into state and decides the orders they touch.
//
// One engine is one shard: a deterministic fold, apply(state, event) -> state', outputs. The same
// events in the same order give the same decisions, byte for byte.
// Threads: one owner.
#pragma once

#include <memory>
#include <optional>

#include "engine/base/result.h"
#include "engine/decide/decide.h"
#include "engine/features/fold.h"
#include "engine/model/event.h"
#include "engine/packs/pack.h"
#include "engine/store/store.h"

namespace holdfast {

struct Applied {
  bool duplicate = false;            // this event was applied before; nothing changed
  std::uint64_t offset = 0;          // in the log; of a duplicate that of the first
  std::optional<Decision> decision;  // of the order that the event touched, where there is one
};

class Engine {
 public:
  Engine(std::shared_ptr<const Pack> pack, std::unique_ptr<Store> store);

  // Applies one event.
  // Errors, after which nothing has changed: kDuplicateConflict, kOrderExists, kUnknownOrder (an
  // amendment before its order), kInvalidInput (a change of a list that cannot be changed).
  Result<Applied> Apply(EventPtr event);

  // Folds an event that was accepted before, maybe under another pack: changes of lists that this
  // pack has not are passed over. With `decide`, decides as Apply does; without, there is no
  // decision.
  Applied Replay(const EventPtr& event, bool decide);

  // How the order is decided as things stand; nothing for an order that is not known. Changes
  // nothing.
  std::optional<Explanation> Explain(std::string_view merchant, std::string_view order_id);

  const Pack& pack() const { return *pack_; }

 private:
  Status Check(const Event& event);
  Applied Take(const EventPtr& event, bool decide);
  void Fold(const EventPtr& event, OrderState& state);
  void Place(const EventPtr& event, OrderState& state);
  void Amend(const EventPtr& event, OrderState& state);
  void Cancel(const EventPtr& event, OrderState& state);
  void TakePayment(const EventPtr& event, OrderState& state);
  static void TakeLast(EventPtr& last, const EventPtr& event);
  void EnterEvent(const EventPtr& event, OrderState& state);
  void EnterOnce(const Order& order, BuyerSeries series, const Event& event, double number);
  void ChangeList(const Event& event);
  FactContext ContextOf(const Event& event, const OrderState& state) const;

  std::shared_ptr<const Pack> pack_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<FeatureFold> features_;
  std::unique_ptr<Decider> decider_;
};

}  // namespace holdfast
