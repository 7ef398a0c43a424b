// Connection: HTTP/1.1 over one ByteStream, with keep-alive and pipelining.
//
// It reads a request, passes it to the handler, writes the answer, and reads on. A peer that is
// slow, sends too much or breaks the protocol gets an error answer if possible; then the connection
// is closed.
#pragma once

// Before Boost 1.74, which uses it without including it.
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/server/byte_stream.h"
#include "engine/server/config.h"
#include "engine/server/http.h"

namespace holdfast {

// What the connections of a listener share. Any thread.
class IdleConnections {
 public:
  // Closes all connections that wait for a request, now and later.
  void CloseAll();
  bool closing() const;

 private:
  friend class Connection;
  struct State;
  std::shared_ptr<State> state_ = NewState();
  static std::shared_ptr<State> NewState();
};

class Connection {
 public:
  using Handler = std::function<void(HttpRequest request, Respond respond)>;
  // The other side: see HttpRequest.
  struct Peer {
    std::string address, network;
  };

  Connection(std::unique_ptr<ByteStream> stream, Peer peer, const LimitConfig& limits,
             const Handler& handler, const IdleConnections& idle);

  // Serves until the connection ends; runs on the connection's strand.
  boost::asio::awaitable<void> Serve();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using Response = boost::beast::http::response<boost::beast::http::string_body>;
  struct RequestTimeout;

  boost::asio::awaitable<bool> ServeRequests();
  boost::asio::awaitable<bool> MoreComes();
  boost::asio::awaitable<void> Read(Parser& parser, bool header_only,
                                    boost::system::error_code& error);
  boost::asio::awaitable<void> Write(Response& response, boost::system::error_code& error);
  boost::asio::awaitable<HttpAnswer> Answered(HttpRequest request);
  boost::asio::awaitable<void> Linger();

  const std::unique_ptr<ByteStream> stream_;
  const Peer peer_;
  const LimitConfig& limits_;
  const Handler& handler_;
  const IdleConnections idle_;
  boost::beast::flat_buffer buffer_;
  std::shared_ptr<RequestTimeout> timeout_;
};

}  // namespace holdfast
