// Webhooks: signatures against the vectors, and every sample against what it must mean.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "engine/base/file.h"
#include "engine/base/hash.h"
#include "engine/codec/json.h"
#include "engine/codec/json_value.h"
#include "engine/model/names.h"
#include "engine/net/standard_webhooks.h"
#include "engine/pipeline/engine.h"
#include "engine/webhooks/webhook.h"
#include "tests/shared.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

constexpr EventTime kReceived{1'790'000'000 * kNanosPerSecond};

std::string Read(const std::string& path) {
  auto text = ReadFile(path, 64 << 20);
  REQUIRE_MESSAGE(text, path);
  return *text;
}

// ---- vectors ------------------------------------------------------------------------------------

// Which transmissions came before, with which bodies: what the engine keeps of them.
using Transmissions = std::map<std::string, std::string>;

bool IsNew(Transmissions& seen, const std::string& id, std::string_view body) {
  const auto [at, fresh] = seen.emplace(id, Sha256Hex(body));
  return fresh || at->second == Sha256Hex(body);
}

class Vectors {
 public:
  explicit Vectors(std::string root) : root_(std::move(root)) {}

  bool Accepts(const JsonValue& vector) {
    const std::string provider(vector["provider"].text());
    std::vector<std::pair<std::string_view, std::string_view>> headers;
    for (const auto& [name, value] : vector["headers"].members()) {
      headers.push_back({name, value.text()});
    }
    const std::string_view body = vector["body"].text();
    const std::string_view now = vector["now"].text();
    const Delivery delivery{
        headers, body,
        now.empty() ? kReceived : EventTime{std::stoll(std::string(now)) * kNanosPerSecond}};
    if (provider == "standardwebhooks") return AcceptsStandard(vector, delivery);
    const WebhookProvider* known = FindWebhookProvider(provider);
    REQUIRE_MESSAGE(known != nullptr, provider);
    WebhookSettings settings;
    settings.merchant = "acme";
    settings.secrets.push_back({"only", std::string(vector["secret"].text()), {}, {}});
    if (!vector["tolerance"].text().empty()) {
      settings.tolerance_seconds = std::stoll(std::string(vector["tolerance"].text()));
    }
    settings.webhook_id = vector["webhook_id"].text();
    settings.simulator = settings.webhook_id == "WEBHOOK_ID";
    const std::string_view url = vector["headers"]["PAYPAL-CERT-URL"].text();
    settings.sandbox = url.find("sandbox") != url.npos;
    Trust trust;
    bool fetched = false;
    trust.fetch = [&](const std::string&) -> Result<std::string> {
      fetched = true;
      std::string pem;
      for (const char* part : {"leaf_cert", "intermediate_cert"}) {
        if (!vector[part].text().empty())
          pem += Read(root_ + "/" + std::string(vector[part].text()));
      }
      return pem;
    };
    if (!vector["root_cert"].text().empty()) {
      trust.roots = Read(root_ + "/" + std::string(vector["root_cert"].text()));
    }
    const std::string_view why = vector["why"].text();
    const auto verified = known->Verify(delivery, settings, trust);
    if (why.find("before any fetch") != why.npos) CHECK(!fetched);
    if (!verified) return false;
    if (provider != "paypal") return true;
    // What PayPal sent came before what was forged from it.
    const std::string transmission(delivery.Header("PAYPAL-TRANSMISSION-ID"));
    for (const std::string& sample : Samples()) {
      const Delivery sent{headers, sample, delivery.received};
      if (known->Verify(sent, settings, trust)) IsNew(seen_, transmission, sample);
    }
    return IsNew(seen_, transmission, body);
  }

 private:
  static bool AcceptsStandard(const JsonValue& vector, const Delivery& delivery) {
    const std::string_view tolerance = vector["tolerance"].text();
    const std::string_view key = vector["public_key"].text();
    return VerifyStandardWebhook(
               std::string(key.empty() ? vector["secret"].text() : key),
               {delivery.Header("webhook-id"), delivery.Header("webhook-timestamp"),
                delivery.Header("webhook-signature")},
               delivery.body, delivery.received,
               tolerance.empty() ? 300 : std::stoll(std::string(tolerance)))
        .has_value();
  }

  const std::vector<std::string>& Samples() {
    if (samples_.empty() && fs::exists(root_ + "/samples/paypal")) {
      for (const auto& entry : fs::directory_iterator(root_ + "/samples/paypal")) {
        samples_.push_back(Read(entry.path().string()));
      }
    }
    return samples_;
  }

  std::string root_;
  std::vector<std::string> samples_;
  Transmissions seen_;
};

TEST_CASE("webhook: every signature vector verifies as stated") {
  const auto root = testing::Shared("webhooks/vectors.json");
  if (!root) return;
  const auto document = JsonDocument::Parse(Read(*root));
  REQUIRE(document);
  Vectors vectors(fs::path(*root).parent_path().string());
  std::map<std::string, std::pair<int, int>> passed;
  // What is genuine came before what was forged after it.
  for (const bool genuine : {true, false}) {
    for (const JsonValue& vector : document->root()["vectors"].list()) {
      if (vector["valid"].kind() == JsonValue::Kind::kNull || vector["valid"].truth() != genuine) {
        continue;
      }
      const bool right = vectors.Accepts(vector) == genuine;
      auto& [good, all] = passed[std::string(vector["provider"].text())];
      good += right ? 1 : 0;
      ++all;
      CHECK_MESSAGE(right, vector["id"].text() << ": " << vector["why"].text());
    }
  }
  for (const auto& [provider, count] : passed) {
    testing::Say("webhook vectors " + provider + " " + std::to_string(count.first) + "/" +
                 std::to_string(count.second));
  }
}

// ---- samples ------------------------------------------------------------------------------------

std::string Summary(const std::string& json) {
  JsonEventParser parser;
  Event event;
  const Status parsed = parser.Parse(json, event);
  if (!parsed) return "refused: " + parsed.error().Text();
  std::ostringstream out;
  out << NameOf(event.type) << " '" << event.id << "' " << FormatRfc3339(event.occurred_at);
  if (!event.order_id.empty()) out << " order=" << event.order_id;
  const auto payment = [&](const Payment& p) {
    out << " " << p.provider << ":" << NameOf(p.status);
    if (!p.pending_reason.empty()) out << "(" << p.pending_reason << ")";
    if (p.amount) out << " " << FormatMinor(*p.amount, *p.currency) << " " << p.currency->code();
    if (!p.transaction_id.empty()) out << " transaction=" << p.transaction_id;
    if (p.seller_protection != SellerProtection::kUnset) {
      out << " protection=" << NameOf(p.seller_protection);
    }
    if (p.payer.account_status != AccountStatus::kUnset) {
      out << " account=" << NameOf(p.payer.account_status);
    }
    if (p.payer.address_status != AddressStatus::kUnset) {
      out << " address=" << NameOf(p.payer.address_status);
    }
    if (!p.payer.country.empty()) out << " payer_country=" << p.payer.country;
    if (!p.card.country.empty()) out << " card=" << p.card.country;
    if (p.card.cvc != CheckResult::kUnset) out << " cvc=" << NameOf(p.card.cvc);
    if (p.provider_risk.level != RiskLevel::kUnset)
      out << " risk=" << NameOf(p.provider_risk.level);
  };
  if (event.payment != nullptr) payment(*event.payment);
  if (event.order != nullptr) {
    const Order& order = *event.order;
    if (order.total)
      out << " total=" << FormatMinor(*order.total, *order.currency) << order.currency->code();
    out << " lines=" << order.items.size() << " ship_to=" << order.shipping.address.country;
    if (!order.ip.empty()) out << " ip=" << order.ip;
    if (order.payment != nullptr) payment(*order.payment);
  }
  if (event.refund != nullptr) {
    out << " refund=" << event.refund->id;
    if (event.refund->amount) {
      out << " " << FormatMinor(*event.refund->amount, *event.refund->currency) << " "
          << event.refund->currency->code();
    }
  }
  if (event.dispute != nullptr) {
    out << " dispute=" << event.dispute->id << " " << NameOf(event.dispute->kind);
    if (event.dispute->outcome != DisputeOutcome::kUnset) {
      out << " " << NameOf(event.dispute->outcome);
    }
    if (!event.dispute->reason.empty()) out << " '" << event.dispute->reason << "'";
  }
  for (const std::string_view reference : event.references) out << " ref=" << reference;
  return out.str();
}

// The topics of Shopify's samples, which stand in a header and not in the body.
std::map<std::string, std::string> Topics(const std::string& index) {
  std::map<std::string, std::string> topics;
  std::istringstream lines(index);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream cells(line);
    std::string empty, file, event;
    std::getline(cells, empty, '|');
    std::getline(cells, file, '|');
    std::getline(cells, event, '|');
    const auto trim = [](std::string text) {
      text.erase(0, text.find_first_not_of(' '));
      text.erase(text.find_last_not_of(" ?") + 1);
      return text;
    };
    if (!file.empty()) topics[trim(file)] = trim(event);
  }
  return topics;
}

