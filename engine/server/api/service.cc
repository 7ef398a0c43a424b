#include "engine/server/api/service.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/base/url.h"
#include "engine/base/utf8.h"
#include "engine/server/api/problem.h"
#include "engine/server/api/request_context.h"
#include "engine/server/log.h"

namespace holdfast {
namespace {

// The parts of `path` for the names in braces of `pattern`. Empty: the path does not match.
std::optional<std::vector<std::string>> Match(std::string_view pattern, std::string_view path) {
  std::vector<std::string> parts;
  while (!pattern.empty() || !path.empty()) {
    if (!pattern.starts_with('/') || !path.starts_with('/')) return std::nullopt;
    pattern.remove_prefix(1);
    path.remove_prefix(1);
    const std::string_view wanted = pattern.substr(0, pattern.find('/'));
    const std::string_view given = path.substr(0, path.find('/'));
    if (wanted.starts_with('{')) {
      if (given.empty()) return std::nullopt;
      parts.push_back(DecodeUrl(given));
      if (!IsValidUtf8(parts.back())) return std::nullopt;
    } else if (wanted != given) {
      return std::nullopt;
    }
    pattern.remove_prefix(wanted.size());
    path.remove_prefix(given.size());
  }
  return parts;
}

}  // namespace

void Service::AddRoutes() {
  constexpr std::array kIngest = {true, false, true}, kSend = {true, true, true},
                       kSee = {true, true, true}, kReview = {false, true, true},
                       kAdmin = {false, false, true};
  const auto add = [this](const Route& route, auto& group, auto handler) {
    routes_.push_back(
        {route, [&group, handler](const ContextPtr& context) { (group.*handler)(context); }});
  };
  add({"POST", "/v1/events", "events", false, kSend, false}, events_, &EventRoutes::Post);
  add({"POST", "/v1/orders", "orders", false, kIngest, false}, events_, &EventRoutes::Post);
  add({"GET", "/v1/orders/{id}", "order", false, kReview, false}, orders_, &OrderRoutes::GetOrder);
  add({"GET", "/v1/orders/{id}/decisions", "order-decisions", false, kSee, false}, orders_,
      &OrderRoutes::GetOrderDecisions);
  add({"GET", "/v1/decisions", "decisions", false, kSee, false}, feed_, &FeedRoutes::GetDecisions);
  add({"GET", "/v1/queue", "queue", false, kReview, false}, queue_, &QueueRoutes::GetQueue);
  add({"GET", "/v1/find", "find", false, kReview, false}, find_, &FindRoutes::GetFind);
  add({"GET", "/v1/stats", "stats", false, kReview, false}, reports_, &ReportRoutes::GetStats);
  add({"GET", "/v1/alerts", "alerts", false, kReview, false}, reports_, &ReportRoutes::GetAlerts);
  add({"GET", "/v1/buyers/{id}", "buyer", false, kReview, false}, reports_,
      &ReportRoutes::GetBuyer);
  add({"GET", "/v1/lists", "lists", false, kReview, false}, rules_, &RuleRoutes::GetLists);
  add({"GET", "/v1/lists/{name}", "list", false, kReview, false}, rules_, &RuleRoutes::GetList);
  add({"POST", "/v1/lists/{name}", "list", false, kAdmin, false}, rules_, &RuleRoutes::PostList);
  add({"GET", "/v1/packs", "packs", false, kReview, false}, rules_, &RuleRoutes::GetPacks);
  add({"GET", "/v1/packs/history", "pack-history", false, kReview, false}, rules_,
      &RuleRoutes::GetPackHistory);
  add({"POST", "/v1/packs", "packs", false, kAdmin, true}, rules_, &RuleRoutes::PostPacks);
  add({"GET", "/v1/outbox", "outbox", false, kAdmin, true}, health_, &HealthRoutes::GetOutbox);
  add({"GET", "/metrics", "metrics", false, kAdmin, true}, health_, &HealthRoutes::GetMetrics);
  add({"GET", "/healthz", "healthz", true, {}, false}, health_, &HealthRoutes::GetHealth);
  add({"GET", "/readyz", "readyz", true, {}, false}, health_, &HealthRoutes::GetReady);
  add({"POST", "/webhooks/{provider}/{merchant}", "webhook", true, {}, false}, webhooks_,
      &WebhookRoutes::PostWebhook);
}

Service::Service(std::unique_ptr<ServiceRuntime> runtime, std::string config_path,
                 std::unique_ptr<Archive> archive, std::unique_ptr<AuditLog> audit)
    : runtime_(std::move(runtime)),
      config_path_(std::move(config_path)),
      archive_(std::move(archive)),
      audit_(std::move(audit)) {
  AddRoutes();
}

Service::~Service() { (void)Stop(); }

Result<std::unique_ptr<Service>> Service::Start(std::unique_ptr<ServiceRuntime> runtime,
                                                std::string config_path) {
  auto keys = ApiKeys::Load(runtime->config()->keys);
  if (!keys) return tl::unexpected(keys.error());
  return Start(std::move(runtime), std::move(config_path), *keys);
}

Result<std::unique_ptr<Service>> Service::Start(std::unique_ptr<ServiceRuntime> runtime,
                                                std::string config_path,
                                                std::shared_ptr<const ApiKeys> keys) {
  const auto config = runtime->config();
  auto archive = Archive::Open(config->data + "/deliveries");
  if (!archive) return tl::unexpected(archive.error());
  auto audit = AuditLog::Open(config->audit_log.empty() ? config->data + "/audit.ndjson"
                                                        : config->audit_log);
  if (!audit) return tl::unexpected(audit.error());
  std::unique_ptr<Service> service(new Service(std::move(runtime), std::move(config_path),
                                               std::move(*archive), std::move(*audit)));
  service->keys_ = std::move(keys);
  service->runtime_->OnMore([raw = service.get()] { raw->feed_.ServeFeeds(); });
  return service;
}

void Service::Handle(HttpRequest request, Respond respond) {
  auto context = std::make_shared<RequestContext>();
  context->request = std::move(request);
  context->respond = std::move(respond);
  responder_.Begin();
  const std::string_view path = context->request.Path();
  std::string allowed;
  const Handler* handler = nullptr;
  for (const auto& [route, own] : routes_) {
    auto parts = Match(route.path, path);
    if (!parts) continue;
    if (route.method != context->request.method) {
      if (!allowed.empty()) allowed += ", ";
      allowed += route.method;
      continue;
    }
    context->route = &route;
    handler = &own;
    context->parts = std::move(*parts);
    break;
  }
  if (context->route == nullptr) {
    if (allowed.empty()) {
      return responder_.Answer(
          context, Problem(ErrorCode::kUnknownRoute, "there is no " + std::string(path)));
    }
    HttpAnswer answer = Problem(ErrorCode::kWrongMethod, std::string(path) + " takes " + allowed);
    answer.headers.push_back({"Allow", allowed});
    return responder_.Answer(context, std::move(answer));
  }
  const bool health = context->route->name == "healthz" || context->route->name == "readyz";
  if (responder_.draining() && !health) {
    return responder_.Answer(context, Problem(ErrorCode::kUnavailable, "the service is stopping"));
  }
  if (!Admit(context)) return;
  (*handler)(context);
}

// True when the request's key may use this route. Otherwise it has been answered.
bool Service::Admit(const ContextPtr& context) {
  const Route& route = *context->route;
  const bool open_metrics = route.name == "metrics" && runtime_->config()->open_metrics;
  if (route.open || open_metrics) return true;
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view given = context->request.Header("Authorization");
  context->keys = keys_.load();
  if (given.starts_with(kBearer))
    context->key = context->keys->Find(Trim(given.substr(kBearer.size())));
  if (context->key == nullptr) {
    responder_.Answer(context, Problem(ErrorCode::kUnauthorized,
                                       given.empty() ? "there is no header Authorization"
                                                     : "the key is not known, or was revoked"));
    return false;
  }
  const auto config = runtime_->config();
  if (!key_rates_.TryTake(context->key->id, config->limits.key_per_second,
                          config->limits.key_burst)) {
    responder_.Answer(context,
                      Problem(ErrorCode::kTooMany, "the key sends more requests than it may"));
    return false;
  }
  if (!route.roles[static_cast<std::size_t>(context->key->role)]) {
    responder_.Answer(context,
                      Problem(ErrorCode::kForbidden, "a key of the role " +
                                                         std::string(NameOf(context->key->role)) +
                                                         " may not do this"));
    return false;
  }
  if (route.of_all && !context->key->OfAll()) {
    responder_.Answer(context, Problem(ErrorCode::kForbidden, "this wants a key of all merchants"));
    return false;
  }
  return true;
}

void Service::Tick() {
  runtime_->Tick();
  feed_.ServeFeeds();
}

void Service::LoadKeys(const ServeConfig& config) {
  const auto keys = ApiKeys::Load(config.keys);
  if (keys) {
    keys_ = *keys;
  } else {
    Log(LogLevel::kError, keys.error().Text() + "; the old keys stay in force");
  }
}

void Service::Reload(std::function<void()> then) {
  const bool taken = runtime_->PostToWorker([this, then] {
    if (Status opened = audit_->Reopen(); !opened) Log(LogLevel::kError, opened.error().Text());
    Diagnostics findings;
    const auto config = LoadConfig(config_path_, findings);
    if (config == nullptr) {
      Log(LogLevel::kError,
          "the configuration has errors; the old one stays in force\n" + RenderText(findings));
    } else {
      LoadKeys(*config);
      if (Status reloaded = runtime_->Reload(config); !reloaded) {
        Log(LogLevel::kError, reloaded.error().Text() + "; the old settings stay in force");
      } else {
        Log(LogLevel::kInfo, "the configuration was read again");
      }
      webhooks_.Forget();
    }
    then();
  });
  if (!taken) then();
}

void Service::Drain() {
  responder_.Drain();
  feed_.ServeFeeds();
}

Status Service::Stop() {
  reports_.Stop();
  webhooks_.Stop();
  return runtime_->Stop();
}

}  // namespace holdfast
