// QueueRoutes: what is held, and whose turn it is.
// Threads: any.
#pragma once

#include <memory>
#include <string>

#include "engine/server/api/responder.h"

namespace holdfast {

struct QueueLook;  // what is asked of the queue, and how far it has been looked for

class QueueRoutes {
 public:
  // Both outlive this.
  QueueRoutes(Responder& responder, ServiceRuntime& runtime)
      : responder_(responder), runtime_(runtime) {}

  void GetQueue(const ContextPtr& context);

 private:
  void LookAtQueue(const ContextPtr& context, const std::shared_ptr<QueueLook>& queue);

  Responder& responder_;
  ServiceRuntime& runtime_;
};

// An order's hold, as JSON.
std::string HeldJson(const Held& held);

}  // namespace holdfast
