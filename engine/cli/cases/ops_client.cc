#include "engine/cli/cases/ops_client.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <thread>

#include "engine/base/file.h"
#include "engine/base/hex.h"
#include "engine/base/hmac.h"
#include "engine/base/queue.h"
#include "engine/base/text.h"
#include "engine/base/url.h"
#include "engine/base/wall_time.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json_object.h"
#include "engine/net/http_client.h"
#include "engine/pipeline/pack_store.h"
#include "engine/server/api/service.h"
#include "engine/yaml/yaml_file.h"

namespace holdfast::cli {
namespace {

constexpr std::size_t kKeyBytes = 4096;

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The headers of a request with one event a line, answered without the decisions.
std::vector<std::pair<std::string, std::string>> LinesHeaders() {
  return {{"Content-Type", "application/x-ndjson"}, {"Prefer", "respond-async"}};
}

// ---- a service ----------------------------------------------------------------------------------

class ServiceClient final : public OpsClient {
 public:
  ServiceClient(const OpsOptions& options, std::string key) : key_(std::move(key)) {
    merchant_ = options.merchant.empty() ? "" : "merchant=" + EncodeUrl(options.merchant);
    url_ = options.url;
    constexpr std::string_view kUnix = "unix:";
    if (url_.starts_with(kUnix)) {
      socket_ = url_.substr(kUnix.size());
      url_ = "http://localhost";
    }
    while (url_.ends_with('/')) url_.pop_back();
  }

  Result<OpsAnswer> Ask(const std::string& method, const std::string& target,
                        const std::string& body, std::optional<std::uint64_t> seen) override {
    HttpCall call;
    call.url = url_ + target;
    if (method == "POST") call.body = body;
    call.headers = {{"Content-Type", "application/json"}};
    if (seen) call.headers.push_back({"If-Match", "\"" + std::to_string(*seen) + "\""});
    return Answer(std::move(call));
  }

  Result<OpsAnswer> SendLines(const std::string& lines) override {
    HttpCall call;
    call.url = url_ + "/v1/events";
    call.body = lines;
    call.headers = LinesHeaders();
    return Answer(std::move(call));
  }

 private:
  Result<OpsAnswer> Answer(HttpCall call) const {
    call.unix_socket = socket_;
    call.headers.push_back({"Authorization", "Bearer " + key_});
    call.timeout_seconds = 60;
    call.allow_private = true;
    constexpr std::size_t kAnswerBytes = 256 << 20;
    call.answer_bytes = kAnswerBytes;
    auto reply = Call(call);
    if (!reply) return tl::unexpected(reply.error());
    return OpsAnswer{reply->status, std::move(reply->body)};
  }

  std::string url_, socket_, key_;
};

// ---- a data folder ------------------------------------------------------------------------------

// Calls the service's routes directly, without a network.
class FolderClient final : public OpsClient {
 public:
  static Result<std::unique_ptr<OpsClient>> Open(const OpsOptions& options) {
    auto config = std::make_shared<ServeConfig>();
    config->data = options.data;
    config->pack = options.pack;
    std::unique_ptr<FolderClient> client(new FolderClient(options));
    Diagnostics findings;
    const ServiceHooks hooks = {
        [raw = client.get()](std::function<void()> task) { raw->tasks_.Push(std::move(task)); },
        &WallTime};
    auto runtime =
        ServiceRuntime::Start(config, nullptr, hooks, findings, {},
                              options.activates ? StartWith::kToActivate : StartWith::kConfigured);
    if (CountErrors(findings) > 0) {
      std::fputs(SafeLines(RenderText(findings)).c_str(), stderr);
    }
    if (!runtime) {
      Error error = runtime.error();
      if (error.code == ErrorCode::kBusy) {
        error.detail += "; if a service has it open, ask that with --url";
      }
      return tl::unexpected(std::move(error));
    }
    ApiKey key;
    key.id = "local";
    key.person = options.by.empty() ? FromEnvironment("USER") : options.by;
    if (key.person.empty()) key.person = "uid-" + std::to_string(getuid());
    key.merchant = "*";
    key.role = options.admin ? Role::kAdmin : Role::kReview;
    auto service =
        Service::Start(std::move(*runtime), {}, ApiKeys::OfOne(std::move(key), client->token_));
    if (!service) return tl::unexpected(service.error());
    client->service_ = std::move(*service);
    return client;
  }

