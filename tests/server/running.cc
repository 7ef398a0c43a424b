#include "tests/server/running.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "engine/base/text.h"

namespace holdfast::testing {

std::string Reply::Header(const std::string& name) const {
  const std::string lower = ToLowerAscii(head);
  const std::size_t at = lower.find("\r\n" + ToLowerAscii(name) + ": ");
  if (at == lower.npos) return {};
  const std::size_t begin = at + 4 + name.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

Connection::Connection(int port) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close(fd_);
    fd_ = -1;
  }
}

Connection::Connection(const std::string& path) {
  fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close(fd_);
    fd_ = -1;
  }
}

Connection::~Connection() {
  if (fd_ >= 0) close(fd_);
}

bool Connection::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void Connection::ShutDown() { shutdown(fd_, SHUT_WR); }

Reply Connection::Receive(int seconds) {
  Reply reply;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  for (;;) {
    const std::size_t end = buffer_.find("\r\n\r\n");
    if (end != buffer_.npos) {
      reply.head = buffer_.substr(0, end + 2);
      const std::string length = reply.Header("content-length");
      const std::size_t size = length.empty() ? 0 : std::stoul(length);
      if (buffer_.size() >= end + 4 + size) {
        reply.body = buffer_.substr(end + 4, size);
        buffer_.erase(0, end + 4 + size);
        reply.status = std::atoi(reply.head.c_str() + 9);
        return reply;
      }
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd waiting{fd_, POLLIN, 0};
    if (fd_ < 0 || left.count() <= 0 || poll(&waiting, 1, static_cast<int>(left.count())) <= 0) {
      return Reply{};
    }
    char bytes[65536];
    const ssize_t got = recv(fd_, bytes, sizeof bytes, 0);
    if (got <= 0) return Reply{};
    buffer_.append(bytes, static_cast<std::size_t>(got));
  }
}

std::string RequestText(const std::string& method, const std::string& target,
                        const Headers& headers, const std::string& body) {
  std::string text = method + " " + target + " HTTP/1.1\r\nHost: test\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  if (!body.empty() || method == "POST") {
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return text + "\r\n" + body;
}

Running::Running(const std::string& more, const std::string& listen, const std::string& pack)
    : listen_(listen), pack_(pack) {
  for (const auto& [name, options] :
       {std::pair<const char*, const char*>{"ingest", "--merchant acme --role ingest"},
        {"review", "--merchant acme --role review"},
        {"ana", "--merchant acme --role review --person ana"},
        {"ben", "--merchant acme --role review --person ben"},
        {"eva", "--merchant acme --role admin --person eva"},
        {"admin", "--merchant acme --role admin"},
        {"other", "--merchant other --role ingest"},
        {"all", "--merchant '*' --role admin"}}) {
    Ran made = Sh("holdfast keys create --file " + (folder_ / "keys.ndjson") + " " + options);
    REQUIRE(made.status == 0);
    made.out.pop_back();
    keys_.emplace_back(name, made.out);
  }
  WriteConfig(more);
  Start();
}

Running::~Running() { Kill(); }

void Running::WriteConfig(const std::string& more) {
  folder_.Write("holdfast.yaml",
                "data: data\npack: " + (pack_.empty() ? HOLDFAST_SOURCE "/rules/starter" : pack_) +
                    (more.starts_with("packs:") ? "" : "\npacks: " HOLDFAST_SOURCE "/rules") +
                    "\nkeys: keys.ndjson\nlisten: { port: 0" + listen_ +
                    " }\ngeo: { country: none }\n" + more);
}

void Running::Start() {
  const std::string log = folder_ / "log";
  const std::string config = folder_ / "holdfast.yaml";
  std::remove(log.c_str());
  pid_ = fork();
  if (pid_ == 0) {
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execl(HOLDFAST_BINARY, "holdfast", "serve", "--config", config.c_str(), nullptr);
    _exit(127);
  }
  constexpr std::string_view kListening = "://127.0.0.1:";
  const bool ready = Eventually(
      [&] {
        const std::string text = Log();
        const std::size_t at = text.find(kListening);
        if (at == text.npos || text.find('\n', at) == text.npos) return false;
        port_ = std::atoi(text.c_str() + at + kListening.size());
        return true;
      },
      60);
  REQUIRE_MESSAGE(ready, Log());
}

void Running::Kill() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

int Running::Stop() {
  kill(pid_, SIGTERM);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void Running::Signal(int signal) const { kill(pid_, signal); }

bool Running::Alive() const { return pid_ != 0 && waitpid(pid_, nullptr, WNOHANG) == 0; }

const std::string& Running::Key(const std::string& name) const {
  static const std::string kNone;
  const auto at =
      std::find_if(keys_.begin(), keys_.end(), [&](const auto& key) { return key.first == name; });
  return at == keys_.end() ? kNone : at->second;
}

std::string Running::Log() const { return Slurp(folder_ / "log"); }

Reply Running::Ask(const std::string& method, const std::string& target, const std::string& key,
                   const std::string& body, Headers headers) const {
  if (!Key(key).empty()) headers.push_back({"Authorization", "Bearer " + Key(key)});
  Connection connection(port_);
  if (!connection.open() || !connection.Send(RequestText(method, target, headers, body))) {
    return {};
  }
  return connection.Receive();
}

Reply Running::Post(const std::string& target, const std::string& key, const std::string& body,
                    const std::string& type) const {
  return Ask("POST", target, key, body, {{"Content-Type", type}});
}

std::string OrderText(const std::string& id, const std::string& more) {
  return R"({"id":")" + id + R"(","placed_at":"2026-11-20T08:00:00Z","currency":"USD",)" +
         R"("total":"40.00","buyer":{"id":"b-)" + id + R"(","email":")" + id +
         R"(@mail.example"})" + (more.empty() ? "" : "," + more) + "}";
}

bool Eventually(const std::function<bool()>& done, int seconds) {
  for (int i = 0; i < seconds * 50; ++i) {
    if (done()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return done();
}

}  // namespace holdfast::testing
