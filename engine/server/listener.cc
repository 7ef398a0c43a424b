#include "engine/server/listener.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include <algorithm>
#include <array>
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
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/version.hpp>
#include <csignal>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "engine/base/text.h"
#include "engine/server/problem.h"

namespace holdfast {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Local = asio::local::stream_protocol;
using TcpStream = beast::basic_stream<tcp, asio::any_io_executor>;
using LocalStream = beast::basic_stream<Local, asio::any_io_executor>;
using TlsStream = beast::ssl_stream<TcpStream>;

// The connections that are open, and whose they are. Any thread.
class Seats {
 public:
  // A place among `most` of a kind, of which `peer` may have `most_of_one`; given back when the
  // last copy goes. Null: there is none.
  static std::shared_ptr<void> Take(const std::shared_ptr<Seats>& seats, const std::string& peer,
                                    std::size_t most, std::size_t most_of_one) {
    const std::lock_guard lock(seats->mutex_);
    if (seats->all_ >= most) return nullptr;
    std::size_t& mine = seats->by_peer_[peer];
    if (mine >= most_of_one) return nullptr;
    ++mine;
    ++seats->all_;
    return {seats.get(), [seats, peer](void*) {
              const std::lock_guard again(seats->mutex_);
              --seats->all_;
              const auto left = seats->by_peer_.find(peer);
              if (--left->second == 0) seats->by_peer_.erase(left);
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

// How long a connection that is being closed may still send what nobody reads.
constexpr std::chrono::seconds kLinger{1};
constexpr std::size_t kLingerBytes = 1 << 20;

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
  // Those who come by the Unix socket have places of their own. They outlive what io drops.
  const std::shared_ptr<Seats> tcp_seats = std::make_shared<Seats>();
  const std::shared_ptr<Seats> local_seats = std::make_shared<Seats>();
  std::atomic<bool> closing = false;
  std::mutex mutex;
  std::uint64_t next_idle = 0;
  std::map<std::uint64_t, std::function<void()>> idle;  // closes connections between requests

  struct Peer {
    std::string address, network;  // see HttpRequest
  };

  // ---- a connection ----------------------------------------------------------------------------

  // The answer to a request that is not one.
  static HttpAnswer Fault(const error_code& error, bool in_header) {
    const bool full = error == http::error::buffer_overflow;
    if (error == http::error::header_limit || (full && in_header)) {
      return Problem(ErrorCode::kHeadersTooLarge, "the headers are too large");
    }
    if (error == http::error::body_limit || full) {
      return Problem(ErrorCode::kLimitExceeded, "the body is too large");
    }
    if (error == beast::error::timeout) {
      return Problem(ErrorCode::kTimeout, "the request did not come in time");
    }
    return Problem(ErrorCode::kMalformedInput, "this is no HTTP request: " + error.message());
  }

  template <typename Stream>
  static auto& Lowest(Stream& stream) {
    return beast::get_lowest_layer(stream);
  }

  http::response<http::string_body> Response(HttpAnswer answer, unsigned version, bool keep) const {
    http::response<http::string_body> response;
    response.version(version);
    response.result(static_cast<unsigned>(answer.status));
    response.set(http::field::content_type, answer.type);
    for (const auto& [name, value] : answer.headers) response.set(name, value);
    response.keep_alive(keep);
    response.body() = std::move(answer.body);
    response.prepare_payload();
    return response;
  }

  // Has a request answered, and comes back on the connection's own strand.
  template <typename Executor>
  asio::awaitable<HttpAnswer> Answered(HttpRequest request, Executor executor) {
    auto answer = std::make_shared<HttpAnswer>();
    // Waits for the answer by a timer that is cancelled when it is there.
    auto timer =
        std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
    auto there = std::make_shared<bool>(false);
    handler(std::move(request), [answer, timer, there, executor](HttpAnswer made) {
      asio::post(executor, [answer, timer, there, made = std::move(made)]() mutable {
        *answer = std::move(made);
        *there = true;
        timer->cancel();
      });
    });
    error_code ignored;
    while (!*there) co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    co_return std::move(*answer);
  }

  // Ends what takes too long. The stream stays open, so that it can be told.
  struct Patience {
    explicit Patience(asio::any_io_executor executor) : timer(std::move(executor)) {}
    asio::steady_timer timer;
    std::function<void()> cancel;  // what is waited for; empty: nobody waits any more
    std::uint64_t number = 0;
    bool over = false;
  };
  static void Expect(const std::shared_ptr<Patience>& patience, std::int64_t seconds) {
    const std::uint64_t number = ++patience->number;
    patience->timer.expires_after(std::chrono::seconds(seconds));
    patience->timer.async_wait([patience, number](const error_code& error) {
      if (error || patience->number != number || !patience->cancel) return;
      patience->over = true;
      patience->cancel();
    });
  }

  template <typename Stream>
  asio::awaitable<void> Serve(Stream& stream, Peer peer) {
    const auto executor = co_await asio::this_coro::executor;
    const auto patience = std::make_shared<Patience>(executor);
    patience->cancel = [&stream] { Lowest(stream).cancel(); };
    const bool polite = co_await ServeRequests(stream, peer, patience);
    patience->cancel = nullptr;
    patience->timer.cancel();
    if (polite) co_await Linger(stream);
  }

  // True when the other side should be let finish what it is sending.
  template <typename Stream>
  asio::awaitable<bool> ServeRequests(Stream& stream, const Peer& peer,
                                      const std::shared_ptr<Patience>& patience) {
    const auto executor = co_await asio::this_coro::executor;
    beast::flat_buffer buffer(limits.header_bytes + (64 << 10));
    for (;;) {
      // Between two requests a connection may be silent for longer than within one.
      if (buffer.size() == 0 && !co_await MoreComes(stream, buffer, patience)) co_return false;
      http::request_parser<http::string_body> parser;
      parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
      parser.body_limit(limits.body_bytes);
      error_code error;
      Expect(patience, limits.request_seconds);
      co_await http::async_read_header(stream, buffer, parser,
                                       asio::redirect_error(asio::use_awaitable, error));
      const bool in_header = static_cast<bool>(error);
      if (!error && beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        http::response<http::empty_body> go_on(http::status::continue_, parser.get().version());
        co_await http::async_write(stream, go_on, asio::redirect_error(asio::use_awaitable, error));
      }
      if (!error) {
        co_await http::async_read(stream, buffer, parser,
                                  asio::redirect_error(asio::use_awaitable, error));
      }
      if (error) {
        // Whoever has gone needs no answer.
        static const auto& kProtocol = http::make_error_code(http::error::bad_version).category();
        const bool ended = error == http::error::end_of_stream;
        if (!patience->over && (ended || error.category() != kProtocol)) co_return false;
        if (patience->over) error = beast::error::timeout;
        auto response = Response(Fault(error, in_header), 11, false);
        patience->over = false;
        Expect(patience, limits.request_seconds);
        co_await http::async_write(stream, response,
                                   asio::redirect_error(asio::use_awaitable, error));
        co_return !error;
      }
      auto message = parser.release();
      const bool keep = message.keep_alive() && !closing;
      const unsigned version = message.version();
      HttpRequest request;
      request.method = std::string(message.method_string());
      request.target = std::string(message.target());
      for (const auto& field : message) {
        request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
      }
      request.body = std::move(message.body());
      request.peer = peer.address;
      request.network = peer.network;
      ++patience->number;  // the answer takes its time
      const bool head = request.method == "HEAD";
      auto answer = co_await Answered(std::move(request), executor);
      if (head) answer.body.clear();  // which HEAD may not have
      auto response = Response(std::move(answer), version, keep);
      Expect(patience, limits.request_seconds);
      co_await http::async_write(stream, response,
                                 asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return false;
      if (!response.keep_alive()) co_return true;
    }
  }

  // Waits for the first bytes of a request; false when none will come.
  template <typename Stream>
  asio::awaitable<bool> MoreComes(Stream& stream, beast::flat_buffer& buffer,
                                  const std::shared_ptr<Patience>& patience) {
    if (closing) co_return false;
    std::uint64_t mark = 0;
    {
      const std::lock_guard lock(mutex);
      mark = next_idle++;
      idle[mark] = [executor = patience->timer.get_executor(), patience] {
        asio::post(executor, [patience] {
          if (patience->cancel) patience->cancel();
        });
      };
    }
    Expect(patience, limits.idle_seconds);
    error_code error;
    constexpr std::size_t kFirst = 4096;
    const std::size_t got = co_await stream.async_read_some(
        buffer.prepare(kFirst), asio::redirect_error(asio::use_awaitable, error));
    buffer.commit(got);
    const std::lock_guard lock(mutex);
    idle.erase(mark);
    co_return !error;
  }

  // A connection that is closed with bytes unread takes the last answer with it.
  template <typename Stream>
  asio::awaitable<void> Linger(Stream& stream) {
    error_code error;
    Lowest(stream).socket().shutdown(asio::socket_base::shutdown_send, error);
    std::size_t left = kLingerBytes;
    std::array<char, 4096> dropped;
    Lowest(stream).expires_after(kLinger);
    while (!error && left > 0) {
      const std::size_t got = co_await Lowest(stream).async_read_some(
          asio::buffer(dropped), asio::redirect_error(asio::use_awaitable, error));
      left -= std::min(left, got);
    }
  }

  // ---- those who come --------------------------------------------------------------------------

  template <typename Stream>
  asio::awaitable<void> Connection(std::shared_ptr<Stream> stream, Peer peer,
                                   std::shared_ptr<void> seat) {
    try {
      co_await Serve(*stream, std::move(peer));
    } catch (const std::exception&) {
      // What a library throws ends the connection, not the service.
    }
    error_code ignored;
    Lowest(*stream).socket().close(ignored);
    seat.reset();
  }

  asio::awaitable<void> TlsConnection(std::shared_ptr<TlsStream> stream,
                                      std::shared_ptr<asio::ssl::context> context, Peer peer,
                                      std::shared_ptr<void> seat) {
    error_code error;
    Lowest(*stream).expires_after(std::chrono::seconds(limits.request_seconds));
    co_await stream->async_handshake(asio::ssl::stream_base::server,
                                     asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    Lowest(*stream).expires_never();  // from here on it is Patience that ends what takes too long
    co_await Connection(stream, std::move(peer), std::move(seat));
    context.reset();  // it has outlived its stream's use
  }

  // Whose connections are counted together: an IPv4 address, or the /64 that a host has of IPv6.
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
        co_await Breathe();
        continue;
      }
      const auto address = socket.remote_endpoint(error).address();
      const Peer peer{address.to_string(), NetworkOf(address)};
      socket.set_option(tcp::no_delay(true), error);
      auto seat =
          Seats::Take(tcp_seats, peer.network, limits.connections, limits.connections_per_address);
      if (seat == nullptr) {
        socket.close(error);
        continue;
      }
      const asio::any_io_executor executor = socket.get_executor();
      if (uses_tls) {
        auto context = tls.load();
        auto stream = std::make_shared<TlsStream>(TcpStream(std::move(socket)), *context);
        asio::co_spawn(executor, TlsConnection(stream, context, peer, std::move(seat)),
                       asio::detached);
      } else {
        auto stream = std::make_shared<TcpStream>(std::move(socket));
        asio::co_spawn(executor, Connection(stream, peer, std::move(seat)), asio::detached);
      }
    }
  }

  asio::awaitable<void> AcceptLocal() {
    for (;;) {
      error_code error;
      auto socket = co_await local_acceptor->async_accept(
          asio::make_strand(io), asio::redirect_error(asio::use_awaitable, error));
      if (!local_acceptor->is_open()) co_return;
      if (error) {
        co_await Breathe();
        continue;
      }
      auto seat = Seats::Take(local_seats, "unix", limits.connections, limits.connections);
      if (seat == nullptr) {
        socket.close(error);
        continue;
      }
      const asio::any_io_executor executor = socket.get_executor();
      auto stream = std::make_shared<LocalStream>(std::move(socket));
      asio::co_spawn(executor, Connection(stream, Peer{"unix", "unix"}, std::move(seat)),
                     asio::detached);
    }
  }

  // No descriptor is free: those who are served will give some back.
  asio::awaitable<void> Breathe() {
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
        // What a library throws at one tick must not end all others.
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
    // A socket that nobody listens to any more is in the way of the next.
    struct stat status {};
    if (lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) {
      Local::socket probe(io);
      probe.connect(Local::endpoint(path), error);
      if (!error) return Fail(ErrorCode::kBusy, path, "somebody listens there already");
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
    const std::lock_guard lock(impl->mutex);
    impl->closing = true;
    for (const auto& [mark, close] : impl->idle) close();
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
  return impl_->tcp_seats->taken() + impl_->local_seats->taken();
}

}  // namespace holdfast