std::string MeaningOf(const std::string& provider, const std::string& file, std::string body,
                      const std::map<std::string, std::string>& topics) {
  WebhookSettings settings;
  settings.merchant = "acme";
  settings.sandbox = true;  // most are of test systems
  settings.receivers = {"gpmac_1231902686_biz@paypal.com", "merchant_1215804264_biz@example.com"};
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  const auto topic = topics.find(file);
  const std::string event = topic == topics.end() ? std::string() : topic->second;
  if (provider == "shopify") headers = {{"X-Shopify-Topic", event}};
  if (provider == "woocommerce") headers = {{"X-WC-Webhook-Topic", event}};
  // Forms are wrapped in JSON.
  JsonDocument wrapped;
  std::string raw;
  if (body.find("\"raw_body\"") != body.npos) {
    auto document = JsonDocument::Parse(body);
    REQUIRE(document);
    raw = document->root()["raw_body"].text();
    headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  } else {
    raw = std::move(body);
  }
  const Delivery delivery{headers, raw, kReceived};
  const auto mapped = provider == "paypal_ipn"
                          ? MapIpn(delivery, settings)
                          : FindWebhookProvider(provider)->Map(delivery, settings);
  if (!mapped) return "malformed: " + mapped.error().Text();
  std::string meaning;
  for (const MappedEvent& one : mapped->events) {
    if (!meaning.empty()) meaning += " + ";
    meaning += Summary(one.json);
  }
  return meaning.empty() ? "nothing: " + mapped->nothing : meaning;
}

