#include "engine/server/api/service.h"

#include <algorithm>
#include <charconv>

#include "engine/base/text.h"
#include "engine/base/url.h"
#include "engine/base/utf8.h"
#include "engine/codec/json_object.h"
#include "engine/server/api/asked.h"
#include "engine/server/api/problem.h"
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

Service::Service(std::unique_ptr<Core> core, std::string config_path)
    : core_(std::move(core)), config_path_(std::move(config_path)) {}

Service::~Service() { (void)Stop(); }

Result<std::unique_ptr<Service>> Service::Start(std::unique_ptr<Core> core,
                                                std::string config_path) {
  auto keys = ApiKeys::Load(core->config()->keys);
  if (!keys) return tl::unexpected(keys.error());
  return Start(std::move(core), std::move(config_path), *keys);
}

Result<std::unique_ptr<Service>> Service::Start(std::unique_ptr<Core> core, std::string config_path,
                                                std::shared_ptr<const ApiKeys> keys) {
  const auto config = core->config();
  std::unique_ptr<Service> service(new Service(std::move(core), std::move(config_path)));
  service->keys_ = std::move(keys);
  auto archive = Archive::Open(config->data + "/deliveries");
  if (!archive) return tl::unexpected(archive.error());
  service->archive_ = std::move(*archive);
  auto audit = AuditLog::Open(config->audit_log.empty() ? config->data + "/audit.ndjson"
                                                        : config->audit_log);
  if (!audit) return tl::unexpected(audit.error());
  service->audit_ = std::move(*audit);
  service->core_->OnMore([raw = service.get()] { raw->ServeFeeds(); });
  return service;
}

void Service::Handle(HttpRequest request, Respond respond) {
  auto asked = std::make_shared<Asked>();
  asked->request = std::move(request);
  asked->respond = std::move(respond);
  ++requests_;
  const std::string_view path = asked->request.Path();
  std::string allowed;
  for (const Route& route : Routes()) {
    auto parts = Match(route.path, path);
    if (!parts) continue;
    if (route.method != asked->request.method) {
      if (!allowed.empty()) allowed += ", ";
      allowed += route.method;
      continue;
    }
    asked->route = &route;
    asked->parts = std::move(*parts);
    break;
  }
  if (asked->route == nullptr) {
    if (allowed.empty()) {
      return Answer(asked, Problem(ErrorCode::kUnknownRoute, "there is no " + std::string(path)));
    }
    HttpAnswer answer = Problem(ErrorCode::kWrongMethod, std::string(path) + " takes " + allowed);
    answer.headers.push_back({"Allow", allowed});
    return Answer(asked, std::move(answer));
  }
  const bool health = asked->route->name == "healthz" || asked->route->name == "readyz";
  if (draining_ && !health) {
    return Answer(asked, Problem(ErrorCode::kUnavailable, "the service is stopping"));
  }
  if (!Admit(asked)) return;
  (this->*asked->route->handler)(asked);
}

// Is the request's key for this route? When not, the answer has been given.
bool Service::Admit(const AskedPtr& asked) {
  const Route& route = *asked->route;
  const bool open_metrics = route.name == "metrics" && core_->config()->open_metrics;
  if (route.open || open_metrics) return true;
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view given = asked->request.Header("Authorization");
  asked->keys = keys_.load();
  if (given.starts_with(kBearer))
    asked->key = asked->keys->Find(Trim(given.substr(kBearer.size())));
  if (asked->key == nullptr) {
    Answer(asked, Problem(ErrorCode::kUnauthorized, given.empty()
                                                        ? "there is no header Authorization"
                                                        : "the key is not known, or was revoked"));
    return false;
  }
  const auto config = core_->config();
  if (!key_rates_.Admit(asked->key->id, config->limits.key_per_second, config->limits.key_burst)) {
    Answer(asked, Problem(ErrorCode::kTooMany, "the key sends more requests than it may"));
    return false;
  }
  if (!route.roles[static_cast<std::size_t>(asked->key->role)]) {
    Answer(asked, Problem(ErrorCode::kForbidden, "a key of the role " +
                                                     std::string(NameOf(asked->key->role)) +
                                                     " may not do this"));
    return false;
  }
  if (route.of_all && !asked->key->OfAll()) {
    Answer(asked, Problem(ErrorCode::kForbidden, "this wants a key of all merchants"));
    return false;
  }
  return true;
}

