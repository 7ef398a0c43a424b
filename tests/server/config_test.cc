// The configuration: every key explained, every mistake found.
#include <doctest/doctest.h>

#include <cstdlib>
#include <sstream>

#include "engine/base/file.h"
#include "engine/server/config.h"
#include "tests/cli/process.h"

namespace holdfast::testing {
namespace {

std::string Findings(const std::string& text) {
  const TempFolder folder;
  Diagnostics diagnostics;
  const auto config = LoadConfig(folder.Write("c.yaml", text), diagnostics);
  CHECK((config == nullptr) == (CountErrors(diagnostics) > 0));
  std::string codes;
  for (const Diagnostic& one : diagnostics) codes += one.code + ": " + one.message + "\n";
  return codes;
}

const std::string kLeast = "data: d\npack: p\nkeys: k\n";

TEST_CASE("config: links are addresses with known names in braces") {
  CHECK(Findings(kLeast + "links: { order: 'https://shop.example/{merchant}/{order_id}?tab=1', "
                          "payment: { paypal: 'https://pay.example/{transaction_id}' } }\n") == "");
  for (const char* wrong :
       {"order: 'shop.example/{order_id}'", "order: 'javascript:alert(1)'",
        "order: 'https://shop.example/{transaction_id}'", "order: 'https://shop.example/{order_id'",
        "order: 'https://shop.example/}'", "order: 'https://shop.example/ {order_id}'",
        "payment: { paypal: 'https://pay.example/{id}' }"}) {
    CHECK_MESSAGE(Findings(kLeast + "links: { " + wrong + " }\n").starts_with("invalid-value: "),
                  wrong);
  }
  CHECK(Findings(kLeast + "links: { payment: 'https://pay.example' }\n")
            .starts_with("type-mismatch: "));
  CHECK(
      Findings(kLeast + "links: { shop: 'https://shop.example' }\n").starts_with("unknown-key: "));
}

TEST_CASE("config: the file that is shipped holds every key, with its default") {
  Diagnostics diagnostics;
  const auto shipped = LoadConfig(HOLDFAST_SOURCE "/config/holdfast.yaml", diagnostics);
  REQUIRE_MESSAGE(shipped != nullptr, RenderText(diagnostics));
  const TempFolder folder;
  const auto least = LoadConfig(folder.Write("c.yaml", kLeast), diagnostics);
  REQUIRE(least != nullptr);
  CHECK(shipped->listen.address == least->listen.address);
  CHECK(shipped->listen.port == least->listen.port);
  CHECK(shipped->limits.connections == least->limits.connections);
  CHECK(shipped->limits.connections_per_address == least->limits.connections_per_address);
  CHECK(shipped->limits.body_bytes == least->limits.body_bytes);
  CHECK(shipped->limits.header_bytes == least->limits.header_bytes);
  CHECK(shipped->limits.request_seconds == least->limits.request_seconds);
  CHECK(shipped->limits.idle_seconds == least->limits.idle_seconds);
  CHECK(shipped->limits.in_flight == least->limits.in_flight);
  CHECK(shipped->limits.in_flight_bytes == least->limits.in_flight_bytes);
  CHECK(shipped->limits.key_per_second == least->limits.key_per_second);
  CHECK(shipped->limits.key_burst == least->limits.key_burst);
  CHECK(shipped->io_threads == least->io_threads);
  CHECK(shipped->parsers == least->parsers);
  CHECK(shipped->shards == least->shards);
  CHECK(shipped->cache_mb == least->cache_mb);
  CHECK(shipped->max_replay == least->max_replay);
  CHECK(shipped->geo.country == least->geo.country);
  CHECK(shipped->geo.trust_sent == least->geo.trust_sent);
  CHECK(shipped->alerts.paid_not_decided_seconds == least->alerts.paid_not_decided_seconds);
  CHECK(shipped->alerts.silent_feed_seconds == least->alerts.silent_feed_seconds);
  CHECK(shipped->alerts.outbox_lag_seconds == least->alerts.outbox_lag_seconds);
  CHECK(shipped->drain_seconds == least->drain_seconds);
  CHECK(shipped->open_metrics == least->open_metrics);
  CHECK(shipped->log_level == least->log_level);
  CHECK(shipped->links.order.empty());
  CHECK(shipped->links.payment.empty());
  CHECK(shipped->webhooks.empty());
  CHECK(shipped->outbox.empty());
}

// The examples that are commented out are configuration too.
TEST_CASE("config: the examples of the shipped file are right") {
  std::istringstream lines(Slurp(HOLDFAST_SOURCE "/config/holdfast.yaml"));
  std::string text = kLeast, section;
  for (std::string line; std::getline(lines, line);) {
    const bool list = line == "webhooks: []" || line == "outbox: []";
    if (list) section = line.substr(0, line.find(':'));
    if (list) text += section + ":\n";
    if (section.empty()) continue;
    if (line.starts_with("# - ") || line.starts_with("#   ")) text += line.substr(2) + "\n";
    if (line.empty()) section.clear();
  }
  const TempFolder folder;
  for (const char* name : {"stripe.secret", "shopify.secret", "woocommerce.secret"}) {
    folder.Write(name, "x");
  }
  folder.Write("adyen.hmac", "44782DEF547AAA06");
  folder.Write("warehouse.secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  setenv("STRIPE_OLD_SECRET", "x", 1);
  // Lines that are commented out twice are alternatives.
  for (std::size_t at; (at = text.find("\n  # ")) != text.npos;) {
    text.erase(at, text.find('\n', at + 1) - at);
  }
  Diagnostics diagnostics;
  const auto config = LoadConfig(folder.Write("c.yaml", text), diagnostics);
  REQUIRE_MESSAGE(config != nullptr, RenderText(diagnostics) << text);
  CHECK(config->webhooks.size() == 5);
  CHECK(config->outbox.size() == 2);
  CHECK(config->webhooks[1].settings.secrets.size() == 2);
}

TEST_CASE("config: mistakes are found, all of them, each with its place") {
  CHECK(Findings("data: d\n").find("needs 'pack'") != std::string::npos);
  CHECK(Findings(kLeast + "limts: {}\n").find("unknown-key") == 0);
  CHECK(Findings(kLeast + "limits: { body_bytes: 5, bodybytes: 6 }\n").find("unknown-key") !=
        std::string::npos);
  CHECK(Findings(kLeast + "limits: { request: soon }\n").find("must be a span") !=
        std::string::npos);
  CHECK(Findings(kLeast + "listen: { port: 70000 }\n").find("0 to 65535") != std::string::npos);
  CHECK(Findings(kLeast + "listen: { tls: { certificate: a } }\n").find("needs 'key'") !=
        std::string::npos);
  CHECK(Findings(kLeast + "log_level: loud\n").find("unknown-word") == 0);
  CHECK(Findings(kLeast + "webhooks: [ { provider: paypal, merchant: a } ]\n")
            .find("needs 'webhook_id'") != std::string::npos);
  CHECK(
      Findings(kLeast + "webhooks: [ { provider: paypal, merchant: a, webhook_id: WEBHOOK_ID } ]\n")
          .find("simulator") != std::string::npos);
  CHECK(
      Findings(kLeast + "webhooks: [ { provider: paypl, merchant: a } ]\n").find("unknown-word") ==
      0);
  CHECK(Findings(kLeast + "webhooks: [ { provider: stripe, merchant: a, "
                          "secrets: [ { name: x, file: none } ] } ]\n")
            .find("unreadable-file") == 0);
  CHECK(Findings(kLeast + "webhooks: [ { provider: stripe, merchant: a, "
                          "secrets: [ { name: x, value: hush } ] } ]\n")
            .find("has no key 'value'") != std::string::npos);
  CHECK(Findings(kLeast + "outbox: [ { name: A b, url: ftp://x } ]\n").find("lower-case") !=
        std::string::npos);
  CHECK(Findings(kLeast + "outbox: [ { name: a } ]\n").find("either 'file' or 'url'") !=
        std::string::npos);
  CHECK(Findings("- a\n").find("a map of keys") != std::string::npos);
  CHECK(Findings(kLeast + "keys: again\n") != "");
  CHECK(Sh("holdfast serve --check-config --config /nowhere.yaml").status == 2);
}

}  // namespace
}  // namespace holdfast::testing
