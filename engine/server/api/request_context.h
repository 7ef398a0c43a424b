// RequestContext: a request on its way through its route. For the files of Service alone.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "engine/server/api/service.h"

namespace holdfast {

struct Service::RequestContext {
  HttpRequest request;
  Respond respond;
  const Route* route = nullptr;
  std::vector<std::string> parts;       // of the path, where the route has a name in braces
  std::shared_ptr<const ApiKeys> keys;  // owns `key`
  const ApiKey* key = nullptr;          // null: the route needs none
  std::chrono::steady_clock::time_point received = std::chrono::steady_clock::now();
  std::atomic<bool> answered = false;

  // Whose share of what is in flight it takes: the key's, or the webhook's.
  std::string Who() const { return key != nullptr ? key->id : parts[0] + "/" + parts[1]; }
};

struct Service::Feed {
  ContextPtr context;
  std::string merchant;  // empty: of all
  std::uint64_t after = 0;
  std::size_t most = 100;
  std::chrono::steady_clock::time_point until;
};

// An order's hold, as JSON.
std::string HeldJson(const Held& held);

// A whole number of the query within bounds; `otherwise` when it is absent or no number.
std::uint64_t QueryNumber(const HttpRequest& request, std::string_view name,
                          std::uint64_t otherwise, std::uint64_t most);

}  // namespace holdfast
