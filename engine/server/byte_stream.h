// ByteStream: the bytes of a connection over TCP, a Unix socket, or TLS over TCP.
//
// Code that uses it is compiled once, not once for each kind of socket. A stream is used only on
// its own strand.
#pragma once

// Before Boost 1.74, which uses it without including it.
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>

namespace boost::asio::ssl {
class context;
}

namespace holdfast {

class ByteStream {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  // Buffers that are written one after another; the caller owns them until the write has ended.
  struct ConstBuffers {
    const boost::asio::const_buffer* first;
    const boost::asio::const_buffer* last;
    const boost::asio::const_buffer* begin() const { return first; }
    const boost::asio::const_buffer* end() const { return last; }
  };

  virtual ~ByteStream() = default;

  // Does the handshake, if there is one (TLS). Every function that awaits reports its result in
  // `error`.
  virtual boost::asio::awaitable<void> Open(boost::system::error_code& error) = 0;
  // Reads at least one byte; returns how many.
  virtual boost::asio::awaitable<std::size_t> ReadSome(boost::asio::mutable_buffer into,
                                                       boost::system::error_code& error) = 0;
  // Writes all of the buffers.
  virtual boost::asio::awaitable<void> Write(ConstBuffers buffers,
                                             boost::system::error_code& error) = 0;
  // Reads raw bytes of the socket, below TLS, while the connection is being closed.
  boost::asio::awaitable<std::size_t> ReadBelow(boost::asio::mutable_buffer into,
                                                boost::system::error_code& error);
  // Pending operations end with operation_aborted; the stream stays open.
  void Cancel();
  // Tells the other side that nothing more will be sent.
  void ShutdownSend();
  void Close();

 protected:
  virtual Socket& socket() = 0;
};

std::unique_ptr<ByteStream> PlainStream(ByteStream::Socket socket);
// Keeps the context as long as the stream lives.
std::unique_ptr<ByteStream> TlsStream(ByteStream::Socket socket,
                                      std::shared_ptr<boost::asio::ssl::context> context);

}  // namespace holdfast
