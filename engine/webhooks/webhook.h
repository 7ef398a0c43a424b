// Webhook: verifies the messages of payment providers and shops, and converts them to events.
//
//   bytes as received -> Verify: who sent them, when, and were they seen before
//                     -> Map:    events in the common vocabulary, as JSON for the pipeline
//
// Facts and sources: docs/webhooks.md. Nothing here writes or reads a clock: the time of receipt
// comes with the delivery.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"

namespace holdfast {

// One request, as it came. Views of the caller's.
struct Delivery {
  std::span<const std::pair<std::string_view, std::string_view>> headers;
  std::string_view body;
  EventTime received;

  // The header called `name`, of any case; empty when it is absent. One that stands twice is
  // `twice`: nobody can say which of the two was meant.
  std::string_view Header(std::string_view name, bool* twice = nullptr) const;
};

// A shared secret, and when it is valid. Several may be valid while one replaces another.
struct WebhookSecret {
  std::string name;   // for logs
  std::string value;  // as the provider shows it
  std::optional<EventTime> not_before, not_after;
};

// The settings of one provider for one merchant.
struct WebhookSettings {
  std::string merchant;
  std::vector<WebhookSecret> secrets;
  std::int64_t tolerance_seconds = 300;  // that a signed time may be off; Stripe's default

  // The merchant's payment providers that send webhooks of their own.
  std::vector<std::string> connected;

  // Adyen: payments are captured when they are made, so an authorisation is a payment. False: it is
  // only promised money.
  bool captures_at_once = false;

  // PayPal.
  std::string webhook_id;
  // Trials: events of the provider's test system count. Of PayPal those of its sandbox alone, of
  // Stripe and Adyen also. False: they are not believed to be money.
  bool sandbox = false;
  bool simulator = false;  // accepts the id WEBHOOK_ID, with which anyone can have bodies signed
  std::vector<std::string> order_id_from = {"custom_id", "invoice_id"};  // the first one given
  bool echo_ipn = false;
  std::vector<std::string> receivers;  // of IPNs: e-mail addresses or ids of the seller's account

  std::vector<std::string> accounts;  // Adyen's merchant accounts that count; empty: any
  // Adyen signs eight fields; the rest counts only where the sender has shown a password too.
  std::string basic_auth;  // "user:password", or empty
};

// The certificates that an address holds, as PEM; the leaf first. Errors: kUnavailable when they
// cannot be had now.
using FetchCertificates = std::function<Result<std::string>(const std::string& url)>;

// What a verification needs beside the delivery.
struct Trust {
  FetchCertificates fetch;
  std::string roots;  // PEM of the roots that PayPal's chain may end in
};

struct MappedEvent {
  std::string json;
  // Submitted instead when `json` is refused because the order exists already, or does not exist:
  // shops send the whole order each time, and in any order. Or empty.
  std::string otherwise;
};

struct Mapped {
  // An event to submit first, when the provider's signature does not cover the whole body. A second
  // body for the same transmission then conflicts with it, and none of that body's events may be
  // submitted.
  std::string receipt;
  // The event to submit after such a conflict: the events of the first body are in doubt too,
  // because it is not known which body the provider sent.
  std::string doubt;
  std::string kind;                 // the provider's name of what happened: PAYMENT.CAPTURE.PENDING
  std::vector<MappedEvent> events;  // none: nothing that Holdfast knows
  std::string nothing;              // why there are none
};

class WebhookProvider {
 public:
  virtual ~WebhookProvider() = default;

  virtual std::string_view name() const = 0;

  // The name of the secret or certificate that proved the delivery; "ping" for one that needs no
  // proof because it says nothing.
  // Errors: kBadSignature (which covers a time outside the window); kMalformedInput;
  // kUnavailable when it cannot be known now.
  virtual Result<std::string> Verify(const Delivery& delivery, const WebhookSettings& settings,
                                     const Trust& trust) const = 0;

  // Errors: kMalformedInput for a body that is not what the provider sends.
  virtual Result<Mapped> Map(const Delivery& delivery, const WebhookSettings& settings) const = 0;
};

// The provider called `name` ("paypal"), or null.
const WebhookProvider* FindWebhookProvider(std::string_view name);
std::span<const std::string_view> WebhookProviderNames();

// PayPal's older messages (IPN) carry no proof; they can only be asked back for. True when the
// delivery is one.
bool IsIpn(const Delivery& delivery);
// An IPN that was asked back for and confirmed. Errors: kMalformedInput; kBadSignature when it is
// for another receiver.
Result<Mapped> MapIpn(const Delivery& delivery, const WebhookSettings& settings);

}  // namespace holdfast
