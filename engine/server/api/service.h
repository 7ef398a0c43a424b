// Service: handles the requests of the service, independent of the network.
//
// docs/openapi.yaml has every route, its roles and its answers.
// Threads: any; `respond` is called once, by any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/server/api/routes_events.h"
#include "engine/server/api/routes_feed.h"
#include "engine/server/api/routes_find.h"
#include "engine/server/api/routes_health.h"
#include "engine/server/api/routes_orders.h"
#include "engine/server/api/routes_queue.h"
#include "engine/server/api/routes_reports.h"
#include "engine/server/api/routes_rules.h"
#include "engine/server/api/routes_webhooks.h"
#include "engine/server/security/api_keys.h"
#include "engine/server/security/rate_limiter.h"

namespace holdfast {

class Service {
 public:
  // Loads the keys and opens the output files. Reload reads `config_path` again.
  // Errors: as ApiKeys::Load; kIo.
  static Result<std::unique_ptr<Service>> Start(std::unique_ptr<ServiceRuntime> runtime,
                                                std::string config_path);
  // The same with these keys instead of a key file.
  static Result<std::unique_ptr<Service>> Start(std::unique_ptr<ServiceRuntime> runtime,
                                                std::string config_path,
                                                std::shared_ptr<const ApiKeys> keys);
  ~Service();

  void Handle(HttpRequest request, Respond respond);

  // To be called about once a second.
  void Tick();

  // Reads keys, secrets, lists and the pack again, then calls `then`. Errors are written to the
  // log, and the old settings stay.
  void Reload(std::function<void()> then);

  // From now on no new requests are accepted; pending ones are answered.
  void Drain();
  // True when no request is pending.
  bool idle() const { return responder_.idle(); }
  Status Stop();

  ServiceRuntime& runtime() { return *runtime_; }

 private:
  using Handler = std::function<void(const ContextPtr& context)>;
  struct Entry {
    Route route;
    Handler handler;
  };

  Service(std::unique_ptr<ServiceRuntime> runtime, std::string config_path,
          std::unique_ptr<Archive> archive, std::unique_ptr<AuditLog> audit);
  void AddRoutes();
  bool Admit(const ContextPtr& context);
  void LoadKeys(const ServeConfig& config);

  std::unique_ptr<ServiceRuntime> runtime_;
  const std::string config_path_;
  std::unique_ptr<Archive> archive_;
  std::unique_ptr<AuditLog> audit_;
  std::atomic<std::shared_ptr<const ApiKeys>> keys_;
  RateLimiter key_rates_;

  Responder responder_{*runtime_, *audit_};
  EventRoutes events_{responder_, *runtime_};
  OrderRoutes orders_{responder_, *runtime_};
  FeedRoutes feed_{responder_, *runtime_};
  QueueRoutes queue_{responder_, *runtime_};
  FindRoutes find_{responder_};
  RuleRoutes rules_{responder_, *runtime_, events_};
  ReportRoutes reports_{responder_, *runtime_};
  HealthRoutes health_{responder_, *runtime_};
  WebhookRoutes webhooks_{responder_, *runtime_, *archive_};
  std::vector<Entry> routes_;
};

}  // namespace holdfast
