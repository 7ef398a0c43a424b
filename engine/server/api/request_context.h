// RequestContext: a request while its route handles it.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/server/http.h"
#include "engine/server/security/api_keys.h"

namespace holdfast {

struct Route {
  std::string_view method, path, name;
  bool open;                  // needs no key
  std::array<bool, 3> roles;  // by Role
  bool of_all;                // only keys of all merchants
};

struct RequestContext {
  HttpRequest request;
  Respond respond;
  const Route* route = nullptr;
  std::vector<std::string> parts;       // of the path, where the route has a name in braces
  std::shared_ptr<const ApiKeys> keys;  // owns `key`
  const ApiKey* key = nullptr;          // null: the route needs none
  std::chrono::steady_clock::time_point received = std::chrono::steady_clock::now();
  std::atomic<bool> answered = false;

  // The sender whose in-flight limit it counts against: the key, or the webhook.
  std::string Who() const { return key != nullptr ? key->id : parts[0] + "/" + parts[1]; }
};
using ContextPtr = std::shared_ptr<RequestContext>;

// A whole number in the query, at most `most`; `otherwise` when it is absent or not a number.
std::uint64_t QueryNumber(const HttpRequest& request, std::string_view name,
                          std::uint64_t otherwise, std::uint64_t most);

}  // namespace holdfast
