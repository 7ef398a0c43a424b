// The service as its users meet it: events in, decisions out, over a network, from a process.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <thread>

#include "engine/codec/json_value.h"
#include "engine/simulate/random.h"
#include "tests/rounds.h"
#include "tests/server/running.h"

namespace holdfast::testing {
namespace {

std::string Field(const std::string& json, std::string_view name) {
  const auto document = JsonDocument::Parse(json);
  return document ? std::string(document->root()[name].text()) : "no JSON: " + json;
}

std::string OutcomeOf(const std::string& json) {
  const auto document = JsonDocument::Parse(json);
  return document ? std::string(document->root()["decision"]["outcome"].text()) : json;
}

std::string PaymentText(const std::string& id, const std::string& order, const std::string& status,
                        const std::string& minute) {
  return R"({"id":")" + id + R"(","type":"payment.updated","occurred_at":"2026-11-20T09:)" +
         minute + R"(:00Z","order_id":")" + order +
         R"(","payment":{"provider":"paypal","status":")" + status +
         R"(","amount":"40.00","currency":"USD"}})";
}

TEST_CASE("server: an order is held until its money is certain, and the answer says so") {
  const Running service;
  const Reply held = service.Post("/v1/orders", "ingest", OrderText("1"));
  CHECK(held.status == 200);
  CHECK(held.Header("content-type") == "application/json");
  CHECK(OutcomeOf(held.body) == "hold");
  const Reply paid =
      service.Post("/v1/events", "ingest", PaymentText("p1", "1", "completed", "00"));
  CHECK(OutcomeOf(paid.body) == "ship");
  // Late news of less takes nothing back.
  CHECK(service.Post("/v1/events", "ingest", PaymentText("p0", "1", "pending", "00")).status ==
        200);
  // The same again is answered as it was; the same id with other content is refused.
  const Reply again =
      service.Post("/v1/events", "ingest", PaymentText("p1", "1", "completed", "00"));
  CHECK(Field(again.body, "offset") == Field(paid.body, "offset"));
  CHECK(OutcomeOf(again.body) == "ship");
  CHECK(again.body.find("\"duplicate\":true") != std::string::npos);
  const Reply other = service.Post("/v1/events", "ingest", PaymentText("p1", "1", "denied", "00"));
  CHECK(other.status == 409);
  CHECK(other.Header("content-type") == "application/problem+json");
  CHECK(Field(other.body, "type") == "urn:holdfast:problem:duplicate-conflict");
  // What was decided, by the order and as a feed.
  const Reply order = service.Get("/v1/orders/1", "review");
  CHECK(order.status == 200);
  CHECK(order.body.find("\"merchant\":\"acme\"") != std::string::npos);
  CHECK(service.Get("/v1/orders/none", "review").status == 404);
  const auto decisions = JsonDocument::Parse(service.Get("/v1/orders/1/decisions", "ingest").body);
  REQUIRE(decisions);
  CHECK(decisions->root()["decisions"].list().size() == 3);
  const auto feed =
      JsonDocument::Parse(service.Get("/v1/decisions?after=1&limit=1", "ingest").body);
  REQUIRE(feed);
  CHECK(feed->root()["decisions"].list().size() == 1);
  CHECK(feed->root()["next"].text() == "2");
  // Asynchronous: it is in the log, and says no more.
  const Reply later =
      service.Ask("POST", "/v1/orders", "ingest", OrderText("2"),
                  {{"Content-Type", "application/json"}, {"Prefer", "respond-async"}});
  CHECK(later.status == 202);
  CHECK(later.body.find("decision") == std::string::npos);
  CHECK(service.Get("/v1/orders/2", "review").status == 200);
  CHECK(service.Get("/v1/queue", "review").body.find("\"order_id\":\"2\"") != std::string::npos);
  CHECK(service.Get("/v1/queue?cause=nonsense", "review").status == 400);
}

TEST_CASE("server: what has not happened, and what is not the sender's, is refused") {
  const Running service;
  REQUIRE(service.Post("/v1/orders", "ingest", OrderText("1")).status == 200);
  std::string future = PaymentText("p1", "1", "completed", "00");
  future.replace(future.find("2026"), 4, "2099");
  CHECK(service.Post("/v1/events", "ingest", future).status == 422);
  for (const char* id : {"alert shipped-while-held d1", "joined x", "deadline x", "paypal:WH-1"}) {
    CHECK(service.Post("/v1/events", "ingest", PaymentText(id, "1", "completed", "00")).status ==
          422);
  }
  CHECK(service.Post("/v1/orders", "ingest", PaymentText("p2", "1", "completed", "00")).status ==
        403);
}

