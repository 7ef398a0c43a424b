// Listener: the network server. It listens on TCP, with or without TLS, and on a Unix socket, and
// runs a Connection for every peer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/server/config.h"
#include "engine/server/http.h"

namespace holdfast {

class Listener {
 public:
  using Handler = std::function<void(HttpRequest request, Respond respond)>;

  // Opens the configured addresses. Errors: kIo when an address cannot be used or a certificate
  // cannot be read.
  static Result<std::unique_ptr<Listener>> Open(const ServeConfig& config, Handler handler);
  ~Listener();

  // Serves until Stop, on `threads` threads, of which the caller's is one. `tick` is called about
  // once a second, `signalled` with SIGHUP, SIGTERM and SIGINT; both on one of the threads.
  void Run(std::size_t threads, std::function<void()> tick, std::function<void(int)> signalled);

  // Runs a task soon on one of the threads. Any thread.
  void Post(std::function<void()> task);

  // Accepts no new connections, and closes each open one after its current answer. Threads: any.
  void Close();
  // Ends Run.
  void Stop();

  // Uses the certificate of `config` for new connections. Errors: kIo; the old one then stays.
  Status UseCertificate(const ListenConfig& config);

  std::uint16_t port() const;  // of the TCP listener; 0: none
  std::size_t connections() const;

 private:
  struct Impl;
  explicit Listener(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace holdfast
