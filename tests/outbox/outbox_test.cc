// The outbox: at least once, in order per order, whatever the receiver does.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "engine/codec/json_value.h"
#include "engine/net/standard_webhooks.h"
#include "engine/outbox/dead_letters.h"
#include "engine/outbox/outbox.h"
#include "engine/server/listener.h"
#include "tests/server/running.h"

namespace holdfast::testing {
namespace {

const std::string kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";

// A receiver; `answer` gives the status for the n-th request.
class Receiver {
 public:
  explicit Receiver(std::function<int(int)> answer, std::uint16_t port = 0)
      : answer_(std::move(answer)) {
    ServeConfig config;
    config.listen.port = port;
    auto opened = Listener::Open(config, [this](HttpRequest request, Respond respond) {
      const std::lock_guard lock(mutex_);
      HttpAnswer made;
      made.status = answer_(count_++);
      if (made.status == 429) made.headers.push_back({"Retry-After", "1"});
      if (made.status < 300) {
        ids_.push_back(std::string(request.Header("webhook-id")));
        bodies_.push_back(request.body);
        types_.insert(std::string(request.Header("content-type")));
        genuine_ =
            genuine_ && VerifyStandardWebhook(
                            kSecret,
                            {request.Header("webhook-id"), request.Header("webhook-timestamp"),
                             request.Header("webhook-signature")},
                            request.body,
                            {std::chrono::duration_cast<std::chrono::nanoseconds>(
                                 std::chrono::system_clock::now().time_since_epoch())
                                 .count()});
      }
      respond(std::move(made));
    });
    REQUIRE(opened);
    listener_ = std::move(*opened);
    thread_ = std::thread([this] {
      listener_->Run(
          1, [] {}, [](int) {});
    });
  }
  ~Receiver() {
    listener_->Stop();
    thread_.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(listener_->port()) + "/"; }
  std::vector<std::string> Bodies() const {
    const std::lock_guard lock(mutex_);
    return bodies_;
  }
  std::vector<std::string> Ids() const {
    const std::lock_guard lock(mutex_);
    return ids_;
  }
  int count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  bool genuine() const {
    const std::lock_guard lock(mutex_);
    return genuine_;
  }
  bool Got(const std::string& type) const {
    const std::lock_guard lock(mutex_);
    return types_.contains(type);
  }

 private:
  std::function<int(int)> answer_;
  mutable std::mutex mutex_;
  int count_ = 0;
  bool genuine_ = true;
  std::vector<std::string> ids_, bodies_;
  std::set<std::string> types_;
  std::unique_ptr<Listener> listener_;
  std::thread thread_;
};

// A log of decisions, `orders` orders with `each` of them.
class Decided {
 public:
  Decided(int orders, int each) : log_(*OpenEventLog(folder_ / "log")) { Add(orders, each); }
  void Add(int orders, int each) {
    for (int i = 0; i < each; ++i) {
      for (int order = 0; order < orders; ++order) {
        const std::string id = std::to_string(order);
        const std::uint64_t offset = log_->last() + 1;
        const std::string event =
            R"({"id":"e)" + std::to_string(offset) +
            R"(","type":"payment.updated","merchant":"acme","occurred_at":"2026-11-20T09:00:00Z",)" +
            R"("order_id":")" + id + R"(","payment":{"status":"pending"}})";
        const std::string decision =
            R"({"order_id":")" + id +
            R"(","merchant":"acme","outcome":"hold","cause":"funds","score":1,"n":)" +
            std::to_string(i) + R"(,"review_by":null,"deadline":null,"offset":)" +
            std::to_string(offset) + R"(,"decided_at":"2026-11-20T09:00:00Z"})";
        const LogRecord record{offset, offset, event, decision, LogRecord::Origin::kSent};
        REQUIRE(log_->Append({&record, 1}, false));
      }
    }
  }
  const EventLog& log() const { return *log_; }
  std::string folder() const { return folder_ / "outbox"; }
  EndpointConfig To(const std::string& url) const {
    EndpointConfig config;
    config.name = "there";
    config.url = url;
    config.secrets = {kSecret};
    config.allow_private = true;
    config.retry_seconds = {1};
    config.trial_seconds = 1;
    return config;
  }
  // An endpoint begins at the end of the log; this one at its beginning.
  void FromTheStart(const std::string& name) const {
    std::filesystem::create_directories(folder());
    std::ofstream(folder() + "/" + name + ".json") << "{\"cursor\":0,\"dead\":0,\"waiting\":[]}";
  }

 private:
  TempFolder folder_;
  std::unique_ptr<EventLog> log_;
};

