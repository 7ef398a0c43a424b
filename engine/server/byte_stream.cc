#include "engine/server/byte_stream.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace holdfast {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

auto Into(error_code& error) { return asio::redirect_error(asio::use_awaitable, error); }

class Plain final : public ByteStream {
 public:
  explicit Plain(Socket socket) : socket_(std::move(socket)) {}

  asio::awaitable<void> Open(error_code& error) override {
    error = {};
    co_return;
  }
  asio::awaitable<std::size_t> ReadSome(asio::mutable_buffer into, error_code& error) override {
    return socket_.async_read_some(into, Into(error));
  }
  asio::awaitable<void> Write(ConstBuffers buffers, error_code& error) override {
    co_await asio::async_write(socket_, buffers, Into(error));
  }

 private:
  Socket& socket() override { return socket_; }

  Socket socket_;
};

class Tls final : public ByteStream {
 public:
  Tls(Socket socket, std::shared_ptr<asio::ssl::context> context)
      : context_(std::move(context)), stream_(std::move(socket), *context_) {}

  asio::awaitable<void> Open(error_code& error) override {
    return stream_.async_handshake(asio::ssl::stream_base::server, Into(error));
  }
  asio::awaitable<std::size_t> ReadSome(asio::mutable_buffer into, error_code& error) override {
    return stream_.async_read_some(into, Into(error));
  }
  asio::awaitable<void> Write(ConstBuffers buffers, error_code& error) override {
    co_await asio::async_write(stream_, buffers, Into(error));
  }

 private:
  Socket& socket() override { return stream_.next_layer(); }

  const std::shared_ptr<asio::ssl::context> context_;
  asio::ssl::stream<Socket> stream_;
};

}  // namespace

asio::awaitable<std::size_t> ByteStream::ReadBelow(asio::mutable_buffer into, error_code& error) {
  return socket().async_read_some(into, Into(error));
}

void ByteStream::Cancel() {
  error_code ignored;
  socket().cancel(ignored);
}

void ByteStream::ShutdownSend() {
  error_code ignored;
  socket().shutdown(asio::socket_base::shutdown_send, ignored);
}

void ByteStream::Close() {
  error_code ignored;
  socket().close(ignored);
}

std::unique_ptr<ByteStream> PlainStream(ByteStream::Socket socket) {
  return std::make_unique<Plain>(std::move(socket));
}

std::unique_ptr<ByteStream> TlsStream(ByteStream::Socket socket,
                                      std::shared_ptr<asio::ssl::context> context) {
  return std::make_unique<Tls>(std::move(socket), std::move(context));
}

}  // namespace holdfast
