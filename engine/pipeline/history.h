// History: what events say of a buyer and of others who share something, for later orders:
// features, the buyer's profile, links. Threads: one owner, the fold of a shard.
#pragma once

#include "engine/features/fold.h"
#include "engine/features/links.h"
#include "engine/packs/pack.h"
#include "engine/pipeline/fact_contexts.h"
#include "engine/store/store.h"

namespace holdfast {

class History {
 public:
  // All outlive this.
  History(const Pack& pack, Store& store, FeatureFold& features, Links& links,
          FactContexts& contexts)
      : pack_(pack), store_(store), features_(features), links_(links), contexts_(contexts) {}

  // The event's order as it now stands; `before`: as it was.
  void EnterOrder(const Event& event, const OrderState& state);
  void ReplaceOrder(const FactContext& before, const Event& event, const OrderState& state);
  // The card of the order is another now; `before`: that it was.
  void EnterCard(const Event& event, const OrderState& state, const Payment* before);
  // Any other event; it is parked while its order is not known.
  void EnterEvent(const EventPtr& event, OrderState& state);
  // Wallets tell of a chargeback by the payment's status.
  void EnterReversal(const Event& event, const OrderState& state);
  // At most one entry an order in each series of the buyer's profile: the first in time.
  void EnterOnce(const Order& order, BuyerSeries series, const Event& event, double number);

 private:
  const Pack& pack_;
  Store& store_;
  FeatureFold& features_;
  Links& links_;
  FactContexts& contexts_;
};

}  // namespace holdfast