TEST_CASE("webhook: every sample means what the golden file says") {
  const auto root = testing::Shared("webhooks/samples");
  if (!root) return;
  const auto topics = Topics(Read(*root + "/index.md"));
  const fs::path golden = fs::path(HOLDFAST_SOURCE) / "tests/webhooks/golden/webhooks.txt";
  std::map<std::string, std::string> expected;
  {
    std::ifstream in(golden);
    for (std::string line; std::getline(in, line);) {
      const std::size_t split = line.find(": ");
      if (split != line.npos) expected[line.substr(0, split)] = line.substr(split + 2);
    }
  }
  std::map<std::string, std::string> found;
  for (const std::string provider :
       {"paypal", "paypal_ipn", "stripe", "shopify", "woocommerce", "adyen"}) {
    if (!fs::exists(*root + "/" + provider)) continue;
    int good = 0, all = 0;
    for (const auto& entry : fs::directory_iterator(*root + "/" + provider)) {
      const std::string file = entry.path().filename().string();
      if (entry.path().extension() != ".json") continue;
      const std::string name = provider + "/" + file;
      found[name] = MeaningOf(provider, file, Read(entry.path().string()), topics);
      if (std::getenv("HOLDFAST_UPDATE") != nullptr) expected[name] = found[name];
      // A sample that is new here has no line yet; it must still be understood, or said why not.
      const auto line = expected.find(name);
      const bool right = line == expected.end() ? found[name].find("refused") == std::string::npos
                                                : line->second == found[name];
      ++all;
      good += right ? 1 : 0;
      CHECK_MESSAGE(right, name << ": " << found[name]);
    }
    testing::Say("webhook samples " + provider + " " + std::to_string(good) + "/" +
                 std::to_string(all));
  }
  if (std::getenv("HOLDFAST_UPDATE") != nullptr) {
    std::ofstream out(golden);
    for (const auto& [name, meaning] : found) out << name << ": " << meaning << "\n";
  }
  for (const auto& [name, meaning] : expected) {
    CHECK_MESSAGE(found.contains(name), name << " is not there any more");
  }
}

}  // namespace
}  // namespace holdfast