  ~FolderClient() override {
    if (service_ != nullptr) (void)service_->Stop();
    tasks_.Close();
    worker_.join();
  }

  Result<OpsAnswer> Ask(const std::string& method, const std::string& target,
                        const std::string& body, std::optional<std::uint64_t> seen) override {
    HttpRequest request;
    request.method = method;
    request.target = target;
    request.body = body;
    request.headers = {{"Content-Type", "application/json"}};
    if (seen) request.headers.push_back({"If-Match", "\"" + std::to_string(*seen) + "\""});
    return Answer(std::move(request));
  }

  Result<OpsAnswer> SendLines(const std::string& lines) override {
    HttpRequest request;
    request.method = "POST";
    request.target = "/v1/events";
    request.body = lines;
    request.headers = LinesHeaders();
    return Answer(std::move(request));
  }

 private:
  Result<OpsAnswer> Answer(HttpRequest request) {
    request.peer = request.network = "local";
    request.headers.push_back({"Authorization", "Bearer " + token_});
    std::promise<HttpAnswer> promise;
    auto answer = promise.get_future();
    tasks_.Push([&] {
      service_->Handle(std::move(request),
                       [&](HttpAnswer made) { promise.set_value(std::move(made)); });
    });
    constexpr std::chrono::milliseconds kLook{200};
    while (answer.wait_for(kLook) != std::future_status::ready) service_->runtime().EndIfStopped();
    HttpAnswer made = answer.get();
    return OpsAnswer{made.status, std::move(made.body)};
  }

  explicit FolderClient(const OpsOptions& options)
      : token_("hf_local_" + EncodeHex(RandomBytes(16))), worker_([this] {
          while (const auto task = tasks_.Pop()) (*task)();
        }) {
    merchant_ = "merchant=" + EncodeUrl(options.merchant.empty() ? "default" : options.merchant);
  }

