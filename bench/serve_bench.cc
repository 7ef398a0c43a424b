// The service against its floors, all in one run, client and server on the same machine.
//
//   serve_bench [HOLDFAST]      the program, default build/release/holdfast
//
// One order a request: what it does at most (64 connections that wait for each answer), and how
// long an answer takes at half of that, from the moment the request was meant to be sent, so that a
// server that stops is not excused. Lines: 32, 128 and 512 orders a request over four connections,
// each into an empty folder, as the file goes into one. Floors: a server of the same library that
// reads the same request and answers a constant; an fdatasync of 2 KB; `holdfast score --data` of
// the same orders from a file.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// Boost 1.74 uses std::exchange without it.
#include <utility>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/orders.h"

namespace holdfast::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

const std::string kFolder = "build/serve-bench";

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double Percentile(std::vector<double>& values, double part) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

// ---- the client ---------------------------------------------------------------------------------

std::string Request(const std::string& key, const std::string& body, const char* type) {
  return "POST /v1/events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer " + key +
         "\r\nContent-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

int Connect(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::perror("connect");
    std::exit(3);
  }
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

struct Load {
  double seconds = 0;
  std::size_t answered = 0, failed = 0;
  std::vector<double> micros;  // of each answer, from when its request was meant to be sent
};

// Sends `requests` over `connections`: at `rate` a second, or, with 0, each connection as soon as
// its answer is there.
Load Send(int port, const std::vector<std::string>& requests, std::size_t connections,
          double rate) {
  struct Peer {
    int fd = -1;
    std::string in;
    std::string_view out;  // of the request that is being sent
    Clock::time_point meant;
    bool busy = false;
  };
  std::vector<Peer> peers(connections);
  const int poller = epoll_create1(EPOLL_CLOEXEC);
  for (std::size_t i = 0; i < connections; ++i) {
    peers[i].fd = Connect(port);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.u64 = i;
    epoll_ctl(poller, EPOLL_CTL_ADD, peers[i].fd, &event);
  }
  std::vector<std::size_t> free;
  for (std::size_t i = connections; i-- > 0;) free.push_back(i);
  Load load;
  load.micros.reserve(requests.size());
  std::size_t next = 0;
  std::deque<std::pair<std::size_t, Clock::time_point>> due;
  const auto start = Clock::now();
  const auto write_out = [](Peer& peer) {
    while (!peer.out.empty()) {
      const ssize_t sent = send(peer.fd, peer.out.data(), peer.out.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      peer.out.remove_prefix(static_cast<std::size_t>(sent));
    }
  };
  while (load.answered + load.failed < requests.size()) {
    const auto now = Clock::now();
    if (rate == 0) {
      while (next < requests.size() && due.size() < free.size()) due.emplace_back(next++, now);
    } else {
      const double seconds = std::chrono::duration<double>(now - start).count();
      while (next < requests.size() && static_cast<double>(next) <= seconds * rate) {
        due.emplace_back(
            next, start + std::chrono::duration_cast<Clock::duration>(
                              std::chrono::duration<double>(static_cast<double>(next) / rate)));
        ++next;
      }
    }
    while (!due.empty() && !free.empty()) {
      Peer& peer = peers[free.back()];
      free.pop_back();
      peer.out = requests[due.front().first];
      peer.meant = due.front().second;
      peer.busy = true;
      due.pop_front();
      write_out(peer);
    }
    // Until the next is due: a client that turned round would take a processor from the server.
    timespec wait{0, 10'000'000};
    if (rate != 0 && next < requests.size()) {
      const double left = static_cast<double>(next) / rate -
                          std::chrono::duration<double>(Clock::now() - start).count();
      wait.tv_nsec = static_cast<long>(std::clamp(left, 0.0, 0.01) * 1e9);
    }
    epoll_event events[64];
    const int count = epoll_pwait2(poller, events, 64, &wait, nullptr);
    for (int i = 0; i < count; ++i) {
      Peer& peer = peers[events[i].data.u64];
      write_out(peer);
      char bytes[65536];
      for (;;) {
        const ssize_t got = recv(peer.fd, bytes, sizeof bytes, 0);
        if (got <= 0) break;
        peer.in.append(bytes, static_cast<std::size_t>(got));
      }
      const std::size_t end = peer.in.find("\r\n\r\n");
      if (end == peer.in.npos || !peer.busy) continue;
      const std::size_t at = peer.in.find("Content-Length: ");
      const std::size_t size = at < end ? std::strtoul(peer.in.c_str() + at + 16, nullptr, 10) : 0;
      if (peer.in.size() < end + 4 + size) continue;
      if (peer.in.compare(9, 3, "200") == 0) {
        ++load.answered;
        load.micros.push_back(
            std::chrono::duration<double, std::micro>(Clock::now() - peer.meant).count());
      } else {
        if (load.failed++ == 0) fmt::print(stderr, "{}\n", peer.in.substr(0, end + 4 + size));
      }
      peer.in.erase(0, end + 4 + size);
      peer.busy = false;
      free.push_back(events[i].data.u64);
    }
  }
  load.seconds = SecondsSince(start);
  for (const Peer& peer : peers) close(peer.fd);
  close(poller);
  return load;
}

// ---- the floors ---------------------------------------------------------------------------------

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

asio::awaitable<void> AnswerConstant(asio::ip::tcp::socket socket) {
  beast::flat_buffer buffer;
  boost::system::error_code error;
  for (;;) {
    http::request<http::string_body> request;
    co_await http::async_read(socket, buffer, request,
                              asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    http::response<http::string_body> response(http::status::ok, 11);
    response.set(http::field::content_type, "application/json");
    response.body() = "{\"status\":\"ok\"}";
    response.prepare_payload();
    co_await http::async_write(socket, response, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
  }
}

asio::awaitable<void> AcceptAll(asio::ip::tcp::acceptor& acceptor) {
  for (;;) {
    auto socket = co_await acceptor.async_accept(asio::use_awaitable);
    socket.set_option(asio::ip::tcp::no_delay(true));
    asio::co_spawn(acceptor.get_executor(), AnswerConstant(std::move(socket)), asio::detached);
  }
}

// A process, as the service is one.
class BareServer {
 public:
  BareServer() {
    int pipes[2];
    if (pipe(pipes) != 0) std::exit(3);
    pid_ = fork();
    if (pid_ == 0) {
      asio::io_context io(1);
      asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
      const int port = acceptor.local_endpoint().port();
      if (write(pipes[1], &port, sizeof port) != sizeof port) _exit(3);
      asio::co_spawn(io, AcceptAll(acceptor), asio::detached);
      io.run();
      _exit(0);
    }
    if (read(pipes[0], &port_, sizeof port_) != sizeof port_) std::exit(3);
  }
  ~BareServer() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  int port() const { return port_; }

 private:
  pid_t pid_ = 0;
  int port_ = 0;
};

std::vector<double> Syncs(std::size_t count) {
  const std::string path = kFolder + "/syncs";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  constexpr std::size_t kBytes = 2048;
  if (posix_fallocate(fd, 0, static_cast<off_t>(kBytes * count)) != 0) std::exit(3);
  const std::string block(kBytes, 'x');
  std::vector<double> micros;
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = Clock::now();
    if (write(fd, block.data(), block.size()) < 0 || fdatasync(fd) != 0) std::exit(3);
    micros.push_back(SecondsSince(start) * 1e6);
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  close(fd);
  return micros;
}

// ---- the service --------------------------------------------------------------------------------

class Served {
 public:
  explicit Served(const std::string& holdfast) {
    fs::remove_all(kFolder + "/data");
    const std::string keys = kFolder + "/keys.ndjson", config = kFolder + "/holdfast.yaml";
    fs::remove(keys);
    const std::string make = holdfast + " keys create --merchant m1 --role ingest --file " + keys +
                             " 2>/dev/null > " + kFolder + "/key";
    if (std::system(make.c_str()) != 0) std::exit(3);
    std::ifstream(kFolder + "/key") >> key_;
    std::ofstream(config) << "data: data\npack: " << fs::absolute("rules/starter").string()
                          << "\nkeys: keys.ndjson\nlisten: { port: 0 }\ngeo: { country: none }\n"
                             "limits: { key_per_second: 1000000, key_burst: 1000000 }\n";
    const std::string log = kFolder + "/log";
    fs::remove(log);
    pid_ = fork();
    if (pid_ == 0) {
      const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      dup2(out, STDERR_FILENO);
      execl(holdfast.c_str(), "holdfast", "serve", "--config", config.c_str(), nullptr);
      _exit(127);
    }
    for (int i = 0; i < 500 && port_ == 0; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      std::ifstream in(log);
      std::string text((std::istreambuf_iterator<char>(in)), {});
      const std::size_t at = text.find("://127.0.0.1:");
      if (at != text.npos && text.find('\n', at) != text.npos) {
        port_ = std::atoi(text.c_str() + at + 13);
      }
    }
    if (port_ == 0) {
      fmt::print(stderr, "the service did not start: see {}\n", log);
      std::exit(3);
    }
  }
  ~Served() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  int port() const { return port_; }
  const std::string& key() const { return key_; }

 private:
  pid_t pid_ = 0;
  int port_ = 0;
  std::string key_;
};

void Figure(const std::string& what, double figure, const std::string& aim) {
  fmt::print("  {:<66} {:>7.2f} x   (aim: {})\n", what, figure, aim);
  std::fflush(stdout);
}

int Main(const std::string& holdfast) {
  fs::remove_all(kFolder);
  fs::create_directories(kFolder);
  OrderGenerator generator({});
  constexpr std::size_t kWarm = 5'000, kAtMost = 60'000, kAtHalf = 20'000;

  fmt::print("one order a request, 64 connections\n");
  double bare_rate = 0, rate = 0;
  {
    const BareServer bare;
    std::vector<std::string> requests;
    for (const std::string& order : generator.Take(kAtMost)) {
      requests.push_back(Request(std::string(80, 'k'), order, "application/json"));
    }
    Send(bare.port(), {requests.begin(), requests.begin() + kWarm}, 64, 0);
    const Load load = Send(bare.port(), requests, 64, 0);
    bare_rate = static_cast<double>(load.answered) / load.seconds;
    fmt::print("  a bare server that answers a constant: {:.0f} requests/s\n", bare_rate);
  }
  auto service = std::make_unique<Served>(holdfast);
  const auto requests_of = [&](std::size_t count) {
    std::vector<std::string> requests;
    for (const std::string& order : generator.Take(count)) {
      requests.push_back(Request(service->key(), order, "application/json"));
    }
    return requests;
  };
  Send(service->port(), requests_of(kWarm), 64, 0);
  {
    const auto requests = requests_of(kAtMost);
    const Load load = Send(service->port(), requests, 64, 0);
    rate = static_cast<double>(load.answered) / load.seconds;
    fmt::print("  the service: {:.0f} durable orders/s, {} refused\n", rate, load.failed);
  }
  Figure("orders/s / requests/s of the bare server", rate / bare_rate, "at least 0.5");

  std::vector<double> syncs = Syncs(3'000);
  Load half = Send(service->port(), requests_of(kAtHalf), 64, rate / 2);
  std::vector<double> more = Syncs(3'000);
  syncs.insert(syncs.end(), more.begin(), more.end());
  const double s50 = Percentile(syncs, 0.5), s99 = Percentile(syncs, 0.99);
  const double p50 = Percentile(half.micros, 0.5), p99 = Percentile(half.micros, 0.99);
  fmt::print(
      "\nat half of that, {:.0f} orders/s, from the moment each was meant to be sent\n"
      "  an answer: p50 {:.0f} us, p99 {:.0f} us, p99.9 {:.0f} us\n"
      "  an fdatasync of 2 KB: p50 {:.0f} us, p99 {:.0f} us\n",
      rate / 2, p50, p99, Percentile(half.micros, 0.999), s50, s99);
  Figure("p50 / fdatasync p50", p50 / s50, "at most 4");
  Figure("p99 / fdatasync p99", p99 / s99, "at most 6");

  fmt::print("\nlines, 4 connections\n");
  constexpr std::size_t kOrders = 100'000;
  double scored = 0;
  {
    std::ofstream file(kFolder + "/orders.ndjson");
    for (const std::string& order : generator.Take(kOrders)) file << order << '\n';
    file.close();
    const std::string command = holdfast + " score --pack rules/starter --geo none --json --data " +
                                kFolder + "/scored " + kFolder + "/orders.ndjson >/dev/null 2>&1";
    const auto start = Clock::now();
    if (std::system(command.c_str()) != 0) return 3;
    scored = static_cast<double>(kOrders) / SecondsSince(start);
    fmt::print("  holdfast score --data from a file: {:.0f} orders/s\n", scored);
  }
  for (const std::size_t lines : {32, 128, 512}) {
    service.reset();
    service = std::make_unique<Served>(holdfast);
    std::vector<std::string> requests;
    for (std::size_t i = 0; i < kOrders / lines; ++i) {
      std::string body;
      for (const std::string& order : generator.Take(lines)) body += order + "\n";
      requests.push_back(Request(service->key(), body, "application/x-ndjson"));
    }
    const Load load = Send(service->port(), requests, 4, 0);
    const double orders = static_cast<double>(load.answered * lines) / load.seconds;
    fmt::print("  {} orders a request: {:.0f} orders/s\n", lines, orders);
    Figure(fmt::format("{} orders a request / score --data", lines), orders / scored,
           "at least 0.85");
  }
  return 0;
}

}  // namespace
}  // namespace holdfast::bench

int main(int argc, char** argv) {
  return holdfast::bench::Main(argc > 1 ? argv[1] : "build/release/holdfast");
}
