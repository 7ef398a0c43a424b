// Listener: the network. It listens on TCP, with or without TLS, and on a Unix socket, and runs a
// Connection for every peer that comes.
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

  // Opens the addresses of the configuration. Errors: kIo for an address that cannot be had, or a
  // certificate that cannot be read.
  static Result<std::unique_ptr<Listener>> Open(const ServeConfig& config, Handler handler);
  ~Listener();

  // Serves until Stop, on `threads` threads, of which the caller's is one. `tick` is called about
  // once a second, `signalled` with SIGHUP, SIGTERM and SIGINT; both on one of the threads.
  void Run(std::size_t threads, std::function<void()> tick, std::function<void(int)> signalled);

  // Runs a task soon on one of the threads. Any thread.
  void Post(std::function<void()> task);

  // No new connections; those that are open are closed after the answer that is on its way. Any
  // thread.
  void Close();
  // Ends Run.
  void Stop();

  // Takes another certificate for connections to come. Errors: kIo; then the old one stays.
  Status UseCertificate(const ListenConfig& config);

  std::uint16_t port() const;  // that is listened to; 0: none
  std::size_t connections() const;

 private:
  struct Impl;
  explicit Listener(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace holdfast
