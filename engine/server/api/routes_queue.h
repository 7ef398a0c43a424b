// QueueRoutes: the held orders in the order of the review queue.
// Threads: any.
#pragma once

#include <memory>
#include <string>

#include "engine/server/api/responder.h"

namespace holdfast {

struct QueueLook;  // a query of the queue, and its progress

class QueueRoutes {
 public:
  // Both outlive this.
  QueueRoutes(Responder& responder, ServiceRuntime& runtime)
      : responder_(responder), runtime_(runtime) {}

  void GetQueue(const ContextPtr& context);

 private:
  void LookAtQueue(const ContextPtr& context, const std::shared_ptr<QueueLook>& queue);
  void AnswerQueue(const ContextPtr& context, QueueLook& queue);

  Responder& responder_;
  ServiceRuntime& runtime_;
};

// An order's hold, as JSON.
std::string HeldJson(const Held& held);

}  // namespace holdfast
