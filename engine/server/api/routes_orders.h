// OrderRoutes: one order with its state and its decisions.
// Threads: any.
#pragma once

#include <functional>
#include <string>

#include "engine/server/api/responder.h"

namespace holdfast {

struct OrderSnapshot;  // a copy of an order's state

class OrderRoutes {
 public:
  // Both outlive this.
  OrderRoutes(Responder& responder, ServiceRuntime& runtime)
      : responder_(responder), runtime_(runtime) {}

  void GetOrder(const ContextPtr& context);
  void GetOrderDecisions(const ContextPtr& context);

 private:
  // Calls `then` with a copy of the order's state. Answers with an error when the order is not
  // known.
  void ReadOrder(
      const ContextPtr& context,
      std::function<void(const std::string& merchant, const OrderSnapshot& snapshot)> then);

  Responder& responder_;
  ServiceRuntime& runtime_;
};

}  // namespace holdfast