  const std::string token_;
  std::unique_ptr<Service> service_;
  Queue<std::function<void()>> tasks_{10'000};
  std::thread worker_;
};

Result<JsonDocument> Read(const Result<OpsAnswer>& answer) {
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status < 200 || answer->status >= 300) return Fail(ErrorOf(*answer));
  return JsonDocument::Parse(answer->body);
}

// Reads ~/.config/holdfast/client.yaml for what neither the command line nor the environment sets.
Status ReadDefaults(OpsOptions& options) {
  const std::string home = FromEnvironment("XDG_CONFIG_HOME").empty()
                               ? FromEnvironment("HOME") + "/.config"
                               : FromEnvironment("XDG_CONFIG_HOME");
  const std::string path = home + "/holdfast/client.yaml";
  auto text = ReadFile(path, kKeyBytes);
  if (!text) {
    return text.error().code == ErrorCode::kNotFound ? Status() : tl::unexpected(text.error());
  }
  Diagnostics findings;
  const YamlFile file = YamlFile::Parse(path, std::move(*text), findings);
  for (const auto& [key, value] : file.root().members) {
    std::string* const to = key.text == "url"        ? &options.url
                            : key.text == "key_file" ? &options.key_file
                            : key.text == "merchant" ? &options.merchant
                                                     : nullptr;
    if (to == nullptr || !value.IsScalar()) {
      return Fail(ErrorCode::kUsage, path, "'" + key.text + "' is none of url, key_file, merchant");
    }
    if (to->empty()) *to = value.text;
  }
  if (CountErrors(findings) > 0) return Fail(ErrorCode::kUsage, path, RenderText(findings));
  return {};
}

}  // namespace

Error ErrorOf(const OpsAnswer& answer) {
  Error error{ErrorCode::kInternal, {}, "answered " + std::to_string(answer.status)};
  const auto document = JsonDocument::Parse(answer.body);
  if (!document) return error;
  const JsonValue& root = document->root();
  constexpr std::string_view kBegin = "urn:holdfast:problem:";
  std::string_view type = root["type"].text();
  if (type.starts_with(kBegin)) type.remove_prefix(kBegin.size());
  for (int i = 0; i <= static_cast<int>(ErrorCode::kInternal); ++i) {
    if (InfoOf(static_cast<ErrorCode>(i)).name == type) error.code = static_cast<ErrorCode>(i);
  }
  if (!root["detail"].text().empty()) error.detail = root["detail"].text();
  return error;
}

void AddServiceOptions(Command command, OpsOptions& options) {
  command.Value("--url", options.url,
                "A service: http://127.0.0.1:8080, https://..., unix:/run/holdfast.sock; "
                "default the variable HOLDFAST_URL, then ~/.config/holdfast/client.yaml");
  command
      .Value("--key-file", options.key_file,
             "The file with its key; default the variable HOLDFAST_KEY")
      .File();
}

Option AddOpsOptions(Command command, OpsOptions& options) {
  AddServiceOptions(command, options);
  command.Value("--data", options.data, "Or a data folder that no service has open").Folder();
  command
      .Value(
          "--pack", options.pack,
          "With --data, the pack that decides there; default the active one, if one was activated")
      .File();
  command.Value("--by", options.by, "With --data, who you are; default the user");
  command.Flag("--admin", options.admin, "With --data, decide as an administrator");
  command.Value("--merchant", options.merchant,
                "Whose orders; default the key's, with --data 'default'");
  return command.Flag("--json", options.json, "The answer as JSON, for programs");
}

void AddCsvOption(Command command, bool& csv, Option json) {
  command.Flag("--csv", csv, "The answer as CSV, for spreadsheets; formulas are made harmless")
      .Excludes(json);
}

Result<JsonDocument> OpsClient::Get(const std::string& target) {
  return Read(Ask("GET", target, {}, {}));
}

Result<JsonDocument> OpsClient::Send(const std::string& event, std::optional<std::uint64_t> seen) {
  return Read(Ask("POST", "/v1/events", event, seen));
}

Result<JsonDocument> OpsClient::Post(const std::string& target, const std::string& body) {
  return Read(Ask("POST", target, body, {}));
}

Result<std::unique_ptr<OpsClient>> OpenOps(const OpsOptions& given) {
  OpsOptions options = given;
  if (!options.data.empty()) {
    if (!options.url.empty()) {
      return Fail(ErrorCode::kUsage, "--data", "goes without --url: one or the other");
    }
    if (options.pack.empty() && !MayHaveActivations(options.data)) {
      return Fail(ErrorCode::kUsage, "--pack", "is missing; a data folder is opened with its pack");
    }
    return FolderClient::Open(options);
  }
  if (options.url.empty()) options.url = FromEnvironment("HOLDFAST_URL");
  std::string key = options.key_file.empty() ? FromEnvironment("HOLDFAST_KEY") : "";
  if (Status read = ReadDefaults(options); !read) return tl::unexpected(read.error());
  if (options.url.empty()) {
    return Fail(ErrorCode::kUsage, "--url",
                "is missing; give a service's address, or a folder with --data");
  }
  if (key.empty() && !options.key_file.empty()) {
    auto text = ReadFile(options.key_file, kKeyBytes);
    if (!text) return tl::unexpected(text.error());
    key = Trim(*text);
  }
  if (key.empty() || key.find_first_of("\r\n") != std::string::npos) {
    return Fail(ErrorCode::kUsage, "--key-file",
                "is missing; give the file with the key, or set HOLDFAST_KEY");
  }
  return std::make_unique<ServiceClient>(options, std::move(key));
}

std::string NewEventId() {
  constexpr std::size_t kIdBytes = 12;
  return "ops-" + EncodeHex(RandomBytes(kIdBytes));
}

std::string NewEvent(const OpsOptions& options, const std::string& type, const std::string& order,
                     std::string_view payload_key, std::string_view payload) {
  return JsonObject()
      .Text("id", NewEventId())
      .Text("type", type)
      .Text("occurred_at", FormatRfc3339(WallTime()))
      .GivenText("merchant", options.merchant)
      .GivenText("order_id", order)
      .Raw(payload_key, payload)
      .Done();
}

}  // namespace holdfast::cli
