// EventRoutes: the routes that take events and return decisions.
// Threads: any.
#pragma once

#include <memory>
#include <string>

#include "engine/server/api/responder.h"
#include "engine/server/security/principal.h"

namespace holdfast {

class EventRoutes {
 public:
  // Both outlive this.
  EventRoutes(Responder& responder, ServiceRuntime& runtime)
      : responder_(responder), runtime_(runtime) {}

  // Handles one event, or several as lines. The route for orders takes only orders; see
  // PrincipalOf.
  void Post(const ContextPtr& context);
  // Submits one event on behalf of the request's key, and answers with its result.
  void SubmitOne(const ContextPtr& context, std::string text);

 private:
  void SubmitLines(const ContextPtr& context);
  std::shared_ptr<const Principal> PrincipalOf(const ContextPtr& context);

  Responder& responder_;
  ServiceRuntime& runtime_;
};

}  // namespace holdfast
