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
#include "engine/server/core.h"
#include "engine/server/http.h"
#include "engine/server/security/allowances.h"
#include "engine/server/security/audit_log.h"
#include "engine/server/security/certificates.h"
#include "engine/server/security/keys.h"

namespace holdfast {

struct QueueLook;  // what is asked of the queue, and how far it has been looked for
struct Bought;     // an order of a buyer

class Service {
 public:
  // Reads the keys and opens the files that it writes. `config_path` is read again by Reload.
  // Errors: as ApiKeys::Load; kIo.
  static Result<std::unique_ptr<Service>> Start(std::unique_ptr<Core> core,
                                                std::string config_path);
  // The same with these keys, and without a file of them.
  static Result<std::unique_ptr<Service>> Start(std::unique_ptr<Core> core, std::string config_path,
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

  Core& core() { return *core_; }

 private:
  struct Asked;  // a request on its way through a route
  using AskedPtr = std::shared_ptr<Asked>;
  using Handler = void (Service::*)(const AskedPtr& asked);
  struct Route {
    std::string_view method, path, name;
    bool open;                  // needs no key
    std::array<bool, 3> roles;  // by Role
    bool of_all;                // only keys of all merchants
    Handler handler;
  };
  static const std::vector<Route>& Routes();
  struct Feed;

  Service(std::unique_ptr<Core> core, std::string config_path);

  // Goes on in the worker's thread, where the log may be read; answers when that cannot be.
  void Later(const AskedPtr& asked, std::function<void()> task);
  // Looks at the engine that has a merchant's state, and then goes on as Later does.
  void Look(const AskedPtr& asked, const std::string& merchant,
            std::function<void(const Engine& engine)> look, std::function<void()> then);
  // The task of a request for another thread: when it throws, that is answered.
  std::function<void()> Task(const AskedPtr& asked, std::function<void()> task);

  void Answer(const AskedPtr& asked, HttpAnswer answer);
  void Finish(const AskedPtr& asked, HttpAnswer answer);
  bool Admit(const AskedPtr& asked);
  void Audit(const Asked& asked, int status, bool durable);
  // The merchant that a request is about; nothing, with the answer given, when it names none.
  std::optional<std::string> MerchantOf(const AskedPtr& asked);

  // routes_events.cc
  void PostEvents(const AskedPtr& asked);
  void PostOrders(const AskedPtr& asked);
  void SubmitOne(const AskedPtr& asked, std::string text);
  void SubmitLines(const AskedPtr& asked);
  std::shared_ptr<const Sender> SenderOf(const AskedPtr& asked);

  // routes_orders.cc
  void GetOrder(const AskedPtr& asked);
  void GetOrderDecisions(const AskedPtr& asked);
  void GetDecisions(const AskedPtr& asked);
  // routes_queue.cc
  void GetQueue(const AskedPtr& asked);
  void LookAtQueue(const AskedPtr& asked, const std::shared_ptr<QueueLook>& queue);
  void ServeFeed(const std::shared_ptr<Feed>& feed, bool last);
  void ServeFeeds();

  // routes_rules.cc
  void GetLists(const AskedPtr& asked);
  void GetList(const AskedPtr& asked);
  void PostList(const AskedPtr& asked);
  void GetPacks(const AskedPtr& asked);
  void PostPacks(const AskedPtr& asked);

  // routes_reports.cc
  void GetStats(const AskedPtr& asked);
  void GetBuyer(const AskedPtr& asked);
  void Report(const AskedPtr& asked, std::function<void(const EventLog& log)> report);
  void TellBuyer(const AskedPtr& asked, const std::string& merchant, std::vector<Bought> orders);

  // routes_health.cc
  void GetMetrics(const AskedPtr& asked);
  void GetHealth(const AskedPtr& asked);
  void GetReady(const AskedPtr& asked);
  void GetOutbox(const AskedPtr& asked);

  // routes_webhooks.cc
  void PostWebhook(const AskedPtr& asked);
  void TakeDelivery(const AskedPtr& asked, const WebhookConfig& webhook);
  void TakeDoubt(const AskedPtr& asked, const WebhookConfig& webhook, std::string doubt,
                 const Error& conflict);
  void TakeMapped(const AskedPtr& asked, const WebhookConfig& webhook, Mapped mapped,
                  const std::string& proved);
  void TakeIpn(const AskedPtr& asked, const WebhookConfig& webhook);
  void SubmitDelivery(const AskedPtr& asked, const WebhookConfig& webhook,
                      std::vector<MappedEvent> events);
  void FinishDelivery(const AskedPtr& asked, const WebhookConfig& webhook,
                      std::vector<holdfast::Answer> answers);
  void Keep(const AskedPtr& asked, const WebhookConfig& webhook, const char* drawer,
            const std::string& why, HttpAnswer answer);
  void Quarantine(const AskedPtr& asked, const WebhookConfig& webhook, const std::string& why,
                  HttpAnswer answer);

  std::unique_ptr<Core> core_;
  const std::string config_path_;
  std::unique_ptr<Archive> archive_;
  std::unique_ptr<AuditLog> audit_;
  Certificates certificates_;
  std::atomic<std::shared_ptr<const ApiKeys>> keys_;
  std::atomic<bool> draining_ = false;
  std::atomic<std::size_t> requests_ = 0;

  Allowances key_rates_, peer_rates_;

  // What waits for PayPal: its certificates, and whether it has sent an IPN.
  Worker fetching_{100}, echoing_{100};
  // What reads all of the log.
  Worker reports_{4};

  std::mutex feeds_mutex_;
  std::list<std::shared_ptr<Feed>> feeds_;  // that wait for more
};

}  // namespace holdfast
