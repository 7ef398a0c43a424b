// FindRoutes: finds orders by a text.
// Threads: any.
#pragma once

#include "engine/server/api/responder.h"

namespace holdfast {

class FindRoutes {
 public:
  explicit FindRoutes(Responder& responder) : responder_(responder) {}  // outlives this

  void GetFind(const ContextPtr& context);

 private:
  Responder& responder_;
};

}  // namespace holdfast
