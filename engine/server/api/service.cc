#include "engine/server/api/service.h"

#include <algorithm>
#include <charconv>

#include "engine/base/text.h"
#include "engine/base/url.h"
#include "engine/base/utf8.h"
#include "engine/codec/json_object.h"
#include "engine/server/api/problem.h"
#include "engine/server/api/request_context.h"
#include "engine/server/log.h"

namespace holdfast {
namespace {

// The parts of `path` that stand where `pattern` has a name in braces; nothing where it does not
// match.
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

HttpAnswer TooMuch() { return Problem(ErrorCode::kTooMany, "too much waits already"); }
HttpAnswer Stopped() {
  return Problem(ErrorCode::kUnavailable, "the service has stopped taking events");
}

}  // namespace

std::uint64_t QueryNumber(const HttpRequest& request, std::string_view name,
                          std::uint64_t otherwise, std::uint64_t most) {
  const std::string text = request.Query(name);
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool fine =
      !text.empty() && read.ec == std::errc() && read.ptr == text.data() + text.size();
  return fine ? std::min(value, most) : otherwise;
}

const std::vector<Service::Route>& Service::Routes() {
  constexpr std::array kIngest = {true, false, true}, kSend = {true, true, true},
                       kSee = {true, true, true}, kReview = {false, true, true},
                       kAdmin = {false, false, true};
  static const std::vector<Route> routes = {
      {"POST", "/v1/events", "events", false, kSend, false, &Service::PostEvents},
      {"POST", "/v1/orders", "orders", false, kIngest, false, &Service::PostOrders},
      {"GET", "/v1/orders/{id}", "order", false, kReview, false, &Service::GetOrder},
      {"GET", "/v1/orders/{id}/decisions", "order-decisions", false, kSee, false,
       &Service::GetOrderDecisions},
      {"GET", "/v1/decisions", "decisions", false, kSee, false, &Service::GetDecisions},
      {"GET", "/v1/queue", "queue", false, kReview, false, &Service::GetQueue},
      {"GET", "/v1/stats", "stats", false, kReview, false, &Service::GetStats},
      {"GET", "/v1/buyers/{id}", "buyer", false, kReview, false, &Service::GetBuyer},
      {"GET", "/v1/lists", "lists", false, kReview, false, &Service::GetLists},
      {"GET", "/v1/lists/{name}", "list", false, kReview, false, &Service::GetList},
      {"POST", "/v1/lists/{name}", "list", false, kAdmin, false, &Service::PostList},
      {"GET", "/v1/packs", "packs", false, kReview, false, &Service::GetPacks},
      {"POST", "/v1/packs", "packs", false, kAdmin, true, &Service::PostPacks},
      {"GET", "/v1/outbox", "outbox", false, kAdmin, true, &Service::GetOutbox},
      {"GET", "/metrics", "metrics", false, kAdmin, true, &Service::GetMetrics},
      {"GET", "/healthz", "healthz", true, {}, false, &Service::GetHealth},
      {"GET", "/readyz", "readyz", true, {}, false, &Service::GetReady},
      {"POST",
       "/webhooks/{provider}/{merchant}",
       "webhook",
       true,
       {},
       false,
       &Service::PostWebhook},
  };
  return routes;
}

Service::Service(std::unique_ptr<ServiceRuntime> runtime, std::string config_path)
    : runtime_(std::move(runtime)), config_path_(std::move(config_path)) {}

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
  std::unique_ptr<Service> service(new Service(std::move(runtime), std::move(config_path)));
  service->keys_ = std::move(keys);
  auto archive = Archive::Open(config->data + "/deliveries");
  if (!archive) return tl::unexpected(archive.error());
  service->archive_ = std::move(*archive);
  auto audit = AuditLog::Open(config->audit_log.empty() ? config->data + "/audit.ndjson"
                                                        : config->audit_log);
  if (!audit) return tl::unexpected(audit.error());
  service->audit_ = std::move(*audit);
  service->runtime_->OnMore([raw = service.get()] { raw->ServeFeeds(); });
  return service;
}

void Service::Handle(HttpRequest request, Respond respond) {
  auto context = std::make_shared<RequestContext>();
  context->request = std::move(request);
  context->respond = std::move(respond);
  ++requests_;
  const std::string_view path = context->request.Path();
  std::string allowed;
  for (const Route& route : Routes()) {
    auto parts = Match(route.path, path);
    if (!parts) continue;
    if (route.method != context->request.method) {
      if (!allowed.empty()) allowed += ", ";
      allowed += route.method;
      continue;
    }
    context->route = &route;
    context->parts = std::move(*parts);
    break;
  }
  if (context->route == nullptr) {
    if (allowed.empty()) {
      return Answer(context, Problem(ErrorCode::kUnknownRoute, "there is no " + std::string(path)));
    }
    HttpAnswer answer = Problem(ErrorCode::kWrongMethod, std::string(path) + " takes " + allowed);
    answer.headers.push_back({"Allow", allowed});
    return Answer(context, std::move(answer));
  }
  const bool health = context->route->name == "healthz" || context->route->name == "readyz";
  if (draining_ && !health) {
    return Answer(context, Problem(ErrorCode::kUnavailable, "the service is stopping"));
  }
  if (!Admit(context)) return;
  (this->*context->route->handler)(context);
}

