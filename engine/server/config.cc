#include "engine/server/config.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "engine/base/file.h"
#include "engine/base/hex.h"
#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/funds/terms.h"
#include "engine/net/standard_webhooks.h"
#include "engine/yaml/yaml_reader.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kConfigBytes = 1 << 20;
constexpr std::size_t kSecretBytes = 64 << 10;

class ConfigReader : public YamlReader {
 public:
  ConfigReader(const YamlFile& file, std::string folder, Diagnostics& diagnostics)
      : YamlReader(file, diagnostics), folder_(std::move(folder)) {}

  std::string ResolvePath(const std::string& path) const {
    if (path.empty() || fs::path(path).is_absolute()) return path;
    return (fs::path(folder_) / path).lexically_normal().string();
  }

 private:
  const std::string folder_;
};

// A map of keys. Each known key is read by name; Done reports all others.
class Section {
 public:
  Section(ConfigReader& reader, const YamlNode* node, std::string name)
      : reader_(reader), node_(node), name_(std::move(name)) {
    if (node_ == nullptr || node_->IsNull()) {
      node_ = nullptr;
    } else if (!node_->IsMap()) {
      reader_.Report("type-mismatch", *node_, name_ + " must be a map of keys");
      node_ = nullptr;
    }
  }

  const YamlNode* Find(const char* key) {
    known_.push_back(key);
    if (node_ == nullptr) return nullptr;
    const YamlNode* found = node_->Find(key);
    return found == nullptr || found->IsNull() ? nullptr : found;
  }

  bool Text(const char* key, std::string& out, bool required = false) {
    const YamlNode* found = Find(key);
    if (found == nullptr) {
      if (required && node_ != nullptr) {
        reader_.Report("missing-key", *node_, name_ + " needs '" + key + "'");
      }
      return false;
    }
    const auto text = reader_.Text(found, key);
    if (text) out = *text;
    return text.has_value();
  }

  void Path(const char* key, std::string& out, bool required = false) {
    if (Text(key, out, required)) out = reader_.ResolvePath(out);
  }

  void Flag(const char* key, bool& out) { out = reader_.Flag(Find(key), key).value_or(out); }

  template <typename Number>
  void Whole(const char* key, Number& out, std::int64_t least, std::int64_t most) {
    if (const auto value = reader_.Whole(Find(key), key, least, most)) {
      out = static_cast<Number>(*value);
    }
  }

  // A duration such as 90s, 15m, 24h or 7d. `zero`: 0 is allowed.
  void Seconds(const char* key, std::int64_t& out, bool zero = false) {
    const YamlNode* found = Find(key);
    if (found == nullptr) return;
    const auto span = ParseSpan(found->text);
    if (zero && (found->text == "0" || found->text == "never")) {
      out = 0;
    } else if (!span) {
      reader_.Report("type-mismatch", *found,
                     std::string(key) + " must be a span of time: 90s, 15m, 24h, 7d" +
                         (zero ? ", or never" : ""));
    } else {
      out = *span / kNanosPerSecond;
    }
  }

  std::optional<EventTime> Time(const char* key) {
    const YamlNode* found = Find(key);
    if (found == nullptr) return std::nullopt;
    const auto time = ParseEventTime(found->text);
    if (!time) {
      reader_.Report("type-mismatch", *found,
                     std::string(key) + " must be a time, such as 2026-11-20T08:15:30Z");
    }
    return time;
  }

  void Texts(const char* key, std::vector<std::string>& out) {
    const YamlNode* found = Find(key);
    if (found == nullptr) return;
    out.clear();
    for (const YamlNode& one : List(found, key)) {
      if (one.IsScalar()) out.push_back(one.text);
    }
  }

  void Word(const char* key, std::string& out, const std::vector<std::string_view>& words) {
    if (const auto at = reader_.Word(Find(key), key, words)) out = words[*at];
  }

  const std::vector<YamlNode>& List(const YamlNode* node, const char* key) {
    static const std::vector<YamlNode> kNone;
    if (node == nullptr) return kNone;
    if (node->IsList()) return node->list;
    reader_.Report("type-mismatch", *node, std::string(key) + " must be a list");
    return kNone;
  }