// The decisions of each order, in the order they came, without those that came again.
bool InOrder(const std::vector<std::string>& bodies, int each) {
  std::map<std::string, int> last;
  for (const std::string& body : bodies) {
    const auto document = JsonDocument::Parse(body);
    if (!document) return false;
    const JsonValue& data = document->root()["data"];
    const int n = std::stoi(std::string(data["n"].text()));
    const auto [at, first] = last.emplace(std::string(data["order_id"].text()), n);
    if (first && n != 0) return false;
    if (n > at->second + 1) return false;
    at->second = std::max(at->second, n);
  }
  for (const auto& [order, n] : last) {
    if (n != each - 1) return false;
  }
  return true;
}

TEST_CASE("outbox: every decision arrives signed, in the order of its order") {
  Decided decided(20, 10);
  decided.FromTheStart("there");
  const Receiver receiver([](int) { return 200; });
  auto outbox = Outbox::Start(decided.log(), decided.folder(), {decided.To(receiver.url())});
  REQUIRE(outbox);
  CHECK(Eventually([&] { return receiver.Bodies().size() >= 200; }));
  CHECK(InOrder(receiver.Bodies(), 10));
  CHECK(receiver.genuine());
  // What comes later leaves too.
  decided.Add(1, 1);
  CHECK(Eventually([&] { return receiver.Bodies().size() == 201; }));
}

// Goal:   as many posts as configured are on their way at once.
// Method: a receiver that answers only when that many have come.
TEST_CASE("outbox: messages of several orders are posted at once") {
  constexpr std::size_t kTogether = 4;
  std::mutex mutex;
  std::vector<Respond> waiting;
  std::atomic<int> answered = 0;
  ServeConfig serve;
  serve.listen.port = 0;
  auto listener = Listener::Open(serve, [&](HttpRequest, Respond respond) {
    const std::lock_guard lock(mutex);
    waiting.push_back(std::move(respond));
    if (waiting.size() < kTogether) return;
    for (Respond& one : waiting) {
      one(HttpAnswer());
      ++answered;
    }
    waiting.clear();
  });
  REQUIRE(listener);
  std::thread thread([&] {
    (*listener)->Run(
        1, [] {}, [](int) {});
  });
  const Decided decided(static_cast<int>(kTogether) * 3, 1);
  decided.FromTheStart("there");
  EndpointConfig config =
      decided.To("http://127.0.0.1:" + std::to_string((*listener)->port()) + "/");
  config.parallel = kTogether;
  {
    const auto outbox = Outbox::Start(decided.log(), decided.folder(), {config});
    REQUIRE(outbox);
    CHECK(Eventually([&] { return answered == static_cast<int>(kTogether) * 3; }));
  }
  (*listener)->Stop();
  thread.join();
}

TEST_CASE("outbox: a receiver that fails now and then misses nothing") {
  Decided decided(10, 6);
  decided.FromTheStart("there");
  const Receiver receiver([](int n) { return n % 3 == 1 ? 500 : n % 7 == 2 ? 302 : 204; });
  auto outbox = Outbox::Start(decided.log(), decided.folder(), {decided.To(receiver.url())});
  REQUIRE(outbox);
  CHECK(Eventually([&] { return receiver.Bodies().size() >= 60; }, 60));
  CHECK(InOrder(receiver.Bodies(), 6));
  const auto ids = receiver.Ids();
  CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == 60);
}

