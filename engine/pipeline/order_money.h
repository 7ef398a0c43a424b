// OrderMoney: keeps what is told of the money of an order, and what that comes to.
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

  // The funds of the order as they are with what `event` says; of a new total likewise.
  void Update(const EventPtr& event, OrderState& state) const;

 private:
  bool IsOfOther(const Event& event, OrderState& state) const;
  bool IsClaimed(const Event& event, OrderState& state) const;

  const Pack& pack_;
  const OrderNames& names_;
};

}  // namespace holdfast
