// History: records events for the facts of later orders: features, the buyer's profile, and links
// to other buyers.
// Threads: one owner, the fold of a shard.
#pragma once

#include "engine/features/feature_fold.h"
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

  // EnterOrder records a new order. ReplaceOrder records an amended order in place of `before`, the
  // order before the amendment.
  void EnterOrder(const Event& event, const OrderState& state);
  void ReplaceOrder(const FactContext& before, const Event& event, const OrderState& state);
  // Records that the order's card or payment account (`link`) has changed. `before`: the payment
  // that named the last one, or null.
  void EnterPayment(Link link, const Event& event, const OrderState& state, const Payment* before);
  // Records any other event. While its order is not known, the event is stored in
  // OrderState::parked and is recorded when the order is placed.
  void EnterEvent(const EventPtr& event, OrderState& state);
  // Records a chargeback that is reported by a payment status (reversed or charged back), as
  // wallets do.
  void EnterReversal(const Event& event, const OrderState& state);
  // Adds an entry to a series of the buyer's profile. A series has at most one entry for each
  // order, the earliest.
  void EnterOnce(const Order& order, BuyerSeries series, const Event& event, double number);

 private:
  const Pack& pack_;
  Store& store_;
  FeatureFold& features_;
  Links& links_;
  FactContexts& contexts_;
};

}  // namespace holdfast
