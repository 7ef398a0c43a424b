
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>

#include "engine/base/text.h"
#include "engine/base/wall_time.h"
#include "engine/cli/admin/geo_options.h"
#include "engine/cli/commands.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/terminal.h"
#include "engine/server/api/service.h"
#include "engine/server/listener.h"
#include "engine/server/log.h"

namespace holdfast::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string config = "config/holdfast.yaml";
  bool check = false;
  bool active_pack = false;
};

class Serving {
 public:
  explicit Serving(const Options& options) : options_(options) {}

  int Run() {
    Diagnostics findings;
    auto config = LoadConfig(options_.config, findings);
    if (!findings.empty()) std::fputs(SafeLines(RenderText(findings)).c_str(), stderr);
    if (config == nullptr) {
      std::fprintf(stderr, "%s; nothing was started\n", CountText(findings).c_str());
      return 2;
    }
    if (options_.check) return Check(*config);
    StartLog(config->log_level);
    // The Unix socket may have as many connections again.
    const std::size_t room = RoomForConnections() / (config->listen.unix_path.empty() ? 1 : 2);
    if (room < kFewConnections) {
      return ReportError({ErrorCode::kLimitExceeded, "limits.connections",
                          "the process may open too few files; raise that (ulimit -n)"});
    }
    if (config->limits.connections > room) {
      Log(LogLevel::kWarn, "the process may open too few files (ulimit -n) for " +
                               std::to_string(config->limits.connections) +
                               " connections: " + std::to_string(room) + " are taken");
      auto fewer = std::make_shared<ServeConfig>(*config);
      fewer->limits.connections = room;
      config = std::move(fewer);
    }
    const auto geo = OpenGeo(GeoFrom(config->geo));
    if (!geo) return ReportError(geo.error());
    auto listener = Listener::Open(*config, [this](HttpRequest request, Respond respond) {
      service_->Handle(std::move(request), std::move(respond));
    });
    if (!listener) return ReportError(listener.error());
    listener_ = std::move(*listener);
    const ServiceHooks hooks = {
        [this](std::function<void()> task) { listener_->Post(std::move(task)); }, &WallTime};
    findings.clear();
    // A service that is stopped while it reads its log just exits; nothing is lost.
    auto runtime = ServiceRuntime::Start(config, geo->get(), hooks, findings, &ShowReplay, Start());
    if (!findings.empty()) std::fputs(SafeLines(RenderText(findings)).c_str(), stderr);
    if (!runtime) return ReportError(runtime.error());
    auto service = Service::Start(std::move(*runtime), options_.config);
    if (!service) return ReportError(service.error());
    service_ = std::move(*service);
    SayWhere(*config);
    listener_->Run(
        config->io_threads, [this] { Tick(); }, [this](int signal) { Signalled(signal); });
    // A second signal while the folder is being closed changes nothing.
    for (const int signal : {SIGHUP, SIGINT, SIGTERM}) std::signal(signal, SIG_IGN);
    const Status stopped = service_->Stop();
    if (!stopped) return ReportError(stopped.error());
    if (service_->runtime().failed()) return 3;
    Log(LogLevel::kInfo, "stopped");
    return 0;
  }

 private:
  // Files that the database, the logs and the endpoints need.
  static constexpr std::size_t kOtherFiles = 512;
  static constexpr std::size_t kFewConnections = 16;