  // A secret from the named file or environment variable. The configuration itself contains no
  // secrets.
  std::optional<std::string> Secret(const char* file_key, const char* variable_key, bool required) {
    const YamlNode* file = Find(file_key);
    const YamlNode* variable = Find(variable_key);
    if (file != nullptr) {
      auto text = ReadFile(reader_.ResolvePath(file->text), kSecretBytes);
      if (text && !Trim(*text).empty()) return std::string(Trim(*text));
      reader_.Report("unreadable-file", *file,
                     text ? "the file '" + file->text + "' is empty" : text.error().Text());
      return std::nullopt;
    }
    if (variable != nullptr) {
      const char* value = std::getenv(variable->text.c_str());
      if (value != nullptr && *value != '\0') return std::string(value);
      reader_.Report("unset-variable", *variable,
                     "the environment has no variable '" + variable->text + "'");
      return std::nullopt;
    }
    if (required && node_ != nullptr) {
      reader_.Report("missing-key", *node_,
                     name_ + " needs '" + file_key + "' or '" + variable_key + "'");
    }
    return std::nullopt;
  }

  // Reports the keys that were not read.
  void Done() {
    if (node_ != nullptr) reader_.CheckKeys(*node_, name_, known_);
  }

  void Fault(const char* key, std::string message) {
    const YamlNode* at = node_ == nullptr ? nullptr : node_->Find(key);
    if (at == nullptr) at = node_;
    if (at != nullptr) reader_.Report("invalid-value", *at, std::move(message));
  }

  bool there() const { return node_ != nullptr; }

 private:
  ConfigReader& reader_;
  const YamlNode* node_;
  const std::string name_;
  std::vector<std::string_view> known_;
};

void ReadListen(ConfigReader& reader, const YamlNode* node, ListenConfig& out) {
  Section section(reader, node, "listen");
  section.Text("address", out.address);
  section.Whole("port", out.port, 0, 65535);
  section.Path("unix", out.unix_path);
  Section tls(reader, section.Find("tls"), "tls");
  tls.Path("certificate", out.tls_certificate, true);
  tls.Path("key", out.tls_key, true);
  for (const auto& [key, path] :
       {std::pair{"certificate", out.tls_certificate}, std::pair{"key", out.tls_key}}) {
    std::error_code fault;
    if (!path.empty() && !fs::exists(path, fault)) {
      tls.Fault(key, "there is no file '" + path + "'");
    }
  }
  tls.Done();
  if (section.there() && out.address.empty() && out.unix_path.empty()) {
    section.Fault("address", "nothing is listened to: give an address or a Unix socket");
  }
  section.Done();
}