TEST_CASE("server: lines are answered one by one, and a bad one stops no other") {
  const Running service;
  const std::string body = OrderText("1") + "\n\n{\"id\":7}\n" + OrderText("2") + "\n" +
                           OrderText("1", R"("note":"other")") + "\n";
  const Reply reply = service.Post("/v1/events", "ingest", body, "application/x-ndjson");
  CHECK(reply.status == 200);
  CHECK(reply.Header("holdfast-refused") == "2");
  CHECK(std::count(reply.body.begin(), reply.body.end(), '\n') == 4);
  CHECK(reply.body.find("{\"line\":2,\"problem\":") != std::string::npos);
  CHECK(reply.body.find("{\"line\":4,\"problem\":") != std::string::npos);
  CHECK(service.Post("/v1/events", "ingest", "\n\n", "application/x-ndjson").status == 400);
}

// A page of what is found: the ids, and `next`.
std::pair<std::string, std::string> Found(const Reply& reply) {
  const auto json = JsonDocument::Parse(reply.body);
  REQUIRE_MESSAGE((reply.status == 200 && json.has_value()), reply.body);
  std::string ids;
  for (const JsonValue& order : json->root()["orders"].list()) {
    ids += (ids.empty() ? "" : " ") + std::string(order["order_id"].text());
  }
  CHECK(json->root()["more"].truth() == !json->root()["next"].text().empty());
  return {ids, std::string(json->root()["next"].text())};
}

