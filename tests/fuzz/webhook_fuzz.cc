#include "tests/fuzz/webhook_fuzz.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "engine/codec/json.h"
#include "engine/codec/json_value.h"
#include "engine/webhooks/webhook.h"

namespace holdfast::fuzz {
namespace {

void Must(bool holds, const char* what, const std::string& text) {
  if (holds) return;
  std::fprintf(stderr, "%s: %s\n", what, text.c_str());
  std::abort();
}

void CheckEvents(const Result<Mapped>& mapped) {
  if (!mapped) return;
  JsonEventParser parser;
  for (const MappedEvent& event : mapped->events) {
    for (const std::string& json : {event.json, event.otherwise}) {
      if (json.empty()) continue;
      Must(JsonDocument::Parse(json).has_value(), "is no JSON", json);
      Event read;
      if (!parser.Parse(json, read)) continue;
      Must(read.merchant == "acme", "is of another merchant", json);
      // What is written of it is read as the same.
      std::string again;
      WriteEvent(read, again);
      Event twice;
      Must(parser.Parse(again, twice).has_value(), "is not read again", again);
      Must(twice.id == read.id && twice.order_id == read.order_id, "is read as another", again);
    }
  }
}

}  // namespace

void FuzzWebhook(std::string_view bytes) {
  const std::size_t split = std::min(bytes.find('\n'), bytes.size());
  const std::string_view value = bytes.substr(0, split);
  const std::string_view body = bytes.substr(std::min(split + 1, bytes.size()));
  WebhookSettings settings;
  settings.merchant = "acme";
  settings.webhook_id = "ID";
  settings.secrets.push_back({"s", "a secret that nobody guesses", {}, {}});
  settings.basic_auth = "user:password";
  Trust trust;
  trust.fetch = [](const std::string&) -> Result<std::string> {
    return Fail(ErrorCode::kUnavailable, {}, "there is no network");
  };
  for (const std::string_view name : WebhookProviderNames()) {
    const WebhookProvider& provider = *FindWebhookProvider(name);
    std::vector<std::pair<std::string_view, std::string_view>> headers;
    for (const char* header :
         {"Stripe-Signature", "X-Shopify-Hmac-Sha256", "X-Shopify-Topic", "X-WC-Webhook-Signature",
          "X-WC-Webhook-Topic", "Authorization", "PAYPAL-TRANSMISSION-ID",
          "PAYPAL-TRANSMISSION-TIME", "PAYPAL-TRANSMISSION-SIG", "PAYPAL-CERT-URL",
          "PAYPAL-AUTH-ALGO", "Content-Type"}) {
      headers.emplace_back(header, value);
    }
    const Delivery delivery{headers, body, {1'790'000'000 * kNanosPerSecond}};
    const auto proved = provider.Verify(delivery, settings, trust);
    Must(!proved || *proved == "ping", "was proved", std::string(bytes));
    CheckEvents(provider.Map(delivery, settings));
    if (name == "paypal") CheckEvents(MapIpn(delivery, settings));
  }
}

}  // namespace holdfast::fuzz
