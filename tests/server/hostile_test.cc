// Clients that mean harm, or know no better: clear answers, nothing that breaks.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "engine/codec/json_value.h"
#include "tests/server/running.h"

namespace holdfast::testing {
namespace {

// What came back for bytes as they are; the connection may be closed without an answer.
Reply Raw(const Running& service, const std::string& bytes, bool more_to_come = false) {
  Connection connection(service.port());
  connection.Send(bytes);
  if (!more_to_come) connection.ShutDown();
  return connection.Receive(15);
}

TEST_CASE("server: hostile requests get a clear answer and change nothing") {
  const Running service(
      "limits: { body_bytes: 65536, header_bytes: 8192, request: 2s, idle: 3s }\n");
  const std::string key = "Authorization: Bearer " + service.Key("ingest") + "\r\n";
  const std::string post = "POST /v1/events HTTP/1.1\r\nHost: x\r\n" + key;
  struct Row {
    std::string what;
    std::string bytes;
    int status;  // 0: closed without an answer
  };
  std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  std::string deep_order = R"({"id":"1","attributes":)" + std::string(10'000, '{') + "}";
  const auto with_body = [&](const std::string& body) {
    return post +
           "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  };
  const std::vector<Row> rows = {
      {"no HTTP at all", "hello\r\n\r\n", 400},
      {"bytes", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), 400},
      {"an unknown version", "GET /healthz HTTP/9.9\r\n\r\n", 400},
      {"no path", "GET  HTTP/1.1\r\n\r\n", 400},
      {"a blank in the path", "GET /a b HTTP/1.1\r\n\r\n", 400},
      {"a header without a name", "GET /healthz HTTP/1.1\r\n: x\r\n\r\n", 400},
      {"a header without a colon", "GET /healthz HTTP/1.1\r\nfoo\r\n\r\n", 400},
      {"a folded header", "GET /healthz HTTP/1.1\r\nA: x\r\n y\r\n\r\n", 200},
      {"two lengths", post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400},
      {"a length that is none", post + "Content-Length: -1\r\n\r\n{}", 400},
      {"a length beyond all", post + "Content-Length: 99999999999999999999\r\n\r\n{}", 400},
      {"a length and chunks",
       post + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"chunks that are none", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400},
      {"chunks without end",
       post + "Transfer-Encoding: chunked\r\n\r\n" + std::string("10000\r\n") +
           std::string(65'536, ' ') + "\r\n10000\r\n" + std::string(65'536, ' ') + "\r\n",
       413},
      {"a large body", with_body(std::string(70'000, ' ')), 413},
      {"a large header", "GET /healthz HTTP/1.1\r\nA: " + std::string(20'000, 'a') + "\r\n\r\n",
       431},
      {"half a body", post + "Content-Length: 100\r\n\r\n{\"id\":", 400},
      {"no body", post + "\r\n", 400},
      {"an empty body", with_body(""), 400},
      {"no JSON", with_body("{\"id\""), 400},
      {"bad UTF-8", with_body("{\"id\":\"\xff\xfe\"}"), 400},
      {"a zero byte", with_body(std::string("{\"id\":\"a\0b\"}", 12)), 400},
      {"a list of depth 10,000", with_body(deep), 400},
      {"an order of depth 10,000", with_body(deep_order), 400},
      {"a number for a text", with_body("5"), 400},
      {"a path that climbs", "GET /../../etc/passwd HTTP/1.1\r\n\r\n", 404},
      {"a path with escapes", "GET /v1/orders/%2e%2e%2f%00 HTTP/1.1\r\n" + key + "\r\n", 403},
      {"a long path", "GET /" + std::string(7000, 'a') + " HTTP/1.1\r\n\r\n", 404},
      {"a token with a line end", "GET /v1/queue HTTP/1.1\r\nAuthorization: Bearer a\rb\r\n\r\n",
       400},
      {"an expectation of nonsense",
       "POST /v1/events HTTP/1.1\r\n" + key + "Expect: miracles\r\nContent-Length: 2\r\n\r\n{}",
       422},
      {"a webhook of nobody", "POST /webhooks/paypal/acme HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
       404},
  };
  for (const Row& row : rows) {
    const Reply reply = Raw(service, row.bytes);
    CAPTURE(row.what);
    CAPTURE(reply.status);
    CAPTURE(reply.body);
    CHECK(reply.status == row.status);
    if (reply.status >= 400) {
      CHECK(reply.Header("content-type") == "application/problem+json");
    }
  }
  // Every route with bodies that are none.
  const std::string bodies[] = {"\xc0\x80", deep, "null", "[]", "{\"a\":1,\"a\":2}"};
  const std::pair<std::string, std::array<int, 5>> routes[] = {
      {"/v1/events", {400, 400, 400, 400, 422}},
      {"/v1/orders", {400, 400, 400, 400, 422}},
      {"/v1/lists/blocked_emails?merchant=acme", {400, 400, 422, 422, 400}},
      {"/v1/packs", {400, 400, 422, 422, 400}},
      {"/webhooks/paypal/acme", {404, 404, 404, 404, 404}},
  };
  for (const auto& [route, statuses] : routes) {
    for (std::size_t i = 0; i < statuses.size(); ++i) {
      CAPTURE(route);
      CAPTURE(bodies[i].substr(0, 20));
      CHECK(service.Post(route, "all", bodies[i]).status == statuses[i]);
    }
  }
  // Nothing is in the log but the activation of its pack.
  CHECK(service.Get("/readyz", "").body.find("\"offset\":1") != std::string::npos);
}

TEST_CASE("server: those who are slow or too many are cut off, and the rest is served") {
  const Running service("limits: { connections_per_address: 50, request: 1s, idle: 2s }\n",
                        ", unix: holdfast.sock");
  // A header that drips.
  Connection slow(service.port());
  REQUIRE(slow.Send("POST /v1/events HTTP/1.1\r\nHost: x\r\n"));
  // A body that does not come, and one whose answer nobody reads.
  Connection half(service.port());
  REQUIRE(half.Send("POST /v1/events HTTP/1.1\r\nAuthorization: Bearer " + service.Key("ingest") +
                    "\r\nContent-Length: 100\r\n\r\n{"));
  Connection silent(service.port());
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  CHECK(service.Get("/healthz", "").status == 200);
  CHECK(slow.Receive(5).status == 408);
  CHECK(half.Receive(5).status == 408);
  CHECK(silent.Receive(5).status == 0);
  // More connections than are allowed: those that are served stay so.
  Connection kept(service.port());
  kept.Send(RequestText("GET", "/healthz", {}, {}));
  CHECK(kept.Receive().status == 200);
  std::vector<std::unique_ptr<Connection>> flood;
  for (int i = 0; i < 200; ++i) flood.push_back(std::make_unique<Connection>(service.port()));
  kept.Send(RequestText("GET", "/healthz", {}, {}));
  CHECK(kept.Receive().status == 200);
  int served = 0;
  for (const auto& one : flood) {
    if (one->Send(RequestText("GET", "/healthz", {}, {})) && one->Receive().status == 200) ++served;
  }
  CHECK(served > 0);
  CHECK(served < 50);
  // Connections by the Unix socket have places of their own.
  Connection local(service.folder() + "holdfast.sock");
  REQUIRE(local.Send(RequestText("GET", "/healthz", {}, {})));
  CHECK(local.Receive().status == 200);
  flood.clear();
  CHECK(Eventually([&] { return service.Get("/healthz", "").status == 200; }));
}

TEST_CASE("server: an answer that HEAD asks for has no body, and the next one is whole") {
  const Running service;
  Connection connection(service.port());
  REQUIRE(connection.Send(RequestText("HEAD", "/healthz", {}, {}) +
                          RequestText("GET", "/healthz", {}, {})));
  const Reply head = connection.Receive();
  CHECK(head.status == 405);
  CHECK(head.body.empty());
  CHECK(connection.Receive().body == R"({"status":"ok"})");
}

// Goal:   who is being answered when the service is asked to end gets the whole answer, and asking
//         twice does not end it sooner.
// Method: an answer larger than what the kernel keeps, to a client that reads it after the signal;
//         a second signal comes while the folder is closed.
TEST_CASE("server: the service ends once what it answers has gone") {
  Running service("limits: { body_bytes: 8000000, in_flight: 40000, request: 60s }\n");
  constexpr int kOrders = 8'000;
  std::string lines;
  for (int i = 0; i < kOrders; ++i) lines += OrderText("d" + std::to_string(i)) + "\n";
  Connection connection(service.port());
  REQUIRE(connection.Send(RequestText("POST", "/v1/events",
                                      {{"Authorization", "Bearer " + service.Key("ingest")},
                                       {"Content-Type", "application/x-ndjson"}},
                                      lines)));
  REQUIRE(Eventually(
      [&] {
        // The orders, and alerts of those that have been held for too long by then.
        const auto ready = JsonDocument::Parse(service.Get("/readyz", "").body);
        return ready && std::stoi("0" + std::string(ready->root()["offset"].text())) >= kOrders;
      },
      120));
  service.Signal(SIGTERM);
  REQUIRE(Eventually([&] { return !Connection(service.port()).open(); }));
  const Reply reply = connection.Receive();
  CHECK(reply.status == 200);
  CHECK(reply.body.size() > 6'000'000);
  CHECK(std::count(reply.body.begin(), reply.body.end(), '\n') == kOrders);
  CHECK(service.Stop() == 0);
}

// Goal:   when the disk refuses a write, everybody who waits is told, and the process ends.
// Method: the service may not make its files longer; a write that tries fails.
TEST_CASE("server: what the disk refuses is answered with 503") {
  const auto before = std::signal(SIGXFSZ, SIG_IGN);  // else the write would end the process
  Running service;
  std::signal(SIGXFSZ, before);
  REQUIRE(service.Post("/v1/orders", "ingest", OrderText("1")).status == 200);
  const rlimit none{1, 1};
  REQUIRE(prlimit(service.pid(), RLIMIT_FSIZE, &none, nullptr) == 0);
  const std::tuple<const char*, const char*, const char*, std::string> asked[] = {
      {"POST", "/v1/orders", "ingest", OrderText("2")},
      {"POST", "/v1/lists/blocked_emails", "admin", R"({"add":["a@b.example"]})"},
      {"POST", "/v1/events", "admin", OrderText("3")},
      {"GET", "/v1/orders/1", "review", ""},
      {"GET", "/v1/decisions?wait=20", "review", ""},
  };
  std::vector<std::unique_ptr<Connection>> connections;
  for (const auto& [method, target, key, body] : asked) {
    connections.push_back(std::make_unique<Connection>(service.port()));
    connections.back()->Send(
        RequestText(method, target, {{"Authorization", "Bearer " + service.Key(key)}}, body));
  }
  for (std::size_t i = 0; i < connections.size(); ++i) {
    CAPTURE(i);
    const int status = connections[i]->Receive().status;
    if (i < 3) CHECK(status == 503);
    if (i >= 3) CHECK((status == 200 || status == 503));
  }
  CHECK(service.Stop() == 3);
}

TEST_CASE("server: requests that come in one go are answered in their order") {
  const Running service;
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += RequestText("POST", "/v1/orders", {{"Authorization", "Bearer " + service.Key("ingest")}},
                       OrderText("p" + std::to_string(i)));
    all += RequestText("GET", "/healthz", {}, {});
  }
  Connection connection(service.port());
  std::thread sender([&] { connection.Send(all); });
  for (int i = 0; i < 50; ++i) {
    const Reply reply = connection.Receive();
    CHECK(reply.status == 200);
    CHECK(reply.body.find("\"id\":\"p" + std::to_string(i) + "\"") != std::string::npos);
    CHECK(connection.Receive().body == R"({"status":"ok"})");
  }
  sender.join();
}

TEST_CASE("server: more than may be in flight is refused, and can be sent again") {
  const Running service("limits: { in_flight: 40 }\n");
  std::string lines;
  for (int i = 0; i < 15; ++i) lines += OrderText("f" + std::to_string(i)) + "\n";
  const std::string many = lines + lines;
  CHECK(service.Post("/v1/events", "ingest", many, "application/x-ndjson").status == 413);
  std::vector<std::unique_ptr<Connection>> senders;
  for (int i = 0; i < 20; ++i) {
    senders.push_back(std::make_unique<Connection>(service.port()));
    senders.back()->Send(RequestText("POST", "/v1/events",
                                     {{"Authorization", "Bearer " + service.Key("ingest")},
                                      {"Content-Type", "application/x-ndjson"}},
                                     lines));
  }
  int refused = 0;
  for (const auto& sender : senders) {
    const Reply reply = sender->Receive();
    CHECK((reply.status == 200 || reply.status == 429));
    if (reply.status == 429) CHECK(reply.Header("retry-after") == "1");
    refused += reply.status == 429 ? 1 : 0;
  }
  CHECK(refused < 20);
  CHECK(service.Post("/v1/events", "ingest", lines, "application/x-ndjson").status == 200);
}

}  // namespace
}  // namespace holdfast::testing
