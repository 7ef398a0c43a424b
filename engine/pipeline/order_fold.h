// OrderFold: applies an event to the state of its order.
// Threads: one owner, the fold of a shard.
#pragma once

#include "engine/pipeline/history.h"
#include "engine/pipeline/order_money.h"

namespace holdfast {

class OrderFold {
 public:
  // All outlive this.
  OrderFold(Store& store, const OrderMoney& money, History& history, FactContexts& contexts)
      : store_(store), money_(money), history_(history), contexts_(contexts) {}

  void Fold(const EventPtr& event, OrderState& state);

 private:
  void Place(const EventPtr& event, OrderState& state);
  void Amend(const EventPtr& event, OrderState& state);
  void Cancel(const EventPtr& event, OrderState& state);
  void Pay(const EventPtr& event, OrderState& state);
  static void KeepPayment(const EventPtr& event, OrderState& state);
  void Pack(const EventPtr& event, OrderState& state);
  static void Dispatch(const EventPtr& event, OrderState& state);
  void KeepReview(const EventPtr& event, OrderState& state);

  Store& store_;
  const OrderMoney& money_;
  History& history_;
  FactContexts& contexts_;
};

}  // namespace holdfast
