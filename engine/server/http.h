// Http: a request and an answer as plain values, so that handlers need no network.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast {

struct HttpRequest {
  std::string method;  // GET, POST, ...
  std::string target;  // as sent: /v1/decisions?after=5
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string peer;     // the other side's address, or "unix"
  std::string network;  // unit of limits per peer: the address, for IPv6 its /64

  // The first header called `name`, of any case; empty when it is absent.
  std::string_view Header(std::string_view name) const;
  // The path without the query.
  std::string_view Path() const;
  // A value of the query, decoded; empty when it is absent.
  std::string Query(std::string_view name) const;
};

struct HttpAnswer {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Takes the answer to a request, once, in any thread.
using Respond = std::function<void(HttpAnswer answer)>;

}  // namespace holdfast
