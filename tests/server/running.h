// A service that runs as a process of its own, and a client that speaks to it byte by byte.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/cli/process.h"

namespace holdfast::testing {

struct Reply {
  int status = 0;  // 0: the connection was closed without an answer
  std::string head, body;
  std::string Header(const std::string& name) const;
};

// A connection to 127.0.0.1 or to a Unix socket; closed with the object.
class Connection {
 public:
  explicit Connection(int port);
  explicit Connection(const std::string& path);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool open() const { return fd_ >= 0; }
  // False when the other side has closed.
  bool Send(std::string_view bytes);
  // The next answer; waits at most `seconds`.
  Reply Receive(int seconds = 20);
  // No more will be sent.
  void ShutDown();

 private:
  int fd_ = -1;
  std::string buffer_;
};

using Headers = std::vector<std::pair<std::string, std::string>>;
std::string RequestText(const std::string& method, const std::string& target,
                        const Headers& headers, const std::string& body);

class Running {
 public:
  // Starts `holdfast serve` in a folder of its own; `more` is added to its configuration, and
  // `listen` to its section of that name; `pack` is its pack, in place of the starter pack. Keys:
  // "ingest", "review" and "admin" of acme, "ana" and "ben" (review) and "eva" (admin) of acme,
  // "other" (ingest of other), "all" (admin of all merchants).
  explicit Running(const std::string& more = {}, const std::string& listen = {},
                   const std::string& pack = {});
  ~Running();

  // Starts it again in the same folder; waits until it is ready.
  void Start();
  // Ends it at once, as a loss of power would; or asks it to end, and waits for its exit code.
  void Kill();
  int Stop();
  void Signal(int signal) const;
  bool Alive() const;

  int port() const { return port_; }
  int pid() const { return pid_; }
  const std::string& Key(const std::string& name) const;
  std::string folder() const { return folder_ / ""; }
  std::string Log() const;
  void WriteConfig(const std::string& more);

  Reply Ask(const std::string& method, const std::string& target, const std::string& key,
            const std::string& body = {}, Headers headers = {}) const;
  Reply Get(const std::string& target, const std::string& key) const {
    return Ask("GET", target, key);
  }
  Reply Post(const std::string& target, const std::string& key, const std::string& body,
             const std::string& type = "application/json") const;

 private:
  TempFolder folder_;
  std::string listen_, pack_;
  std::vector<std::pair<std::string, std::string>> keys_;
  int pid_ = 0, port_ = 0;
};

// An order as JSON, in US dollars, with what `more` says of it.
std::string OrderText(const std::string& id, const std::string& more = {});

// Waits until `done` is true; false when it is not within `seconds`.
bool Eventually(const std::function<bool()>& done, int seconds = 20);

}  // namespace holdfast::testing
