#include "engine/server/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/read_size.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/serializer.hpp>
#include <chrono>
#include <map>
#include <mutex>
#include <utility>

#include "engine/base/text.h"
#include "engine/server/api/problem.h"

namespace holdfast {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

// How long, and for how many bytes, a connection is still read while it is closed. Closing it with
// unread bytes would discard the last answer.
constexpr std::int64_t kLingerSeconds = 1;
constexpr std::size_t kLingerBytes = 1 << 20;
constexpr std::size_t kFirstRead = 4096;
constexpr std::size_t kMostRead = 65536;

// The answer to a malformed request.
HttpAnswer Fault(const error_code& error, bool in_header) {
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

http::response<http::string_body> MakeResponse(HttpAnswer answer, unsigned version, bool keep) {
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

}  // namespace

// ---- IdleConnections ----------------------------------------------------------------------------

struct IdleConnections::State {
  mutable std::mutex mutex;
  bool closing = false;
  std::uint64_t next = 0;
  std::map<std::uint64_t, std::function<void()>> close;  // for each one that waits for a request
};

std::shared_ptr<IdleConnections::State> IdleConnections::NewState() {
  return std::make_shared<State>();
}

void IdleConnections::CloseAll() {
  const std::lock_guard lock(state_->mutex);
  state_->closing = true;
  for (const auto& [mark, close] : state_->close) close();
}

bool IdleConnections::closing() const {
  const std::lock_guard lock(state_->mutex);
  return state_->closing;
}

// ---- Connection ---------------------------------------------------------------------------------

// Cancels operations that take too long. The stream stays open, so that an answer can still be
// sent.
struct Connection::RequestTimeout : std::enable_shared_from_this<Connection::RequestTimeout> {
  explicit RequestTimeout(asio::any_io_executor executor) : timer(std::move(executor)) {}

  void Expect(std::int64_t seconds) {
    const std::uint64_t mine = ++number;
    timer.expires_after(std::chrono::seconds(seconds));
    timer.async_wait([self = shared_from_this(), mine](const error_code& error) {
      if (error || self->number != mine || !self->cancel) return;
      self->over = true;
      self->cancel();
    });
  }
  // Removes the time limit for what comes next.
  void Wait() { ++number; }

  asio::steady_timer timer;
  std::function<void()> cancel;  // cancels the operation; empty once the connection has ended
  std::uint64_t number = 0;
  bool over = false;
};

Connection::Connection(std::unique_ptr<ByteStream> stream, Peer peer, const LimitConfig& limits,
                       const Handler& handler, const IdleConnections& idle)
    : stream_(std::move(stream)),
      peer_(std::move(peer)),
      limits_(limits),
      handler_(handler),
      idle_(idle),
      buffer_(limits.header_bytes + kMostRead) {}

asio::awaitable<void> Connection::Serve() {
  timeout_ = std::make_shared<RequestTimeout>(co_await asio::this_coro::executor);
  timeout_->cancel = [this] { stream_->Cancel(); };
  try {
    error_code error;
    timeout_->Expect(limits_.request_seconds);
    co_await stream_->Open(error);
    if (!error && co_await ServeRequests()) co_await Linger();
  } catch (const std::exception&) {
    // An exception of a library ends the connection, not the service.
  }
  timeout_->cancel = nullptr;
  timeout_->timer.cancel();
  stream_->Close();
}

// True when the peer should be allowed to finish sending.
asio::awaitable<bool> Connection::ServeRequests() {
  for (;;) {
    // Between two requests a connection may be idle for longer than within one.
    if (buffer_.size() == 0 && !co_await MoreComes()) co_return false;
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
    parser.body_limit(limits_.body_bytes);
    error_code error;
    timeout_->Expect(limits_.request_seconds);
    co_await Read(parser, true, error);
    const bool in_header = static_cast<bool>(error);
    if (!error && beast::iequals(parser.get()[http::field::expect], "100-continue")) {
      Response go_on;
      go_on.result(http::status::continue_);
      go_on.version(parser.get().version());
      co_await Write(go_on, error);
    }
    if (!error) co_await Read(parser, false, error);
    if (error) {
      // A peer that has disconnected needs no answer.
      static const auto& kProtocol = http::make_error_code(http::error::bad_version).category();
      const bool ended = error == http::error::end_of_stream;
      if (!timeout_->over && (ended || error.category() != kProtocol)) co_return false;
      if (timeout_->over) error = beast::error::timeout;
      Response response = MakeResponse(Fault(error, in_header), 11, false);
      timeout_->over = false;
      timeout_->Expect(limits_.request_seconds);
      co_await Write(response, error);
      co_return !error;
    }
    auto message = parser.release();
    const bool keep = message.keep_alive() && !idle_.closing();
    const unsigned version = message.version();
    HttpRequest request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    for (const auto& field : message) {
      request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    request.body = std::move(message.body());
    request.peer = peer_.address;
    request.network = peer_.network;
    timeout_->Wait();
    const bool head = request.method == "HEAD";
    HttpAnswer answer = co_await Answered(std::move(request));
    if (head) answer.body.clear();  // HEAD answers have no body
    Response response = MakeResponse(std::move(answer), version, keep);
    timeout_->Expect(limits_.request_seconds);
    co_await Write(response, error);
    if (error) co_return false;
    if (!response.keep_alive()) co_return true;
  }
}

// Waits for the first bytes of a request. False: none will arrive.
asio::awaitable<bool> Connection::MoreComes() {
  IdleConnections::State& idle = *idle_.state_;
  std::uint64_t mark = 0;
  {
    const std::lock_guard lock(idle.mutex);
    if (idle.closing) co_return false;
    mark = idle.next++;
    idle.close[mark] = [executor = timeout_->timer.get_executor(), timeout = timeout_] {
      asio::post(executor, [timeout] {
        if (timeout->cancel) timeout->cancel();
      });
    };
  }
  timeout_->Expect(limits_.idle_seconds);
  error_code error;
  buffer_.commit(co_await stream_->ReadSome(buffer_.prepare(kFirstRead), error));
  const std::lock_guard lock(idle.mutex);
  idle.close.erase(mark);
  co_return !error;
}

// Reads until the header or the whole request is complete.
asio::awaitable<void> Connection::Read(Parser& parser, bool header_only, error_code& error) {
  parser.eager(!header_only);
  for (;;) {
    while (buffer_.size() > 0 && !(header_only ? parser.is_header_done() : parser.is_done())) {
      buffer_.consume(parser.put(buffer_.data(), error));
      if (error == http::error::need_more) break;
      if (error) co_return;
    }
    error = {};
    if (header_only ? parser.is_header_done() : parser.is_done()) co_return;
    const std::size_t room = beast::read_size(buffer_, kMostRead);
    if (room == 0) {
      error = http::error::buffer_overflow;
      co_return;
    }
    buffer_.commit(co_await stream_->ReadSome(buffer_.prepare(room), error));
    if (error == asio::error::eof) {
      error = http::error::end_of_stream;
      if (!parser.got_some()) co_return;
      error = {};
      parser.put_eof(error);
    }
    if (error) co_return;
  }
}

asio::awaitable<void> Connection::Write(Response& response, error_code& error) {
  http::response_serializer<http::string_body> serializer(response);
  constexpr std::size_t kMostBuffers = 16;
  while (!serializer.is_done()) {
    std::array<asio::const_buffer, kMostBuffers> buffers;
    std::size_t count = 0, bytes = 0;
    serializer.next(error, [&](error_code&, const auto& made) {
      for (const asio::const_buffer buffer : beast::buffers_range_ref(made)) {
        if (buffer.size() == 0 || count == kMostBuffers) continue;
        buffers[count++] = buffer;
        bytes += buffer.size();
      }
    });
    if (error) co_return;
    co_await stream_->Write({buffers.data(), buffers.data() + count}, error);
    if (error) co_return;
    serializer.consume(bytes);
  }
}

// Passes a request to the handler and resumes on the connection's strand with the answer.
asio::awaitable<HttpAnswer> Connection::Answered(HttpRequest request) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  struct Place {
    explicit Place(const asio::any_io_executor& executor)
        : timer(executor, asio::steady_timer::time_point::max()) {}
    asio::steady_timer timer;  // cancelled when the answer has arrived
    bool there = false;
    HttpAnswer answer;
  };
  const auto place = std::make_shared<Place>(executor);
  handler_(std::move(request), [place, executor](HttpAnswer made) {
    asio::post(executor, [place, made = std::move(made)]() mutable {
      place->answer = std::move(made);
      place->there = true;
      place->timer.cancel();
    });
  });
  error_code ignored;
  while (!place->there) {
    co_await place->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return std::move(place->answer);
}

asio::awaitable<void> Connection::Linger() {
  stream_->ShutdownSend();
  timeout_->Expect(kLingerSeconds);
  error_code error;
  std::array<char, kFirstRead> dropped;
  for (std::size_t left = kLingerBytes; !error && left > 0;) {
    left -= std::min(left, co_await stream_->ReadBelow(asio::buffer(dropped), error));
  }
}

}  // namespace holdfast
