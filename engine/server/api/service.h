// Service: what the service answers, request by request, whatever network they come by.
//
// Every route, its roles and its answers are in docs/openapi.yaml.
// Threads: any; `respond` is called once, by any thread.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/server/archive.h"
#include "engine/server/http.h"
#include "engine/server/security/audit_log.h"
#include "engine/server/security/certificates.h"
#include "engine/server/security/keys.h"
#include "engine/server/security/rate_limiter.h"
#include "engine/server/service_runtime.h"

namespace holdfast {

struct QueueLook;  // what is asked of the queue, and how far it has been looked for
struct Bought;     // an order of a buyer

class Service {
 public:
  // Reads the keys and opens the files that it writes. `config_path` is read again by Reload.
  // Errors: as ApiKeys::Load; kIo.
  static Result<std::unique_ptr<Service>> Start(std::unique_ptr<ServiceRuntime> runtime,
                                                std::string config_path);
  // The same with these keys, and without a file of them.
  static Result<std::unique_ptr<Service>> Start(std::unique_ptr<ServiceRuntime> runtime,
                                                std::string config_path,
                                                std::shared_ptr<const ApiKeys> keys);
  ~Service();

  void Handle(HttpRequest request, Respond respond);

  // To be called about once a second.
  void Tick();

  // Reads keys, secrets, lists and the pack again; what is wrong is in the log, and what was goes
  // on.
  void Reload(std::function<void()> then);

  // From now on only what is on its way is answered.
  void Drain();
  // Nothing is on its way.
  bool idle() const { return requests_ == 0; }
  Status Stop();

  ServiceRuntime& runtime() { return *runtime_; }

 private:
  struct RequestContext;  // a request on its way through a route
  using ContextPtr = std::shared_ptr<RequestContext>;
  using Handler = void (Service::*)(const ContextPtr& context);
  struct Route {
    std::string_view method, path, name;
    bool open;                  // needs no key
    std::array<bool, 3> roles;  // by Role
    bool of_all;                // only keys of all merchants
    Handler handler;
  };
  static const std::vector<Route>& Routes();
  struct Feed;

  Service(std::unique_ptr<ServiceRuntime> runtime, std::string config_path);

  // Goes on in the worker's thread, where the log may be read; answers when that cannot be.
  void PostToWorker(const ContextPtr& context, std::function<void()> task);
  // Looks at the engine that has a merchant's state, and then goes on as Later does.
  void ReadState(const ContextPtr& context, const std::string& merchant,
                 std::function<void(const Engine& engine)> look, std::function<void()> then);
  // The task of a request for another thread: when it throws, that is answered.
  std::function<void()> Task(const ContextPtr& context, std::function<void()> task);

  void Answer(const ContextPtr& context, HttpAnswer answer);
  void Finish(const ContextPtr& context, HttpAnswer answer);
  bool Admit(const ContextPtr& context);
  void Audit(const RequestContext& context, int status, bool durable);
  // The merchant that a request is about; nothing, with the answer given, when it names none.
  std::optional<std::string> MerchantOf(const ContextPtr& context);

  // routes_events.cc
  void PostEvents(const ContextPtr& context);
  void PostOrders(const ContextPtr& context);
  void SubmitOne(const ContextPtr& context, std::string text);
  void SubmitLines(const ContextPtr& context);
  std::shared_ptr<const Principal> PrincipalOf(const ContextPtr& context);

  // routes_orders.cc
  void GetOrder(const ContextPtr& context);
  void GetOrderDecisions(const ContextPtr& context);
  void GetDecisions(const ContextPtr& context);
  // routes_queue.cc
  void GetQueue(const ContextPtr& context);
  void LookAtQueue(const ContextPtr& context, const std::shared_ptr<QueueLook>& queue);
  void ServeFeed(const std::shared_ptr<Feed>& feed, bool last);
  void ServeFeeds();

  // routes_rules.cc
  void GetLists(const ContextPtr& context);
  void GetList(const ContextPtr& context);
  void PostList(const ContextPtr& context);
  void GetPacks(const ContextPtr& context);
  void PostPacks(const ContextPtr& context);

  // routes_reports.cc
  void GetStats(const ContextPtr& context);
  void GetBuyer(const ContextPtr& context);
  void Report(const ContextPtr& context, std::function<void(const EventLog& log)> report);
  void TellBuyer(const ContextPtr& context, const std::string& merchant,
                 std::vector<Bought> orders);

  // routes_health.cc
  void GetMetrics(const ContextPtr& context);
  void GetHealth(const ContextPtr& context);
  void GetReady(const ContextPtr& context);
  void GetOutbox(const ContextPtr& context);

  // routes_webhooks.cc
  void PostWebhook(const ContextPtr& context);
  void TakeDelivery(const ContextPtr& context, const WebhookConfig& webhook);
  void TakeDoubt(const ContextPtr& context, const WebhookConfig& webhook, std::string doubt,
                 const Error& conflict);
  void TakeMapped(const ContextPtr& context, const WebhookConfig& webhook, Mapped mapped,
                  const std::string& proved);
  void TakeIpn(const ContextPtr& context, const WebhookConfig& webhook);
  void SubmitDelivery(const ContextPtr& context, const WebhookConfig& webhook,
                      std::vector<MappedEvent> events);
  void FinishDelivery(const ContextPtr& context, const WebhookConfig& webhook,
                      std::vector<SubmissionResult> answers);
  void Keep(const ContextPtr& context, const WebhookConfig& webhook, const char* drawer,
            const std::string& why, HttpAnswer answer);
  void Quarantine(const ContextPtr& context, const WebhookConfig& webhook, const std::string& why,
                  HttpAnswer answer);

  std::unique_ptr<ServiceRuntime> runtime_;
  const std::string config_path_;
  std::unique_ptr<Archive> archive_;
  std::unique_ptr<AuditLog> audit_;
  Certificates certificates_;
  std::atomic<std::shared_ptr<const ApiKeys>> keys_;
  std::atomic<bool> draining_ = false;
  std::atomic<std::size_t> requests_ = 0;

  RateLimiter key_rates_, peer_rates_;

  // What waits for PayPal: its certificates, and whether it has sent an IPN.
  Worker fetching_{100}, echoing_{100};
  // What reads all of the log.
  Worker reports_{4};

  std::mutex feeds_mutex_;
  std::list<std::shared_ptr<Feed>> feeds_;  // that wait for more
};

}  // namespace holdfast
