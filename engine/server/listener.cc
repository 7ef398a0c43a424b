#include "engine/server/listener.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include <algorithm>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "engine/base/text.h"
#include "engine/server/byte_stream.h"
#include "engine/server/connection.h"

namespace holdfast {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Local = asio::local::stream_protocol;

// Counts the open connections, in all and by peer. Threads: any.
class ConnectionLimiter {
 public:
  // Takes one of `most` places, of which `peer` may have `most_of_one`. The place is returned when
  // the last copy is destroyed. Null: there is none.
  static std::shared_ptr<void> Take(const std::shared_ptr<ConnectionLimiter>& limiter,
                                    const std::string& peer, std::size_t most,
                                    std::size_t most_of_one) {
    const std::lock_guard lock(limiter->mutex_);
    if (limiter->all_ >= most) return nullptr;
    std::size_t& mine = limiter->by_peer_[peer];
    if (mine >= most_of_one) return nullptr;
    ++mine;
    ++limiter->all_;
    return {limiter.get(), [limiter, peer](void*) {
              const std::lock_guard again(limiter->mutex_);
              --limiter->all_;
              const auto left = limiter->by_peer_.find(peer);
              if (--left->second == 0) limiter->by_peer_.erase(left);
            }};
  }

  std::size_t taken() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  mutable std::mutex mutex_;
  std::size_t all_ = 0;
  std::map<std::string, std::size_t> by_peer_;
};

}  // namespace

struct Listener::Impl : std::enable_shared_from_this<Listener::Impl> {
  asio::io_context io;
  Handler handler;
  LimitConfig limits;
  std::optional<tcp::acceptor> tcp_acceptor;
  std::optional<Local::acceptor> local_acceptor;
  std::string local_path;
  bool uses_tls = false;
  std::atomic<std::shared_ptr<asio::ssl::context>> tls;
  // Connections by the Unix socket have places of their own. The limiters outlive what io destroys.
  const std::shared_ptr<ConnectionLimiter> tcp_limiter = std::make_shared<ConnectionLimiter>();
  const std::shared_ptr<ConnectionLimiter> local_limiter = std::make_shared<ConnectionLimiter>();
  IdleConnections idle;

  // Serves the connection and keeps its place until it ends.
  static asio::awaitable<void> Serve(std::shared_ptr<Connection> connection,
                                     std::shared_ptr<void> seat) {
    co_await connection->Serve();
    seat.reset();
  }
  void Begin(const asio::any_io_executor& executor, std::unique_ptr<ByteStream> stream,
             Connection::Peer peer, std::shared_ptr<void> seat) {
    auto connection =
        std::make_shared<Connection>(std::move(stream), std::move(peer), limits, handler, idle);
    asio::co_spawn(executor, Serve(std::move(connection), std::move(seat)), asio::detached);
  }

  // The name under which connections are counted: an IPv4 address, or the /64 network of an IPv6
  // address.
  static std::string NetworkOf(const asio::ip::address& address) {
    if (!address.is_v6() || address.to_v6().is_v4_mapped()) return address.to_string();
    auto bytes = address.to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
    return asio::ip::address_v6(bytes).to_string();
  }

  asio::awaitable<void> AcceptTcp() {
    for (;;) {
      error_code error;
      auto socket = co_await tcp_acceptor->async_accept(
          asio::make_strand(io), asio::redirect_error(asio::use_awaitable, error));
      if (!tcp_acceptor->is_open()) co_return;
      if (error) {
        co_await BackOffAccept();
        continue;
      }
      const auto address = socket.remote_endpoint(error).address();
      Connection::Peer peer{address.to_string(), NetworkOf(address)};
      socket.set_option(tcp::no_delay(true), error);
      auto seat = ConnectionLimiter::Take(tcp_limiter, peer.network, limits.connections,
                                          limits.connections_per_address);
      if (seat == nullptr) {
        socket.close(error);
        continue;
      }
      const asio::any_io_executor executor = socket.get_executor();
      auto stream =
          uses_tls ? TlsStream(std::move(socket), tls.load()) : PlainStream(std::move(socket));
      Begin(executor, std::move(stream), std::move(peer), std::move(seat));
    }
  }

  asio::awaitable<void> AcceptLocal() {
    for (;;) {
      error_code error;
      auto socket = co_await local_acceptor->async_accept(
          asio::make_strand(io), asio::redirect_error(asio::use_awaitable, error));
      if (!local_acceptor->is_open()) co_return;
      if (error) {
        co_await BackOffAccept();
        continue;
      }
      auto seat =
          ConnectionLimiter::Take(local_limiter, "unix", limits.connections, limits.connections);
      if (seat == nullptr) {
        socket.close(error);
        continue;
      }
      const asio::any_io_executor executor = socket.get_executor();
      Begin(executor, PlainStream(std::move(socket)), {"unix", "unix"}, std::move(seat));
    }
  }

