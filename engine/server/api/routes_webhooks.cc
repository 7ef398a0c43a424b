#include "engine/server/api/routes_webhooks.h"

#include <algorithm>
#include <utility>

#include "engine/base/hash.h"
#include "engine/base/utf8.h"
#include "engine/codec/json_object.h"
#include "engine/model/names.h"
#include "engine/net/http_client.h"
#include "engine/server/api/problem.h"
#include "engine/server/log.h"

namespace holdfast {
namespace {

// Unverified deliveries use disk space: the most per second, and at once.
constexpr double kUntrustedPerSecond = 10, kUntrustedBurst = 100;
// Certificates that one peer may request; PayPal has one or two.
constexpr double kFetchPerSecond = 0.2, kFetchBurst = 5;
constexpr std::size_t kFetchFreely = 20;

std::int64_t Seconds(EventTime time) { return time.nanos / kNanosPerSecond; }

// A delivery made from a request, with the strings that its views point to.
struct Received {
  explicit Received(const HttpRequest& request, EventTime now) {
    for (const auto& [name, value] : request.headers) headers.push_back({name, value});
    delivery = {headers, request.body, now};
  }
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  Delivery delivery;
};

HttpAnswer Said(const std::string& status, const std::string& why = {}) {
  HttpAnswer answer;
  answer.body = JsonObject().Text("status", status).GivenText("why", why).Done();
  return answer;
}

}  // namespace

void WebhookRoutes::PostWebhook(const ContextPtr& context) {
  const auto config = runtime_.config();
  const auto webhook =
      std::find_if(config->webhooks.begin(), config->webhooks.end(), [&](const WebhookConfig& one) {
        return one.provider == context->parts[0] && one.settings.merchant == context->parts[1];
      });
  if (webhook == config->webhooks.end()) {
    return responder_.Answer(context,
                             Problem(ErrorCode::kUnknownRoute,
                                     "no webhook of this provider and merchant is configured"));
  }
  if (webhook->provider == "paypal") {
    const Received received(context->request, runtime_.Now());
    if (IsIpn(received.delivery)) return TakeIpn(context, *webhook);
  }
  TakeDelivery(context, *webhook);
}

void WebhookRoutes::FetchCertificate(const ContextPtr& context, const WebhookConfig& webhook) {
  // A fetch may take long, so it runs in another thread. Anyone can name a certificate. This is
  // harmless while few fetches wait; after that each peer has a share.
  if (fetching_.waiting() >= kFetchFreely &&
      !peer_rates_.TryTake(context->request.network, kFetchPerSecond, kFetchBurst)) {
    return responder_.Answer(context,
                             Problem(ErrorCode::kTooMany, "too many certificates are asked for"));
  }
  const bool taken = fetching_.Do(responder_.Task(context, [this, context, webhook] {
    const std::string url(context->request.Header("PAYPAL-CERT-URL"));
    const auto pem = responder_.draining()
                         ? Fail(ErrorCode::kUnavailable, {}, "the service is stopping")
                         : certificates_.Fetch(url, Seconds(runtime_.Now()));
    if (!pem) {
      runtime_.metrics().AddDelivery(webhook.provider, "refused");
      return responder_.Answer(context, Problem(pem.error()));
    }
    runtime_.hooks().post([this, context, webhook] { TakeDelivery(context, webhook); });
  }));
  if (!taken) responder_.Answer(context, Problem(ErrorCode::kTooMany, "too much waits already"));
}

void WebhookRoutes::TakeDelivery(const ContextPtr& context, const WebhookConfig& webhook) {
  const Received received(context->request, runtime_.Now());
  const WebhookProvider& provider = *FindWebhookProvider(webhook.provider);
  Trust trust;
  const auto roots =
      webhook.provider == "paypal" ? certificates_.Roots(webhook) : Result<std::string>("");
  if (!roots)
    return responder_.Answer(context, Problem(ErrorCode::kUnavailable, roots.error().Text()));
  trust.roots = *roots;
  bool wants_fetch = false;
  const std::int64_t now = Seconds(runtime_.Now());
  trust.fetch = [&](const std::string& url) -> Result<std::string> {
    auto known = certificates_.Known(url, webhook, now);
    wants_fetch = !known;
    if (certificates_.IsDue(url, now)) {
      (void)fetching_.Do([this, url, now] {
        if (!responder_.draining()) (void)certificates_.Fetch(url, now);
      });
    }
    if (wants_fetch) return Fail(ErrorCode::kUnavailable, {}, "the certificate is not here yet");
    return std::move(*known);
  };
  auto verified = provider.Verify(received.delivery, webhook.settings, trust);
  if (!verified && wants_fetch) return FetchCertificate(context, webhook);
  if (!verified) {
    runtime_.metrics().AddDelivery(webhook.provider, "refused");
    Log(LogLevel::kWarn, "webhook of " + webhook.provider + " for " + webhook.settings.merchant +
                             " refused: " + verified.error().Text());
    return responder_.Answer(context, Problem(verified.error()));
  }
  if (Logs(LogLevel::kDebug)) {
    Log(LogLevel::kDebug, "webhook of " + webhook.provider + " for " + webhook.settings.merchant +
                              " proved by '" + *verified + "'");
  }
  runtime_.monitor().SeeDelivery(webhook.provider, webhook.settings.merchant, runtime_.Now());
  auto mapped = provider.Map(received.delivery, webhook.settings);
  if (!mapped) {
    return Quarantine(context, webhook, mapped.error().Text(), Problem(mapped.error()));
  }
  if (mapped->receipt.empty()) return TakeMapped(context, webhook, std::move(*mapped), *verified);
  std::vector<Submission> inputs(1);
  inputs[0].text = mapped->receipt;
  const bool taken =
      runtime_.Submit(context->Who(), std::move(inputs),
                      [this, context, webhook, mapped = std::move(*mapped),
                       proved = *verified](std::vector<SubmissionResult> answers) mutable {
                        const auto& error = answers[0].input.error;
                        if (!error) return TakeMapped(context, webhook, std::move(mapped), proved);
                        // A different body for the same transmission is what a forger would send.
                        if (error->code == ErrorCode::kDuplicateConflict) {
                          return TakeDoubt(context, webhook, std::move(mapped.doubt), *error);
                        }
                        responder_.Answer(context, Problem(*error));
                      });
  if (!taken)
    responder_.Answer(context,
                      Problem(ErrorCode::kTooMany, "too many events wait for their answer"));
}

// It is not known which of the two bodies came from the provider, so the report of the first is in
// doubt.
void WebhookRoutes::TakeDoubt(const ContextPtr& context, const WebhookConfig& webhook,
                              std::string doubt, const Error& conflict) {
  std::vector<Submission> inputs(1);
  inputs[0].text = std::move(doubt);
  const bool taken =
      runtime_.Submit(context->Who(), std::move(inputs),
                      [this, context, webhook, conflict](std::vector<SubmissionResult> answers) {
                        const auto& error = answers[0].input.error;
                        if (error && error->code == ErrorCode::kUnavailable)
                          return responder_.Answer(context, Problem(*error));
                        Quarantine(context, webhook, conflict.Text(), Problem(conflict));
                      });
  if (!taken)
    responder_.Answer(context,
                      Problem(ErrorCode::kTooMany, "too many events wait for their answer"));
}

void WebhookRoutes::TakeMapped(const ContextPtr& context, const WebhookConfig& webhook,
                               Mapped mapped, const std::string& proved) {
  if (!mapped.events.empty()) return SubmitDelivery(context, webhook, std::move(mapped.events));
  // The text is from a header, which may contain any bytes.
  if (!IsValidUtf8(mapped.nothing)) mapped.nothing = "its kind is no text in UTF-8";
  runtime_.metrics().AddDelivery(webhook.provider, "ignored");
  HttpAnswer answer = Said("ignored", mapped.nothing);
  if (proved == "ping") return responder_.Answer(context, std::move(answer));
  Keep(context, webhook, "ignored", mapped.nothing, std::move(answer));
}

// ---- PayPal's older messages --------------------------------------------------------------------

void WebhookRoutes::TakeIpn(const ContextPtr& context, const WebhookConfig& webhook) {
  if (!webhook.settings.echo_ipn) {
    runtime_.metrics().AddDelivery(webhook.provider, "untrusted");
    if (!peer_rates_.TryTake("untrusted " + context->Who(), kUntrustedPerSecond, kUntrustedBurst)) {
      return responder_.Answer(context,
                               Problem(ErrorCode::kTooMany, "too many come that prove nothing"));
    }
    return Keep(context, webhook, "untrusted", "an IPN proves nothing of its sender",
                Said("untrusted", "kept, but not believed: set echo_ipn to have PayPal asked"));
  }
  const bool taken = echoing_.Do(responder_.Task(context, [this, context, webhook] {
    if (responder_.draining())
      return responder_.Answer(context,
                               Problem(ErrorCode::kUnavailable, "the service is stopping"));
    HttpCall call;
    call.url = webhook.settings.sandbox ? "https://ipnpb.sandbox.paypal.com/cgi-bin/webscr"
                                        : "https://ipnpb.paypal.com/cgi-bin/webscr";
    call.body = "cmd=_notify-validate&" + context->request.body;
    const auto reply = Call(call);
    if (!reply || reply->status != 200) {
      runtime_.metrics().AddDelivery(webhook.provider, "refused");
      return responder_.Answer(context,
                               Problem(ErrorCode::kUnavailable, "PayPal could not be asked"));
    }
    if (reply->body != "VERIFIED") {
      runtime_.metrics().AddDelivery(webhook.provider, "refused");
      return responder_.Answer(context,
                               Problem(ErrorCode::kBadSignature, "PayPal has not sent this"));
    }
    const Received received(context->request, runtime_.Now());
    runtime_.monitor().SeeDelivery(webhook.provider, webhook.settings.merchant, runtime_.Now());
    auto mapped = MapIpn(received.delivery, webhook.settings);
    if (!mapped) {
      return Quarantine(context, webhook, mapped.error().Text(), Problem(mapped.error()));
    }
    SubmitDelivery(context, webhook, std::move(mapped->events));
  }));
  if (!taken) responder_.Answer(context, Problem(ErrorCode::kTooMany, "too much waits already"));
}

// ---- into the pipeline --------------------------------------------------------------------------

void WebhookRoutes::SubmitDelivery(const ContextPtr& context, const WebhookConfig& webhook,
                                   std::vector<MappedEvent> events) {
  std::vector<Submission> inputs(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) inputs[i].text = events[i].json;
  const bool taken = runtime_.Submit(
      context->Who(), std::move(inputs),
      [this, context, webhook,
       events = std::move(events)](std::vector<SubmissionResult> answers) mutable {
        // An order that already exists is sent as an amendment, and an unknown order as a new one.
        bool otherwise = false;
        for (std::size_t i = 0; i < events.size(); ++i) {
          const auto& error = answers[i].input.error;
          if (!error || events[i].otherwise.empty()) continue;
          if (error->code != ErrorCode::kOrderExists && error->code != ErrorCode::kUnknownOrder) {
            continue;
          }
          events[i].json = std::exchange(events[i].otherwise, {});
          otherwise = true;
        }
        if (otherwise) return SubmitDelivery(context, webhook, std::move(events));
        FinishDelivery(context, webhook, std::move(answers));
      });
  if (!taken)
    responder_.Answer(context,
                      Problem(ErrorCode::kTooMany, "too many events wait for their answer"));
}

void WebhookRoutes::FinishDelivery(const ContextPtr& context, const WebhookConfig& webhook,
                                   std::vector<SubmissionResult> answers) {
  JsonList events;
  bool all_known = true;
  for (const SubmissionResult& answer : answers) {
    if (const auto& error = answer.input.error) {
      if (error->code == ErrorCode::kUnavailable)
        return responder_.Answer(context, Problem(*error));
      return Quarantine(context, webhook, error->Text(), Said("quarantined", error->Text()));
    }
    all_known = all_known && answer.duplicate;
    JsonObject one;
    one.Text("id", answer.input.event->id);
    const bool taken = !answer.taken.empty();
    one.Number("offset", taken ? answer.taken.back().applied.offset : answer.first);
    one.Bool("parked", taken && answer.taken.back().applied.parked);
    if (taken && answer.taken.back().applied.decision) {
      one.Text("order_id", answer.taken.back().applied.decision->order_id);
      one.Text("outcome", NameOf(answer.taken.back().applied.decision->outcome));
    }
    events.Add(one.Done());
  }
  runtime_.metrics().AddDelivery(webhook.provider, all_known ? "duplicate" : "accepted");
  if (webhook.provider == "adyen") {
    HttpAnswer answer;
    answer.type = "text/plain";
    answer.body = "[accepted]";
    return responder_.Answer(context, std::move(answer));
  }
  HttpAnswer answer;
  answer.body = JsonObject()
                    .Text("status", all_known ? "duplicate" : "accepted")
                    .Raw("events", events.Done())
                    .Done();
  responder_.Answer(context, std::move(answer));
}

// Saves the delivery in `drawer` and then answers. If it cannot be saved, the answer is an error.
void WebhookRoutes::Keep(const ContextPtr& context, const WebhookConfig& webhook,
                         const char* drawer, const std::string& why, HttpAnswer answer) {
  const bool taken = runtime_.PostToWorker(
      responder_.Task(context, [this, context, webhook, drawer, why, answer = std::move(answer)] {
        const Received received(context->request, runtime_.Now());
        const Status kept = archive_.Keep(drawer, webhook.provider, webhook.settings.merchant, why,
                                          received.delivery);
        if (!kept) Log(LogLevel::kError, "a delivery could not be kept: " + kept.error().Text());
        responder_.Answer(context,
                          kept ? answer : Problem(ErrorCode::kUnavailable, kept.error().Text()));
      }));
  if (!taken) responder_.Answer(context, Problem(ErrorCode::kTooMany, "too much waits already"));
}

// Saves a delivery that cannot be mapped, and raises an alert.
void WebhookRoutes::Quarantine(const ContextPtr& context, const WebhookConfig& webhook,
                               const std::string& why, HttpAnswer answer) {
  runtime_.metrics().AddDelivery(webhook.provider, "quarantined");
  runtime_.Alert(webhook.settings.merchant, "", "quarantined-delivery",
                 webhook.provider + " " + Sha256Hex(context->request.body),
                 "A delivery of " + webhook.provider + " could not be processed: " + why);
  Keep(context, webhook, "quarantine", why, std::move(answer));
}

void WebhookRoutes::Stop() {
  fetching_.Stop();
  echoing_.Stop();
}

}  // namespace holdfast