TEST_CASE("server: orders are found, in pages, each by its own merchant") {
  const Running service;
  const std::string jane = R"("ip":"192.0.2.7","shipping":{"name":"Jane Doe"})";
  for (const char* id : {"f1", "f2", "f3"}) {
    REQUIRE(service.Post("/v1/orders", "ingest", OrderText(id, jane)).status == 200);
  }
  REQUIRE(service.Post("/v1/orders", "other", OrderText("theirs", jane)).status == 200);
  const std::string ip = "/v1/find?text=192.0.2.7";
  CHECK(Found(service.Get(ip, "review")).first == "f1 f2 f3");  // placed at one time
  CHECK(Found(service.Get(ip + "&merchant=other", "all")).first == "theirs");
  CHECK(Found(service.Get("/v1/find?text=doe%20jan", "review")).first == "f1 f2 f3");
  CHECK(Found(service.Get("/v1/find?text=F2%40Mail.example", "review")).first == "f2");
  CHECK(Found(service.Get("/v1/find?text=theirs", "review")).first.empty());
  std::string paged, next;
  do {
    const auto [ids, then] = Found(service.Get(ip + "&limit=1&after=" + next, "review"));
    paged += ids + ".";
    next = then;
  } while (!next.empty());
  CHECK(paged == "f1.f2.f3.");
  // As it stands now, whatever the state on disk knows already.
  service.Post("/v1/events", "ingest", PaymentText("p1", "f2", "completed", "00"));
  const std::string row = service.Get("/v1/find?text=f2", "review").body;
  CHECK(row.find(R"("matched":[{"kind":"order","text":"f2"}])") != std::string::npos);
  CHECK(row.find(R"("outcome":")") != std::string::npos);
  for (const std::string& wrong :
       {std::string("/v1/find?text="), std::string("/v1/find?text=%20"),
        std::string("/v1/find?text=%ff"), "/v1/find?text=" + std::string(1025, 'x'),
        ip + "&after=x", ip + "&after=f9"}) {
    CAPTURE(wrong);
    CHECK(service.Get(wrong, "review").status == 400);
  }
}

TEST_CASE("server: a feed waits for what is to come") {
  const Running service;
  Connection waiting(service.port());
  waiting.Send(RequestText("GET", "/v1/decisions?after=0&wait=20",
                           {{"Authorization", "Bearer " + service.Key("ingest")}}, {}));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  service.Post("/v1/orders", "ingest", OrderText("1"));
  const Reply reply = waiting.Receive(10);
  CHECK(reply.status == 200);
  CHECK(reply.body.find("\"order_id\":\"1\"") != std::string::npos);
}

// Every route with every kind of key, and what one merchant sees of another's: nothing.
TEST_CASE("server: who may do what") {
  const Running service;
  REQUIRE(service.Post("/v1/orders", "ingest", OrderText("secret-1")).status == 200);
  struct Row {
    const char *method, *target, *body;
    // The status for: no key, a wrong one, ingest, review, admin, ingest of another merchant,
    // admin of all.
    std::vector<int> expected;
  };
  const std::string order = OrderText("x");
  const std::vector<Row> rows = {
      {"POST", "/v1/events", "{}", {401, 401, 422, 422, 422, 422, 422}},
      {"POST", "/v1/orders", "{}", {401, 401, 422, 403, 422, 422, 422}},
      {"GET", "/v1/orders/secret-1", "", {401, 401, 403, 200, 200, 403, 400}},
      {"GET", "/v1/orders/secret-1?merchant=acme", "", {401, 401, 403, 200, 200, 403, 200}},
      {"GET", "/v1/orders/secret-1/decisions", "", {401, 401, 200, 200, 200, 404, 400}},
      {"GET",
       "/v1/orders/secret-1/decisions?merchant=acme",
       "",
       {401, 401, 200, 200, 200, 403, 200}},
      {"GET", "/v1/decisions", "", {401, 401, 200, 200, 200, 200, 200}},
      {"GET", "/v1/decisions?merchant=acme", "", {401, 401, 200, 200, 200, 403, 200}},
      {"GET", "/v1/queue", "", {401, 401, 403, 200, 200, 403, 400}},
      {"GET", "/v1/queue?merchant=acme", "", {401, 401, 403, 200, 200, 403, 200}},
      {"GET", "/v1/find?text=secret-1", "", {401, 401, 403, 200, 200, 403, 400}},
      {"GET", "/v1/find?text=secret-1&merchant=acme", "", {401, 401, 403, 200, 200, 403, 200}},
      {"GET", "/v1/find", "", {401, 401, 403, 400, 400, 403, 400}},
      {"GET", "/v1/stats", "", {401, 401, 403, 200, 200, 403, 400}},
      {"GET", "/v1/stats?merchant=acme", "", {401, 401, 403, 200, 200, 403, 200}},
      {"GET", "/v1/alerts", "", {401, 401, 403, 200, 200, 403, 400}},
      {"GET", "/v1/alerts?merchant=acme", "", {401, 401, 403, 200, 200, 403, 200}},
      {"GET", "/v1/buyers/nobody?merchant=acme", "", {401, 401, 403, 404, 404, 403, 404}},
      {"GET", "/v1/lists", "", {401, 401, 403, 200, 200, 403, 400}},
      {"GET", "/v1/lists/blocked_emails?merchant=acme", "", {401, 401, 403, 200, 200, 403, 200}},
      {"POST",
       "/v1/lists/blocked_emails?merchant=acme",
       R"({"add":["a@b.example"]})",
       {401, 401, 403, 403, 200, 403, 200}},
      {"GET", "/v1/packs", "", {401, 401, 403, 200, 200, 403, 200}},
      {"GET", "/v1/packs/history", "", {401, 401, 403, 200, 200, 403, 200}},
      {"POST", "/v1/packs", R"({"pack":"../x"})", {401, 401, 403, 403, 403, 403, 422}},
      {"GET", "/v1/outbox", "", {401, 401, 403, 403, 403, 403, 200}},
      {"GET", "/metrics", "", {401, 401, 403, 403, 403, 403, 200}},
      {"GET", "/healthz", "", {200, 200, 200, 200, 200, 200, 200}},
      {"GET", "/readyz", "", {200, 200, 200, 200, 200, 200, 200}},
      {"POST", "/webhooks/stripe/acme", "{}", {404, 404, 404, 404, 404, 404, 404}},
      {"GET", "/nowhere", "", {404, 404, 404, 404, 404, 404, 404}},
      {"DELETE", "/v1/orders/secret-1", "", {405, 405, 405, 405, 405, 405, 405}},
  };
  const std::vector<std::string> keys = {"", "wrong", "ingest", "review", "admin", "other", "all"};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      Headers headers = {{"Content-Type", "application/json"}};
      if (keys[i] == "wrong") {
        std::string wrong = service.Key("all");
        wrong.back() = wrong.back() == '0' ? '1' : '0';
        headers.push_back({"Authorization", "Bearer " + wrong});
      }
      const Reply reply = service.Ask(row.method, row.target, keys[i], row.body, headers);
      CAPTURE(row.method);
      CAPTURE(row.target);
      CAPTURE(keys[i]);
      CAPTURE(reply.body);
      CHECK(reply.status == row.expected[i]);
      if (keys[i] == "other" && reply.status == 200) {
        CHECK(reply.body.find("secret-1") == std::string::npos);
      }
    }
  }
  // An event of another merchant's, and kinds that the role may not send.
  const std::string theirs = R"({"id":"e","type":"order.cancelled","merchant":"acme",)"
                             R"("occurred_at":"2026-11-20T09:00:00Z","order_id":"secret-1"})";
  CHECK(service.Post("/v1/events", "other", theirs).status == 403);
  for (const char* type :
       {"review.released", "list.changed", "pack.activated", "timer.fired", "alert.raised"}) {
    const std::string event =
        std::string(R"({"id":"e-)") + type + R"(","type":")" + type +
        R"(","occurred_at":"2026-11-20T09:00:00Z","order_id":"secret-1",)" +
        (std::string(type) == "list.changed"   ? R"("list":{"name":"trusted_buyers","add":["x"]}})"
         : std::string(type) == "alert.raised" ? R"("alert":{"name":"x"}})"
         : std::string(type) == "timer.fired"  ? R"("timer":{"name":"x"}})"
         : std::string(type) == "pack.activated" ? R"("pack":{"name":"x"}})"
                                                 : R"("review":{"by":"x"}})");
    CAPTURE(event);
    CHECK(service.Post("/v1/events", "ingest", event).status == 403);
  }
  // Reviewers record answers.
  CHECK(service
            .Post("/v1/events", "review",
                  R"({"id":"e-answer","type":"buyer.confirmed","occurred_at":)"
                  R"("2026-11-20T09:00:00Z","order_id":"secret-1","confirmation":{"request":"q",)"
                  R"("from":"a@b.example","confirmed":true}})")
            .status == 200);
  // Nothing that the key could not know is believed: where an address lies, how an event came.
  const std::string lies =
      OrderText("lies", R"("ip":"192.0.2.1","geo":{"status":"found","country":"US"})");
  REQUIRE(service.Post("/v1/orders", "ingest", lies).status == 200);
  CHECK(service.Get("/v1/orders/lies", "review").body.find("\"country\":\"US\"") ==
        std::string::npos);
  // Who does more than send is written down.
  const std::string audit = Slurp(service.folder() + "/data/audit.ndjson");
  CHECK(audit.find("\"target\":\"/v1/queue\"") != std::string::npos);
  CHECK(audit.find("\"role\":\"admin\"") != std::string::npos);
  CHECK(audit.find(service.Key("admin")) == std::string::npos);
  CHECK(Slurp(service.folder() + "/keys.ndjson").find(service.Key("admin")) == std::string::npos);
}