  // No file descriptor is free. Connections that end will release some.
  asio::awaitable<void> BackOffAccept() {
    asio::steady_timer timer(io, std::chrono::milliseconds(50));
    error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  asio::awaitable<void> Ticks(std::function<void()> tick) {
    asio::steady_timer timer(io);
    for (;;) {
      timer.expires_after(std::chrono::seconds(1));
      error_code error;
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
      try {
        tick();
      } catch (const std::exception&) {
        // An exception of a library at one tick must not end later ticks.
      }
    }
  }

  // ---- opening ---------------------------------------------------------------------------------

  Status OpenTcp(const ListenConfig& config) {
    error_code error;
    const auto address = asio::ip::make_address(config.address, error);
    const std::string where = config.address + ":" + std::to_string(config.port);
    if (error) return Fail(ErrorCode::kUsage, where, "is no IP address");
    tcp_acceptor.emplace(io);
    const tcp::endpoint endpoint(address, config.port);
    tcp_acceptor->open(endpoint.protocol(), error);
    if (!error) tcp_acceptor->set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) tcp_acceptor->bind(endpoint, error);
    if (!error) tcp_acceptor->listen(asio::socket_base::max_listen_connections, error);
    if (error) return Fail(ErrorCode::kIo, where, "cannot be listened to: " + error.message());
    return {};
  }

  Status OpenLocal(const std::string& path) {
    error_code error;
    // A socket file that no process listens on prevents a new one.
    struct stat status {};
    if (lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) {
      Local::socket probe(io);
      probe.connect(Local::endpoint(path), error);
      if (!error) return Fail(ErrorCode::kBusy, path, "another process listens there already");
      unlink(path.c_str());
      error.clear();
    }
    local_acceptor.emplace(io);
    local_acceptor->open(Local(), error);
    if (!error) local_acceptor->bind(Local::endpoint(path), error);
    if (!error) local_acceptor->listen(asio::socket_base::max_listen_connections, error);
    if (error) return Fail(ErrorCode::kIo, path, "cannot be listened to: " + error.message());
    local_path = path;
    return {};
  }

  Status LoadTls(const ListenConfig& config) {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    error_code error;
    context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                             asio::ssl::context::no_tlsv1_1,
                         error);
    context->use_certificate_chain_file(config.tls_certificate, error);
    if (error)
      return Fail(ErrorCode::kIo, config.tls_certificate,
                  "is no certificate in PEM: " + error.message());
    context->use_private_key_file(config.tls_key, asio::ssl::context::pem, error);
    if (error)
      return Fail(ErrorCode::kIo, config.tls_key,
                  "is no key of the certificate: " + error.message());
    tls = context;
    uses_tls = true;
    return {};
  }
};

Listener::Listener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Listener::~Listener() {
  if (!impl_->local_path.empty()) unlink(impl_->local_path.c_str());
}

Result<std::unique_ptr<Listener>> Listener::Open(const ServeConfig& config, Handler handler) {
  auto impl = std::make_shared<Impl>();
  impl->handler = std::move(handler);
  impl->limits = config.limits;
  if (!config.listen.tls_certificate.empty()) {
    if (Status loaded = impl->LoadTls(config.listen); !loaded) {
      return tl::unexpected(loaded.error());
    }
  }
  if (!config.listen.address.empty()) {
    if (Status opened = impl->OpenTcp(config.listen); !opened) {
      return tl::unexpected(opened.error());
    }
  }
  if (!config.listen.unix_path.empty()) {
    if (Status opened = impl->OpenLocal(config.listen.unix_path); !opened) {
      return tl::unexpected(opened.error());
    }
  }
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

void Listener::Run(std::size_t threads, std::function<void()> tick,
                   std::function<void(int)> signalled) {
  asio::io_context& io = impl_->io;
  asio::signal_set signals(io, SIGHUP, SIGTERM, SIGINT);
  std::function<void(const error_code&, int)> on_signal = [&](const error_code& error, int signal) {
    if (error) return;
    signals.async_wait(on_signal);
    signalled(signal);
  };
  signals.async_wait(on_signal);
  if (impl_->tcp_acceptor) asio::co_spawn(io, impl_->AcceptTcp(), asio::detached);
  if (impl_->local_acceptor) asio::co_spawn(io, impl_->AcceptLocal(), asio::detached);
  asio::co_spawn(io, impl_->Ticks(std::move(tick)), asio::detached);
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < threads; ++i) others.emplace_back([&io] { io.run(); });
  io.run();
  for (std::thread& other : others) other.join();
}

void Listener::Post(std::function<void()> task) { asio::post(impl_->io, std::move(task)); }

void Listener::Close() {
  asio::post(impl_->io, [impl = impl_] {
    error_code ignored;
    if (impl->tcp_acceptor) impl->tcp_acceptor->close(ignored);
    if (impl->local_acceptor) impl->local_acceptor->close(ignored);
    impl->idle.CloseAll();
  });
}

void Listener::Stop() { impl_->io.stop(); }

Status Listener::UseCertificate(const ListenConfig& config) {
  if (config.tls_certificate.empty() || !impl_->uses_tls) return {};
  return impl_->LoadTls(config);
}

std::uint16_t Listener::port() const {
  error_code ignored;
  return impl_->tcp_acceptor ? impl_->tcp_acceptor->local_endpoint(ignored).port()
                             : std::uint16_t{0};
}

std::size_t Listener::connections() const {
  return impl_->tcp_limiter->taken() + impl_->local_limiter->taken();
}

}  // namespace holdfast