TEST_CASE("outbox: one that is down is tried alone, and gets everything when it is back") {
  Decided decided(30, 4);
  decided.FromTheStart("there");
  std::atomic<bool> up = false;
  const Receiver receiver([&](int) { return up ? 200 : 503; });
  auto outbox = Outbox::Start(decided.log(), decided.folder(), {decided.To(receiver.url())});
  REQUIRE(outbox);
  CHECK(Eventually([&] { return (*outbox)->States()[0].open_circuit; }));
  const int tried = receiver.count();
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  CHECK(receiver.count() <= tried + 5);  // no storm
  // Also when the process ends meanwhile.
  outbox->reset();
  up = true;
  outbox = Outbox::Start(decided.log(), decided.folder(), {decided.To(receiver.url())});
  REQUIRE(outbox);
  CHECK(Eventually([&] { return receiver.Bodies().size() >= 120; }, 60));
  CHECK(InOrder(receiver.Bodies(), 4));
  CHECK(Eventually([&] { return (*outbox)->States()[0].waiting == 0; }));
}

TEST_CASE("outbox: what never arrives is a dead letter, and can be sent again") {
  Decided decided(1, 1);
  decided.FromTheStart("there");
  std::atomic<bool> up = false;
  const Receiver receiver([&](int) { return up ? 200 : 500; });
  EndpointConfig config = decided.To(receiver.url());
  config.dead_after_seconds = 2;
  auto outbox = Outbox::Start(decided.log(), decided.folder(), {config});
  REQUIRE(outbox);
  CHECK(Eventually([&] { return (*outbox)->States()[0].dead == 1; }, 30));
  const auto letters = ReadDeadLetters(decided.folder(), "there");
  REQUIRE(letters);
  REQUIRE(letters->size() == 1);
  CHECK(letters->front().offset == 1);
  CHECK(letters->front().why == "answered 500");
  CHECK(Eventually([&] {
    const auto statuses = (*outbox)->DeliveriesOf("acme", 1);
    return statuses.size() == 1 && statuses[0].any_dead &&
           statuses[0].state == DeliveryStatus::State::kDelivered;
  }));
  up = true;
  REQUIRE(Resend(decided.folder(), "there", {1}));
  CHECK(Eventually([&] { return receiver.Bodies().size() == 1; }, 30));
}

TEST_CASE("outbox: who has gone is not asked again, and private addresses are not reached") {
  Decided decided(5, 1);
  decided.FromTheStart("there");
  const Receiver receiver([](int) { return 410; });
  auto outbox = Outbox::Start(decided.log(), decided.folder(), {decided.To(receiver.url())});
  REQUIRE(outbox);
  CHECK(Eventually([&] { return (*outbox)->States()[0].disabled; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  CHECK(receiver.count() <= 5);
  outbox->reset();
  decided.FromTheStart("there");
  const Receiver other([](int) { return 200; });
  EndpointConfig config = decided.To(other.url());
  config.allow_private = false;
  outbox = Outbox::Start(decided.log(), decided.folder(), {config});
  REQUIRE(outbox);
  CHECK(Eventually([&] { return (*outbox)->States()[0].waiting > 0; }));
  CHECK(other.count() == 0);
}

TEST_CASE("outbox: a file, and CloudEvents") {
  Decided decided(4, 3);
  decided.FromTheStart("archive");
  EndpointConfig config;
  config.name = "archive";
  config.file = decided.folder() + "/archive.ndjson";
  config.cloud_events = true;
  config.rotate_bytes = 2'000;
  config.keep_files = 2;
  auto outbox = Outbox::Start(decided.log(), decided.folder(), {config});
  REQUIRE(outbox);
  CHECK(Eventually([&] { return (*outbox)->States()[0].cursor == decided.log().last(); }));
  for (int i = 0; i < 4; ++i) {
    decided.Add(4, 1);
    CHECK(Eventually([&] { return (*outbox)->States()[0].cursor == decided.log().last(); }));
  }
  outbox->reset();
  CHECK(std::filesystem::exists(config.file + ".1"));
  CHECK(!std::filesystem::exists(config.file + ".3"));
  std::istringstream lines(Slurp(config.file));
  std::string line;
  REQUIRE(std::getline(lines, line));
  const auto event = JsonDocument::Parse(line);
  REQUIRE(event);
  CHECK(event->root()["specversion"].text() == "1.0");
  CHECK(event->root()["source"].text() == "/holdfast/acme");
  CHECK(event->root()["type"].text() == "io.holdfast.order.decision.changed");
  CHECK(event->root()["data"]["outcome"].text() == "hold");
}

}  // namespace
}  // namespace holdfast::testing
