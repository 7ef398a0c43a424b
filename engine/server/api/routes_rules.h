// RuleRoutes: the routes for lists and packs.
// Threads: any.
#pragma once

#include "engine/server/api/responder.h"
#include "engine/server/api/routes_events.h"

namespace holdfast {

class RuleRoutes {
 public:
  // All outlive this.
  RuleRoutes(Responder& responder, ServiceRuntime& runtime, EventRoutes& events)
      : responder_(responder), runtime_(runtime), events_(events) {}

  void GetLists(const ContextPtr& context);
  void GetList(const ContextPtr& context);
  void PostList(const ContextPtr& context);
  void GetPacks(const ContextPtr& context);
  void GetPackHistory(const ContextPtr& context);
  void PostPacks(const ContextPtr& context);

 private:
  void AnswerPacks(const ContextPtr& context);

  Responder& responder_;
  ServiceRuntime& runtime_;
  EventRoutes& events_;
};

}  // namespace holdfast