// Is the request's key for this route? When not, the answer has been given.
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
    Answer(context, Problem(ErrorCode::kUnauthorized,
                            given.empty() ? "there is no header Authorization"
                                          : "the key is not known, or was revoked"));
    return false;
  }
  const auto config = runtime_->config();
  if (!key_rates_.Admit(context->key->id, config->limits.key_per_second,
                        config->limits.key_burst)) {
    Answer(context, Problem(ErrorCode::kTooMany, "the key sends more requests than it may"));
    return false;
  }
  if (!route.roles[static_cast<std::size_t>(context->key->role)]) {
    Answer(context, Problem(ErrorCode::kForbidden, "a key of the role " +
                                                       std::string(NameOf(context->key->role)) +
                                                       " may not do this"));
    return false;
  }
  if (route.of_all && !context->key->OfAll()) {
    Answer(context, Problem(ErrorCode::kForbidden, "this wants a key of all merchants"));
    return false;
  }
  return true;
}

std::function<void()> Service::Task(const ContextPtr& context, std::function<void()> task) {
  return [this, context, task = std::move(task)] {
    try {
      task();
    } catch (const std::exception& fault) {
      Log(LogLevel::kError, context->request.method + " " + std::string(context->request.Path()) +
                                ": " + fault.what());
      Answer(context, Problem(ErrorCode::kInternal, "the request could not be answered"));
    }
  };
}

void Service::PostToWorker(const ContextPtr& context, std::function<void()> task) {
  const bool taken = runtime_->PostToWorker(Task(context, [this, context, task = std::move(task)] {
    if (runtime_->failed()) return Answer(context, Stopped());
    task();
  }));
  if (!taken) Answer(context, TooMuch());
}

void Service::ReadState(const ContextPtr& context, const std::string& merchant,
                        std::function<void(const Engine& engine)> look,
                        std::function<void()> then) {
  const bool taken =
      runtime_->ReadState(merchant, std::move(look),
                          [this, context, then = std::move(then)] { PostToWorker(context, then); });
  if (!taken) Answer(context, runtime_->failed() ? Stopped() : TooMuch());
}

void Service::Answer(const ContextPtr& context, HttpAnswer answer) {
  if (context->answered.exchange(true)) return;
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - context->received).count();
  runtime_->metrics().AddRequest(context->route == nullptr ? "none" : context->route->name,
                                 answer.status, seconds);
  if (answer.status >= 400) {
    if (Logs(LogLevel::kDebug)) {
      Log(LogLevel::kDebug, context->request.method + " " + std::string(context->request.Path()) +
                                " from " + context->request.peer + ": " +
                                std::to_string(answer.status));
    }
  }
  // What people and programs with more than the right to send do is written down; what changes
  // something is on disk before it is answered, unless the disk refuses, which is in the log.
  const bool audited =
      context->key != nullptr && (context->key->role != Role::kIngest || !context->route->roles[0]);
  if (!audited) return Finish(context, std::move(answer));
  if (context->request.method == "GET") {
    Audit(*context, answer.status, false);
    return Finish(context, std::move(answer));
  }
  const auto kept = std::make_shared<HttpAnswer>(std::move(answer));
  const auto finish = [this, context, kept] {
    Audit(*context, kept->status, true);
    Finish(context, std::move(*kept));
  };
  if (!runtime_->PostToWorker(finish)) finish();
}

void Service::Finish(const ContextPtr& context, HttpAnswer answer) {
  --requests_;
  context->respond(std::move(answer));
}

void Service::Audit(const RequestContext& context, int status, bool durable) {
  JsonObject line;
  line.Text("at", FormatRfc3339(runtime_->Now()));
  line.Text("key", context.key->id);
  line.Text("merchant", context.key->merchant);
  line.Text("role", NameOf(context.key->role));
  line.Text("method", context.request.method);
  line.Text("target", IsValidUtf8(context.request.target) ? context.request.target : "");
  line.Number("status", status);
  line.Text("peer", context.request.peer);
  if (Status kept = audit_->Write(line.Done() + "\n", durable); !kept) {
    Log(LogLevel::kError, kept.error().Text());
  }
}

std::optional<std::string> Service::MerchantOf(const ContextPtr& context) {
  const std::string named = context->request.Query("merchant");
  if (!context->key->OfAll()) {
    if (named.empty() || named == context->key->merchant) return context->key->merchant;
    Answer(context, Problem(ErrorCode::kForbidden, "the key is of another merchant"));
    return std::nullopt;
  }
  if (!named.empty()) return named;
  Answer(context,
         Problem(ErrorCode::kUsage, "a key of all merchants must say which: ?merchant=NAME"));
  return std::nullopt;
}

void Service::Tick() {
  runtime_->Tick();
  ServeFeeds();
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
      const auto keys = ApiKeys::Load(config->keys);
      if (keys) {
        keys_ = *keys;
      } else {
        Log(LogLevel::kError, keys.error().Text() + "; the old keys stay in force");
      }
      findings.clear();
      if (Status reloaded = runtime_->Reload(config, findings); !reloaded) {
        Log(LogLevel::kError,
            reloaded.error().Text() + "; the old pack stays active\n" + RenderText(findings));
      } else {
        Log(LogLevel::kInfo, "reloaded: pack " + runtime_->pack()->name + " version " +
                                 std::to_string(runtime_->pack()->version) + " is active");
      }
      certificates_.Forget();
    }
    then();
  });
  if (!taken) then();
}

void Service::Drain() {
  draining_ = true;
  ServeFeeds();
}

Status Service::Stop() {
  reports_.Stop();
  fetching_.Stop();
  echoing_.Stop();
  return runtime_->Stop();
}

}  // namespace holdfast
