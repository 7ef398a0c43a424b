// HealthRoutes: metrics, health, readiness and the state of the outbox.
// Threads: any.
#pragma once

#include "engine/server/api/responder.h"

namespace holdfast {

class HealthRoutes {
 public:
  // Both outlive this.
  HealthRoutes(Responder& responder, ServiceRuntime& runtime)
      : responder_(responder), runtime_(runtime) {}

  void GetMetrics(const ContextPtr& context);
  void GetHealth(const ContextPtr& context);
  void GetReady(const ContextPtr& context);
  void GetOutbox(const ContextPtr& context);

 private:
  Responder& responder_;
  ServiceRuntime& runtime_;
};

}  // namespace holdfast