std::function<void()> Service::Task(const AskedPtr& asked, std::function<void()> task) {
  return [this, asked, task = std::move(task)] {
    try {
      task();
    } catch (const std::exception& fault) {
      Log(LogLevel::kError,
          asked->request.method + " " + std::string(asked->request.Path()) + ": " + fault.what());
      Answer(asked, Problem(ErrorCode::kInternal, "the request could not be answered"));
    }
  };
}

void Service::Later(const AskedPtr& asked, std::function<void()> task) {
  const bool taken = core_->Later(Task(asked, [this, asked, task = std::move(task)] {
    if (core_->failed()) return Answer(asked, Stopped());
    task();
  }));
  if (!taken) Answer(asked, TooMuch());
}

void Service::Look(const AskedPtr& asked, const std::string& merchant,
                   std::function<void(const Engine& engine)> look, std::function<void()> then) {
  const bool taken = core_->Look(merchant, std::move(look),
                                 [this, asked, then = std::move(then)] { Later(asked, then); });
  if (!taken) Answer(asked, core_->failed() ? Stopped() : TooMuch());
}

void Service::Answer(const AskedPtr& asked, HttpAnswer answer) {
  if (asked->answered.exchange(true)) return;
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - asked->came).count();
  core_->metrics().AddRequest(asked->route == nullptr ? "none" : asked->route->name, answer.status,
                              seconds);
  if (answer.status >= 400) {
    if (Logs(LogLevel::kDebug)) {
      Log(LogLevel::kDebug, asked->request.method + " " + std::string(asked->request.Path()) +
                                " from " + asked->request.peer + ": " +
                                std::to_string(answer.status));
    }
  }
  // What people and programs with more than the right to send do is written down; what changes
  // something is on disk before it is answered, unless the disk refuses, which is in the log.
  const bool audited =
      asked->key != nullptr && (asked->key->role != Role::kIngest || !asked->route->roles[0]);
  if (!audited) return Finish(asked, std::move(answer));
  if (asked->request.method == "GET") {
    Audit(*asked, answer.status, false);
    return Finish(asked, std::move(answer));
  }
  const auto kept = std::make_shared<HttpAnswer>(std::move(answer));
  const auto finish = [this, asked, kept] {
    Audit(*asked, kept->status, true);
    Finish(asked, std::move(*kept));
  };
  if (!core_->Later(finish)) finish();
}

void Service::Finish(const AskedPtr& asked, HttpAnswer answer) {
  --requests_;
  asked->respond(std::move(answer));
}

void Service::Audit(const Asked& asked, int status, bool durable) {
  JsonObject line;
  line.Text("at", FormatRfc3339(core_->Now()));
  line.Text("key", asked.key->id);
  line.Text("merchant", asked.key->merchant);
  line.Text("role", NameOf(asked.key->role));
  line.Text("method", asked.request.method);
  line.Text("target", IsValidUtf8(asked.request.target) ? asked.request.target : "");
  line.Number("status", status);
  line.Text("peer", asked.request.peer);
  if (Status kept = audit_->Write(line.Done() + "\n", durable); !kept) {
    Log(LogLevel::kError, kept.error().Text());
  }
}

std::optional<std::string> Service::MerchantOf(const AskedPtr& asked) {
  const std::string named = asked->request.Query("merchant");
  if (!asked->key->OfAll()) {
    if (named.empty() || named == asked->key->merchant) return asked->key->merchant;
    Answer(asked, Problem(ErrorCode::kForbidden, "the key is of another merchant"));
    return std::nullopt;
  }
  if (!named.empty()) return named;
  Answer(asked,
         Problem(ErrorCode::kUsage, "a key of all merchants must say which: ?merchant=NAME"));
  return std::nullopt;
}

void Service::Tick() {
  core_->Tick();
  ServeFeeds();
}

void Service::Reload(std::function<void()> then) {
  const bool taken = core_->Later([this, then] {
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
      if (Status reloaded = core_->Reload(config, findings); !reloaded) {
        Log(LogLevel::kError,
            reloaded.error().Text() + "; the old pack stays active\n" + RenderText(findings));
      } else {
        Log(LogLevel::kInfo, "reloaded: pack " + core_->pack()->name + " version " +
                                 std::to_string(core_->pack()->version) + " is active");
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
  return core_->Stop();
}

}  // namespace holdfast
