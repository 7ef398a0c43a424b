// HttpClient: HTTP requests to other servers, with libcurl. It follows no redirects and limits the
// size of answers. Private addresses are refused unless allowed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"

namespace holdfast {

struct HttpCall {
  std::string url;
  std::string unix_socket;  // to be used in place of the address of `url`; empty: none
  std::string body;         // posted; empty: a GET
  std::vector<std::pair<std::string, std::string>> headers;
  std::int64_t timeout_seconds = 15;
  bool allow_private = false;  // addresses of private networks and of this machine
  std::size_t answer_bytes = 64 << 10;
};

struct HttpReply {
  int status = 0;  // 0: none came
  std::string body;
  std::int64_t retry_after_seconds = 0;  // as the receiver asks; 0: it does not
  std::string fault;                     // why there is none, or empty
};

// Waits for the answer. Errors: kUnavailable.
Result<HttpReply> Call(const HttpCall& call);

// Several calls at once, in one thread: its caller's.
class HttpCalls {
 public:
  HttpCalls();
  ~HttpCalls();  // calls that run are given up
  HttpCalls(const HttpCalls&) = delete;
  HttpCalls& operator=(const HttpCalls&) = delete;

  // `tag` comes back with the reply.
  void Start(std::uint64_t tag, const HttpCall& call);
  std::size_t running() const;
  // Waits at most `milliseconds` for something to happen; the calls that have ended.
  std::vector<std::pair<std::uint64_t, HttpReply>> Wait(int milliseconds);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace holdfast
