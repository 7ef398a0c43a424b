// OrderRoutes: an order with all that is known of it.
// Threads: any.
#pragma once

#include "engine/server/api/responder.h"

namespace holdfast {

class OrderRoutes {
 public:
  // Both outlive this.
  OrderRoutes(Responder& responder, ServiceRuntime& runtime)
      : responder_(responder), runtime_(runtime) {}

  void GetOrder(const ContextPtr& context);
  void GetOrderDecisions(const ContextPtr& context);

 private:
  Responder& responder_;
  ServiceRuntime& runtime_;
};

}  // namespace holdfast