TEST_CASE("server: a key that was taken back is no key, and a key has its limit") {
  Running service("limits: { key_per_second: 1, key_burst: 3 }\n");
  int refused = 0;
  for (int i = 0; i < 6; ++i) {
    const Reply reply = service.Get("/v1/decisions", "ingest");
    if (reply.status == 429) {
      ++refused;
      CHECK(reply.Header("retry-after") == "1");
    }
  }
  CHECK(refused >= 2);
  CHECK(service.Get("/v1/decisions", "review").status == 200);
  const std::string id = service.Key("review").substr(3, 12);
  REQUIRE(Sh("holdfast keys revoke --file " + service.folder() + "/keys.ndjson " + id).status == 0);
  service.Signal(SIGHUP);
  CHECK(Eventually([&] { return service.Get("/v1/decisions", "review").status == 401; }));
}

TEST_CASE("server: another pack is put in place without losing a request") {
  const Running service;
  REQUIRE(service.Post("/v1/orders", "ingest", OrderText("before")).status == 200);
  std::atomic<bool> going = true;
  std::atomic<int> sent = 0, failed = 0;
  std::thread sender([&] {
    for (int i = 0; going; ++i) {
      const Reply reply = service.Post("/v1/orders", "ingest", OrderText("o" + std::to_string(i)));
      ++sent;
      if (reply.status != 200) ++failed;
    }
  });
  for (const char* pack : {"cross-border", "starter"}) {
    const Reply reply =
        service.Post("/v1/packs", "all", std::string(R"({"pack":")") + pack + R"("})");
    CHECK(reply.status == 200);
    CHECK(reply.body.find(pack) != std::string::npos);
    service.Signal(SIGHUP);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
  const Reply bad = service.Post("/v1/packs", "all", R"({"pack":"nothing-here"})");
  CHECK(bad.status == 422);
  CHECK(bad.body.find("\"diagnostics\":[") != std::string::npos);
  going = false;
  sender.join();
  CHECK(sent > 20);
  CHECK(failed == 0);
  CHECK(service.Get("/v1/packs", "review").body.find("\"name\":\"starter\"") != std::string::npos);
}

TEST_CASE("server: asked to end, it answers what has come and ends") {
  Running service;
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < 20; ++i) {
    connections.push_back(std::make_unique<Connection>(service.port()));
    connections.back()->Send(RequestText("POST", "/v1/orders",
                                         {{"Authorization", "Bearer " + service.Key("ingest")}},
                                         OrderText("d" + std::to_string(i))));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(service.Stop() == 0);
  for (const auto& connection : connections) {
    const Reply reply = connection->Receive(2);
    CHECK((reply.status == 200 || reply.status == 503));
  }
  CHECK(Sh("holdfast verify --pack rules/starter --data " + service.folder() + "/data").status ==
        0);
}

TEST_CASE("server: deadlines come by the clock, once, also those of the time when it was down") {
  const TempFolder packs;
  std::filesystem::create_directories(packs / "cooling");
  std::ofstream(packs / "cooling/pack.yaml")
      << "pack: cooling\nversion: 1\nbase_currency: USD\nfunds: { ship_when: [certain] }\nrules:\n"
         "  - { id: cool, when: 'order.total > 0.0', hold: cooling_off, deadline: 1h, "
         "on_deadline: ship }\n";
  Running service;
  // Two orders of long ago, one decided while the service runs, one before it is started again.
  service.Kill();
  std::string config = Slurp(service.folder() + "/holdfast.yaml");
  const std::size_t at = config.find("pack: ");
  config.replace(at, config.find('\n', at) - at, "pack: " + (packs / "cooling"));
  std::ofstream(service.folder() + "/holdfast.yaml") << config;
  REQUIRE(Sh("holdfast packs activate " + (packs / "cooling") + " --no-service --reason x --data " +
             service.folder() + "/data")
              .status == 0);
  service.Start();
  const std::string paid =
      R"("payment":{"provider":"p","status":"completed","amount":"40.00","currency":"USD"})";
  REQUIRE(OutcomeOf(service.Post("/v1/orders", "ingest", OrderText("1", paid)).body) == "hold");
  const auto decisions = [&](const std::string& order) {
    const auto document =
        JsonDocument::Parse(service.Get("/v1/orders/" + order + "/decisions", "ingest").body);
    return document ? document->root()["decisions"].list().size() : 0;
  };
  CHECK(Eventually([&] { return decisions("1") == 2; }));
  const Reply order = service.Get("/v1/orders/1", "review");
  CHECK(order.body.find("\"outcome\":\"ship\"") != std::string::npos);
  REQUIRE(service.Post("/v1/orders", "ingest", OrderText("2", paid)).status == 200);
  service.Kill();
  service.Start();
  CHECK(Eventually([&] { return decisions("2") == 2; }));
  service.Kill();
  service.Start();
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  CHECK(decisions("1") == 2);
  CHECK(decisions("2") == 2);
}

TEST_CASE("server: what should have happened and has not is told") {
  const Running service(
      "alerts: { paid_not_decided: 1s, silent_feed: 1s }\n"
      "webhooks:\n  - provider: shopify\n    merchant: acme\n"
      "    secrets: [ { name: a, variable: PATH } ]\n"
      "outbox:\n  - { name: out, file: out.ndjson }\n");
  // Money without an order, an order past its time, a parcel that leaves unbidden.
  service.Post("/v1/events", "ingest", PaymentText("p9", "nowhere", "completed", "00"));
  service.Post("/v1/orders", "ingest", OrderText("late"));
  service.Post("/v1/events", "ingest",
               R"({"id":"s1","type":"shipment.dispatched","occurred_at":"2026-11-20T10:00:00Z",)"
               R"("order_id":"late","shipment":{"carrier":"x"}})");
  // A reversal of nobody knows what.
  service.Post("/v1/events", "ingest",
               R"({"id":"v1","type":"payment.updated","occurred_at":"2026-11-20T10:00:00Z",)"
               R"("references":["paypal:X"],"payment":{"provider":"paypal","status":"reversed"}})");
  const std::string out = service.folder() + "/out.ndjson";
  for (const char* name : {"paid-not-decided", "loss-without-order", "hold-overdue",
                           "shipped-while-held", "silent-feed"}) {
    CAPTURE(name);
    CHECK(Eventually([&] { return Slurp(out).find(name) != std::string::npos; }));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  // Each is told once.
  const std::string all = Slurp(out);
  std::map<std::string, int> told;
  std::istringstream lines(all);
  for (std::string line; std::getline(lines, line);) {
    const auto document = JsonDocument::Parse(line);
    REQUIRE(document);
    ++told[std::string(document->root()["data"]["text"].text())];
  }
  for (const auto& [text, count] : told) {
    if (!text.empty()) CHECK_MESSAGE(count == 1, text);
  }
  CHECK(
      service.Get("/metrics", "all").body.find("holdfast_alerts_total{name=\"hold-overdue\"} 1") !=
      std::string::npos);
}

// Goal: whatever was answered is there after any crash, once, and what was decided stays decided.
TEST_CASE("server: killed under load, it loses nothing that it answered and decides nothing twice" *
          doctest::timeout(1800)) {
  const int crashes = Rounds("HOLDFAST_CRASHES", 12);
  Random random(Seed("kills under load"));
  Running service;
  std::map<std::string, std::string> answered;  // order to its decision
  int last_of_all = 0;
  for (int crash = 0; crash < crashes; ++crash) {
    std::vector<std::thread> senders;
    std::mutex mutex;
    std::atomic<bool> going = true;
    for (int s = 0; s < 4; ++s) {
      senders.emplace_back([&, s] {
        Connection connection(service.port());
        for (int i = 0; going; ++i) {
          const std::string id =
              "c" + std::to_string(crash) + "-" + std::to_string(s) + "-" + std::to_string(i);
          const std::string request =
              RequestText("POST", "/v1/orders",
                          {{"Authorization", "Bearer " + service.Key("ingest")}}, OrderText(id));
          if (!connection.Send(request)) return;
          const Reply reply = connection.Receive(5);
          if (reply.status != 200) return;
          const std::lock_guard lock(mutex);
          answered[id] = reply.body;
        }
      });
    }
    // A kill comes at any moment: this waits for no condition.
    std::this_thread::sleep_for(std::chrono::milliseconds(30 + random.Below(150)));
    service.Kill();
    going = false;
    for (std::thread& sender : senders) sender.join();
    service.Start();
    last_of_all = static_cast<int>(answered.size());
  }
  CHECK(last_of_all > crashes * 2);
  CHECK(service.Stop() == 0);
  const std::string data = service.folder() + "/data";
  std::map<std::string, int> decided;
  const Ran log = Sh("holdfast log export --full --data " + data);
  std::istringstream lines(log.out);
  for (std::string line; std::getline(lines, line);) {
    const auto document = JsonDocument::Parse(line);
    REQUIRE(document);
    const JsonValue& decision = document->root()["decision"];
    if (decision.IsMap()) ++decided[std::string(decision["order_id"].text())];
  }
  for (const auto& [id, body] : answered) {
    CHECK_MESSAGE(decided[id] == 1, id << " was decided " << decided[id] << " times");
    // The decision that was answered is the one in the log, byte for byte.
    const std::size_t at = body.find("\"decision\":");
    CHECK_MESSAGE(log.out.find(body.substr(at + 11, body.size() - at - 12)) != std::string::npos,
                  body);
  }
  CHECK(Sh("holdfast verify --pack rules/starter --data " + data).status == 0);
}

}  // namespace
}  // namespace holdfast::testing