  // Raises the limit of open files as far as allowed. Returns the number of connections for which
  // it is enough.
  static std::size_t RoomForConnections() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur > kOtherFiles ? limit.rlim_cur - kOtherFiles : 0;
  }

  static GeoOptions GeoFrom(const GeoConfig& config) {
    return {config.country, config.asn, config.hosting, config.tor, config.vpn, config.postal};
  }

  static bool ShowReplay(std::uint64_t done, std::uint64_t all) {
    static auto shown = Clock::now();
    if (Clock::now() - shown > std::chrono::seconds(2)) {
      shown = Clock::now();
      Log(LogLevel::kInfo,
          "reading the log: " + std::to_string(done) + " of " + std::to_string(all) + " events");
    }
    return true;
  }

  StartWith Start() const {
    return options_.active_pack ? StartWith::kActive : StartWith::kConfigured;
  }

  // Reports what a start would report, without starting.
  int Check(const ServeConfig& config) const {
    Diagnostics findings;
    const auto permits = LoadPermitKeys(config);
    if (!permits) ReportError(permits.error());
    const auto chosen = permits ? ChoosePack(config, **permits, Start(), findings)
                                : Result<ServedPack>(tl::unexpected(permits.error()));
    if (!findings.empty()) std::fputs(SafeLines(RenderText(findings)).c_str(), stderr);
    if (permits && !chosen) ReportError(chosen.error());
    const auto keys = ApiKeys::Load(config.keys);
    if (!keys) ReportError(keys.error());
    if (!chosen || !keys) return 1;
    const auto& pack = chosen->pack;
    std::printf(
        "the configuration is fine: pack %s version %lld, %zu keys, %zu webhooks, %zu "
        "endpoints\n",
        pack->name.c_str(), static_cast<long long>(pack->version), (*keys)->all().size(),
        config.webhooks.size(), config.outbox.size());
    return 0;
  }

  void SayWhere(const ServeConfig& config) {
    const auto pack = service_->runtime().pack();
    Log(LogLevel::kInfo, "pack " + pack->name + " version " + std::to_string(pack->version) +
                             " is active, the log has " +
                             std::to_string(service_->runtime().last()) + " records");
    if (!config.listen.address.empty()) {
      const std::string scheme = config.listen.tls_certificate.empty() ? "http" : "https";
      Log(LogLevel::kInfo, "listening on " + scheme + "://" + config.listen.address + ":" +
                               std::to_string(listener_->port()));
    }
    if (!config.listen.unix_path.empty()) {
      Log(LogLevel::kInfo, "listening on " + config.listen.unix_path);
    }
  }

  void Tick() {
    service_->Tick();
    service_->runtime().metrics().SetConnections(static_cast<double>(listener_->connections()));
    if (service_->runtime().failed() && !draining_) {
      // Waiting requests have been told; their answers are being sent.
      draining_ = true;
      drained_by_ = Clock::now() + std::chrono::seconds(2);
      service_->Drain();
      listener_->Close();
    }
    if (!draining_) return;
    const bool late = Clock::now() >= drained_by_;
    if ((service_->idle() && listener_->connections() == 0) || late) {
      if (late) Log(LogLevel::kWarn, "some requests were not answered in time");
      listener_->Stop();
    }
  }

  void Signalled(int signal) {
    if (signal == SIGHUP) {
      Log(LogLevel::kInfo, "reading the configuration again");
      service_->Reload([this] {
        const auto config = service_->runtime().config();
        if (Status used = listener_->UseCertificate(config->listen); !used) {
          Log(LogLevel::kError, used.error().Text() + "; the old certificate stays in use");
        }
      });
      return;
    }
    if (draining_) return listener_->Stop();
    draining_ = true;
    const auto config = service_->runtime().config();
    drained_by_ = Clock::now() + std::chrono::seconds(config->drain_seconds);
    Log(LogLevel::kInfo, "stopping: requests that are on their way are answered");
    service_->Drain();
    listener_->Close();
  }

  const Options options_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Service> service_;
  bool draining_ = false;
  Clock::time_point drained_by_;
};

}  // namespace

void AddServe(Command app) {
  auto options = std::make_shared<Options>();
  Command command =
      app.Add("serve", "Run the service: events and webhooks in by HTTP, decisions out");
  command.Value("--config", options->config, "The configuration").File().ShowDefault();
  command.Flag("--check-config", options->check,
               "Only say whether the configuration, the pack and the keys are fine");
  command.Flag("--active-pack", options->active_pack,
               "Start with the active pack of the data folder, whatever pack the configuration "
               "names");
  command.Footer(
      "SIGTERM ends it after the requests that are on their way; SIGHUP has keys, secrets and\n"
      "the certificate read again. The pack changes only by `holdfast packs activate`. Exit "
      "codes:\n"
      "0 ended, 1 --check-config found something, or the pack has errors, 2 usage or\n"
      "configuration, 3 failed, or the configured pack is not the active one.");
  command.Example("holdfast serve --config holdfast.yaml --check-config");
  command.Does([options] { return Serving(*options).Run(); });
}

}  // namespace holdfast::cli
