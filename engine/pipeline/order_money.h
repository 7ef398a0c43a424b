// OrderMoney: stores the payment reports of an order and computes its funds from them.
// Threads: one owner, the fold of a shard.
#pragma once

#include "engine/model/event.h"
#include "engine/packs/pack.h"
#include "engine/pipeline/order_names.h"
#include "engine/store/store.h"

namespace holdfast {

class OrderMoney {
 public:
  // All outlive this.
  OrderMoney(const Pack& pack, const OrderNames& names) : pack_(pack), names_(names) {}

  // Stores `event` in `state.money` if it reports on payments, then recomputes `state.funds` and
  // the fields that depend on it. Also to be called when the order's total has changed.
  void Update(const EventPtr& event, OrderState& state) const;

 private:
  bool IsOfOther(const Event& event, OrderState& state) const;
  bool IsClaimed(const Event& event, OrderState& state) const;

  const Pack& pack_;
  const OrderNames& names_;
};

}  // namespace holdfast