void ReadLimits(ConfigReader& reader, const YamlNode* node, LimitConfig& out) {
  Section section(reader, node, "limits");
  section.Whole("connections", out.connections, 1, 1'000'000);
  section.Whole("connections_per_address", out.connections_per_address, 1, 1'000'000);
  section.Whole("body_bytes", out.body_bytes, 1024, 256 << 20);
  section.Whole("header_bytes", out.header_bytes, 1024, 1 << 20);
  section.Seconds("request", out.request_seconds);
  section.Seconds("idle", out.idle_seconds);
  section.Whole("in_flight", out.in_flight, 16, 1'000'000);
  section.Whole("in_flight_bytes", out.in_flight_bytes, 1 << 20, 1LL << 34);
  if (out.in_flight_bytes < out.body_bytes) {
    section.Fault("in_flight_bytes", "is less than body_bytes: no such body could be taken");
  }
  section.Whole("key_per_second", out.key_per_second, 1, 1'000'000'000);
  section.Whole("key_burst", out.key_burst, 1, 1'000'000'000);
  section.Done();
}

void ReadSecrets(ConfigReader& reader, Section& webhook, WebhookConfig& out) {
  for (const YamlNode& one : webhook.List(webhook.Find("secrets"), "secrets")) {
    Section section(reader, &one, "a secret");
    WebhookSecret secret;
    section.Text("name", secret.name, true);
    secret.not_before = section.Time("not_before");
    secret.not_after = section.Time("not_after");
    if (auto value = section.Secret("file", "variable", true)) secret.value = std::move(*value);
    section.Done();
    out.settings.secrets.push_back(std::move(secret));
  }
}

void ReadWebhook(ConfigReader& reader, const YamlNode& node, ServeConfig& config) {
  Section section(reader, &node, "a webhook");
  WebhookConfig out;
  WebhookSettings& settings = out.settings;
  const auto names = WebhookProviderNames();
  section.Word("provider", out.provider, {names.begin(), names.end()});
  section.Text("merchant", settings.merchant, true);
  ReadSecrets(reader, section, out);
  section.Seconds("tolerance", settings.tolerance_seconds);
  section.Flag("captures_at_once", settings.captures_at_once);
  section.Text("webhook_id", settings.webhook_id);
  section.Flag("sandbox", settings.sandbox);
  section.Flag("simulator", settings.simulator);
  section.Texts("order_id_from", settings.order_id_from);
  section.Path("certificates", out.pinned);
  section.Path("roots", out.roots);
  section.Flag("echo_ipn", settings.echo_ipn);
  section.Texts("receivers", settings.receivers);
  section.Texts("accounts", settings.accounts);
  if (auto shown = section.Secret("basic_auth_file", "basic_auth_variable", false)) {
    settings.basic_auth = std::move(*shown);
  }
  section.Done();
  if (out.provider.empty()) section.Fault("provider", "a webhook needs 'provider'");
  const bool paypal = out.provider == "paypal";
  std::error_code fault;
  if (!out.pinned.empty() && !fs::is_directory(out.pinned, fault)) {
    section.Fault("certificates", "there is no folder '" + out.pinned + "'");
  }
  if (!out.roots.empty() && !fs::exists(out.roots, fault)) {
    section.Fault("roots", "there is no file '" + out.roots + "'");
  }
  if (paypal && settings.webhook_id.empty()) {
    section.Fault("provider", "PayPal's webhook needs 'webhook_id', as PayPal's console shows it");
  }
  if (settings.webhook_id == "WEBHOOK_ID" && !settings.simulator) {
    section.Fault("webhook_id",
                  "WEBHOOK_ID is the id of PayPal's simulator, with which anyone can have any body "
                  "signed; give your own, or 'simulator: true' for trials without real orders");
  }
  if (settings.echo_ipn && settings.receivers.empty()) {
    section.Fault("echo_ipn",
                  "echo_ipn needs 'receivers', your own PayPal accounts: PayPal confirms payments "
                  "between any accounts, also those that a buyer made to an own second account");
  }
  for (const std::string& field : settings.order_id_from) {
    if (field != "custom_id" && field != "invoice_id") {
      section.Fault("order_id_from", "order_id_from may hold custom_id and invoice_id");
    }
  }
  if (out.provider == "adyen" && settings.accounts.empty()) {
    section.Fault("provider",
                  "Adyen's webhook needs 'accounts', the merchant accounts whose payments count");
  }
  for (const WebhookSecret& secret : settings.secrets) {
    if (out.provider == "adyen" && !DecodeHex(secret.value)) {
      section.Fault("secrets", "Adyen's secret '" + secret.name + "' is not hexadecimal");
    }
  }
  if (!paypal && !out.provider.empty() && settings.secrets.empty()) {
    section.Fault("provider", "the webhook needs 'secrets'");
  }
  for (const WebhookConfig& other : config.webhooks) {
    if (other.provider == out.provider && other.settings.merchant == settings.merchant) {
      section.Fault("merchant", "this merchant has a webhook of this provider already");
    }
  }
  config.webhooks.push_back(std::move(out));
}

// Sets for each shop's webhook the providers that report their payments themselves.
void SetConnected(ServeConfig& config) {
  for (WebhookConfig& shop : config.webhooks) {
    if (!IsShopSystem(shop.provider)) continue;
    for (const WebhookConfig& other : config.webhooks) {
      const bool same = other.settings.merchant == shop.settings.merchant;
      if (same && !IsShopSystem(other.provider)) {
        shop.settings.connected.push_back(other.provider);
      }
    }
  }
}

void ReadEndpoint(ConfigReader& reader, const YamlNode& node, ServeConfig& config) {
  Section section(reader, &node, "an endpoint");
  EndpointConfig out;
  section.Text("name", out.name, true);
  section.Text("merchant", out.merchant);
  section.Flag("cloud_events", out.cloud_events);
  section.Path("file", out.file);
  section.Whole("rotate_bytes", out.rotate_bytes, 1 << 10, 1LL << 40);
  section.Whole("keep_files", out.keep_files, 1, 100'000);
  section.Text("url", out.url);
  for (const YamlNode& one : section.List(section.Find("secrets"), "secrets")) {
    Section secret(reader, &one, "a secret");
    if (auto value = secret.Secret("file", "variable", true)) {
      out.secrets.push_back(std::move(*value));
    }
    secret.Done();
  }
  section.Seconds("timeout", out.timeout_seconds);
  section.Flag("allow_private", out.allow_private);
  section.Whole("parallel", out.parallel, 1, 64);
  section.Done();
  if (!out.secrets.empty()) {
    if (const auto tried = SignStandardWebhook(out.secrets, "x", 0, ""); !tried) {
      section.Fault("secrets", tried.error().detail + "; `holdfast keys secret` makes one");
    }
  }
  const bool plain = !out.name.empty() && std::all_of(out.name.begin(), out.name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  if (!plain) section.Fault("name", "name must be of lower-case letters, digits, '-' and '_'");
  if (out.file.empty() == out.url.empty()) {
    section.Fault("name", "an endpoint needs either 'file' or 'url'");
  }
  if (!out.url.empty() && !out.url.starts_with("https://") && !out.url.starts_with("http://")) {
    section.Fault("url", "url must begin with https:// or http://");
  }
  if (!out.url.empty() && out.secrets.empty()) {
    section.Fault("url",
                  "the endpoint needs 'secrets' to sign with; `holdfast keys secret` makes one");
  }
  for (const EndpointConfig& other : config.outbox) {
    if (other.name == out.name) section.Fault("name", "there is an endpoint of this name already");
  }
  config.outbox.push_back(std::move(out));
}

// Reports what is wrong with a template of an address, if anything.
void CheckTemplate(ConfigReader& reader, const YamlNode& node, bool of_payment) {
  const std::string_view text = node.text;
  std::string fault;
  if (!node.IsScalar() || (!text.starts_with("https://") && !text.starts_with("http://"))) {
    fault = "must begin with https:// or http://";
  } else if (std::any_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
             })) {
    fault = "must not contain blanks or control characters";
  }
  for (std::size_t at = text.find_first_of("{}"); fault.empty() && at != text.npos;) {
    const std::size_t end = text.find('}', at);
    const std::string_view name =
        end == text.npos ? std::string_view() : text.substr(at + 1, end - at - 1);
    const bool known =
        name == "order_id" || name == "merchant" || (of_payment && name == "transaction_id");
    if (text[at] != '{' || !known) {
      fault = std::string("may contain {order_id}, {merchant}") +
              (of_payment ? " and {transaction_id}" : "") + ", and no other braces";
      break;
    }
    at = text.find_first_of("{}", end + 1);
  }
  if (!fault.empty()) reader.Report("invalid-value", node, "the link '" + node.text + "' " + fault);
}

void ReadLinks(ConfigReader& reader, const YamlNode* node, LinkConfig& out) {
  Section section(reader, node, "links");
  section.Text("order", out.order);
  if (const YamlNode* order = section.Find("order")) CheckTemplate(reader, *order, false);
  const YamlNode* payment = section.Find("payment");
  section.Done();
  if (payment == nullptr) return;
  if (!payment->IsMap()) {
    reader.Report("type-mismatch", *payment, "payment must be a map of providers to addresses");
    return;
  }
  for (const auto& [key, value] : payment->members) {
    CheckTemplate(reader, value, true);
    out.payment[key.text] = value.text;
  }
}

}  // namespace

std::shared_ptr<const ServeConfig> LoadConfig(const std::string& path, Diagnostics& diagnostics) {
  auto text = ReadFile(path, kConfigBytes);
  if (!text) {
    diagnostics.push_back(
        {Severity::kError, "unreadable-file", path, 0, 0, 0, {}, text.error().detail, {}});
    return nullptr;
  }
  const YamlFile file = YamlFile::Parse(path, std::move(*text), diagnostics);
  if (CountErrors(diagnostics) > 0) return nullptr;
  auto config = std::make_shared<ServeConfig>();
  std::error_code ignored;
  const std::string folder = fs::absolute(path, ignored).parent_path().string();
  ConfigReader reader(file, folder, diagnostics);
  if (!file.root().IsMap()) {
    reader.Report("syntax", file.root(), "the configuration is a map of keys");
    return nullptr;
  }
  Section top(reader, &file.root(), "the configuration");
  top.Path("data", config->data, true);
  top.Path("pack", config->pack, true);
  top.Path("packs", config->packs);
  top.Path("keys", config->keys, true);
  top.Path("permits", config->permits);
  top.Path("audit_log", config->audit_log);
  ReadListen(reader, top.Find("listen"), config->listen);
  ReadLimits(reader, top.Find("limits"), config->limits);
  Section threads(reader, top.Find("threads"), "threads");
  threads.Whole("io", config->io_threads, 1, 64);
  threads.Whole("parsers", config->parsers, 1, 64);
  threads.Whole("shards", config->shards, 1, 64);
  threads.Done();
  Section state(reader, top.Find("state"), "state");
  state.Whole("cache_mb", config->cache_mb, 1, 1 << 20);
  state.Whole("max_replay", config->max_replay, 1'000, 1'000'000'000);
  state.Done();
  Section geo(reader, top.Find("geo"), "geo");
  if (geo.Text("country", config->geo.country) && config->geo.country != "shipped" &&
      config->geo.country != "none") {
    config->geo.country = reader.ResolvePath(config->geo.country);
  }
  geo.Path("asn", config->geo.asn);
  geo.Path("hosting_asns", config->geo.hosting);
  geo.Path("tor_exits", config->geo.tor);
  geo.Path("vpn_networks", config->geo.vpn);
  geo.Path("postal_centroids", config->geo.postal);
  geo.Flag("trust_sent", config->geo.trust_sent);
  geo.Done();
  for (const YamlNode& one : top.List(top.Find("webhooks"), "webhooks")) {
    ReadWebhook(reader, one, *config);
  }
  SetConnected(*config);
  for (const YamlNode& one : top.List(top.Find("outbox"), "outbox")) {
    ReadEndpoint(reader, one, *config);
  }
  ReadLinks(reader, top.Find("links"), config->links);
  Section alerts(reader, top.Find("alerts"), "alerts");
  alerts.Seconds("paid_not_decided", config->alerts.paid_not_decided_seconds);
  alerts.Seconds("silent_feed", config->alerts.silent_feed_seconds, true);
  alerts.Seconds("outbox_lag", config->alerts.outbox_lag_seconds);
  alerts.Done();
  top.Seconds("drain", config->drain_seconds);
  top.Flag("open_metrics", config->open_metrics);
  top.Word("log_level", config->log_level, {"debug", "info", "warn", "error"});
  top.Done();
  return CountErrors(diagnostics) > 0 ? nullptr : config;
}

ServeConfig MergeReloaded(const ServeConfig& current, const ServeConfig& next) {
  ServeConfig merged = next;
  merged.data = current.data;
  merged.shards = current.shards;
  merged.parsers = current.parsers;
  merged.io_threads = current.io_threads;
  merged.cache_mb = current.cache_mb;
  merged.max_replay = current.max_replay;
  merged.outbox = current.outbox;
  merged.limits = current.limits;
  merged.limits.key_per_second = next.limits.key_per_second;
  merged.limits.key_burst = next.limits.key_burst;
  return merged;
}

}  // namespace holdfast
