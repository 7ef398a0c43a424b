// What providers and shops send by themselves.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "engine/base/file.h"
#include "engine/base/hmac.h"
#include "engine/base/utf8.h"
#include "engine/model/names.h"
#include "engine/outbox/http_client.h"
#include "engine/server/asked.h"
#include "engine/server/problem.h"

namespace holdfast {
namespace {

constexpr std::size_t kPemBytes = 64 << 10;
constexpr std::size_t kRootBytes = 4 << 20;
constexpr char kSystemRoots[] = "/etc/ssl/certs/ca-certificates.crt";
constexpr std::int64_t kCertificateSeconds = 24 * 3600;

// A delivery of a request, with the views that it is made of.
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
  answer.body = "{";
  JsonMember("status", status, answer.body);
  if (!why.empty()) JsonMember("why", why, answer.body);
  answer.body += "}";
  return answer;
}

}  // namespace

void Service::PostWebhook(const AskedPtr& asked) {
  const auto config = core_->config();
  const auto webhook =
      std::find_if(config->webhooks.begin(), config->webhooks.end(), [&](const WebhookConfig& one) {
        return one.provider == asked->parts[0] && one.settings.merchant == asked->parts[1];
      });
  if (webhook == config->webhooks.end()) {
    return Answer(asked, Problem(ErrorCode::kUnknownRoute,
                                 "no webhook of this provider and merchant is configured"));
  }
  if (webhook->provider == "paypal") {
    const Received received(asked->request, core_->Now());
    if (IsIpn(received.delivery)) return TakeIpn(asked, *webhook);
  }
  TakeDelivery(asked, *webhook);
}

void Service::TakeDelivery(const AskedPtr& asked, const WebhookConfig& webhook) {
  const Received received(asked->request, core_->Now());
  const WebhookProvider& provider = *FindWebhookProvider(webhook.provider);
  Trust trust;
  const auto roots = webhook.provider == "paypal" ? RootsOf(webhook) : Result<std::string>("");
  if (!roots) return Answer(asked, Problem(ErrorCode::kUnavailable, roots.error().Text()));
  trust.roots = *roots;
  bool wants_fetch = false;
  trust.fetch = [&](const std::string& url) {
    auto pem = CertificatesAt(url, webhook, false);
    wants_fetch = !pem && webhook.pinned.empty();
    return pem;
  };
  auto verified = provider.Verify(received.delivery, webhook.settings, trust);
  if (!verified && wants_fetch) {
    // The certificate is somebody else's to give: that may take its time, and not this thread's.
    const bool taken = core_->Later([this, asked, webhook] {
      const Received again(asked->request, core_->Now());
      const std::string url(again.delivery.Header("PAYPAL-CERT-URL"));
      const auto pem = CertificatesAt(url, webhook, true);
      if (!pem) {
        core_->metrics().AddDelivery(webhook.provider, "refused");
        return Answer(asked, Problem(pem.error()));
      }
      core_->hooks().post([this, asked, webhook] { TakeDelivery(asked, webhook); });
    });
    if (!taken) Answer(asked, Problem(ErrorCode::kTooMany, "too much waits already"));
    return;
  }
  if (!verified) {
    core_->metrics().AddDelivery(webhook.provider, "refused");
    spdlog::warn("webhook of {} for {} refused: {}", webhook.provider, webhook.settings.merchant,
                 verified.error().Text());
    return Answer(asked, Problem(verified.error()));
  }
  spdlog::debug("webhook of {} for {} proved by '{}'", webhook.provider, webhook.settings.merchant,
                *verified);
  core_->watch().SeeDelivery(webhook.provider, webhook.settings.merchant, core_->Now());
  auto mapped = provider.Map(received.delivery, webhook.settings);
  if (!mapped) {
    Quarantine(asked, webhook, mapped.error().Text());
    return Answer(asked, Problem(mapped.error()));
  }
  if (mapped->receipt.empty()) return TakeMapped(asked, webhook, std::move(*mapped), *verified);
  std::vector<Input> inputs(1);
  inputs[0].text = mapped->receipt;
  const bool taken = core_->Submit(
      std::move(inputs), [this, asked, webhook, mapped = std::move(*mapped),
                          proved = *verified](std::vector<holdfast::Answer> answers) mutable {
        const auto& error = answers[0].input.error;
        if (!error) return TakeMapped(asked, webhook, std::move(mapped), proved);
        // A second body for one transmission is what a forger would send.
        if (error->code == ErrorCode::kDuplicateConflict) Quarantine(asked, webhook, error->Text());
        Answer(asked, Problem(*error));
      });
  if (!taken) Answer(asked, Problem(ErrorCode::kTooMany, "too many events wait for their answer"));
}

void Service::TakeMapped(const AskedPtr& asked, const WebhookConfig& webhook, Mapped mapped,
                         const std::string& proved) {
  if (!mapped.events.empty()) return SubmitDelivery(asked, webhook, std::move(mapped.events));
  // Of a header, which may hold any bytes.
  if (!IsValidUtf8(mapped.nothing)) mapped.nothing = "its kind is no text in UTF-8";
  core_->metrics().AddDelivery(webhook.provider, "ignored");
  if (proved != "ping") {
    const Received received(asked->request, core_->Now());
    const Status kept = archive_->Keep("ignored", webhook.provider, webhook.settings.merchant,
                                       mapped.nothing, received.delivery);
    if (!kept) return Answer(asked, Problem(ErrorCode::kUnavailable, kept.error().Text()));
  }
  Answer(asked, Said("ignored", mapped.nothing));
}

// ---- PayPal's older messages --------------------------------------------------------------------

void Service::TakeIpn(const AskedPtr& asked, const WebhookConfig& webhook) {
  if (!webhook.settings.echo_ipn) {
    const Received received(asked->request, core_->Now());
    core_->metrics().AddDelivery(webhook.provider, "untrusted");
    const Status kept = archive_->Keep("untrusted", webhook.provider, webhook.settings.merchant,
                                       "an IPN proves nothing of its sender", received.delivery);
    if (!kept) return Answer(asked, Problem(ErrorCode::kUnavailable, kept.error().Text()));
    return Answer(asked,
                  Said("untrusted", "kept, but not believed: set echo_ipn to have PayPal asked"));
  }
  const bool taken = core_->Later([this, asked, webhook] {
    HttpCall call;
    call.url = webhook.settings.sandbox ? "https://ipnpb.sandbox.paypal.com/cgi-bin/webscr"
                                        : "https://ipnpb.paypal.com/cgi-bin/webscr";
    call.body = "cmd=_notify-validate&" + asked->request.body;
    const auto reply = Call(call);
    if (!reply || reply->status != 200) {
      core_->metrics().AddDelivery(webhook.provider, "refused");
      return Answer(asked, Problem(ErrorCode::kUnavailable, "PayPal could not be asked"));
    }
    if (reply->body != "VERIFIED") {
      core_->metrics().AddDelivery(webhook.provider, "refused");
      return Answer(asked, Problem(ErrorCode::kBadSignature, "PayPal has not sent this"));
    }
    const Received received(asked->request, core_->Now());
    core_->watch().SeeDelivery(webhook.provider, webhook.settings.merchant, core_->Now());
    auto mapped = MapIpn(received.delivery, webhook.settings);
    if (!mapped) {
      Quarantine(asked, webhook, mapped.error().Text());
      return Answer(asked, Problem(mapped.error()));
    }
    SubmitDelivery(asked, webhook, std::move(mapped->events));
  });
  if (!taken) Answer(asked, Problem(ErrorCode::kTooMany, "too much waits already"));
}

// ---- into the pipeline --------------------------------------------------------------------------

void Service::SubmitDelivery(const AskedPtr& asked, const WebhookConfig& webhook,
                             std::vector<MappedEvent> events) {
  std::vector<Input> inputs(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) inputs[i].text = events[i].json;
  const bool taken =
      core_->Submit(std::move(inputs), [this, asked, webhook, events = std::move(events)](
                                           std::vector<holdfast::Answer> answers) mutable {
        // A shop's order that is there already is a change of it, and the other way round.
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
        if (otherwise) return SubmitDelivery(asked, webhook, std::move(events));
        FinishDelivery(asked, webhook, std::move(answers));
      });
  if (!taken) Answer(asked, Problem(ErrorCode::kTooMany, "too many events wait for their answer"));
}

void Service::FinishDelivery(const AskedPtr& asked, const WebhookConfig& webhook,
                             std::vector<holdfast::Answer> answers) {
  std::string events = "[";
  bool all_known = true;
  for (const holdfast::Answer& answer : answers) {
    if (const auto& error = answer.input.error) {
      if (error->code == ErrorCode::kUnavailable) return Answer(asked, Problem(*error));
      Quarantine(asked, webhook, error->Text());
      return Answer(asked, Said("quarantined", error->Text()));
    }
    if (events.size() > 1) events += ',';
    all_known = all_known && answer.duplicate;
    std::string one = "{";
    JsonMember("id", answer.input.event->id, one);
    const bool taken = !answer.taken.empty();
    JsonRaw("offset", std::to_string(taken ? answer.taken.back().applied.offset : answer.first),
            one);
    JsonRaw("parked", taken && answer.taken.back().applied.parked ? "true" : "false", one);
    if (taken && answer.taken.back().applied.decision) {
      JsonMember("order_id", answer.taken.back().applied.decision->order_id, one);
      JsonMember("outcome", NameOf(answer.taken.back().applied.decision->outcome), one);
    }
    events += one + "}";
  }
  core_->metrics().AddDelivery(webhook.provider, all_known ? "duplicate" : "accepted");
  if (webhook.provider == "adyen") {
    HttpAnswer answer;
    answer.type = "text/plain";
    answer.body = "[accepted]";
    return Answer(asked, std::move(answer));
  }
  HttpAnswer answer = Said(all_known ? "duplicate" : "accepted");
  answer.body.pop_back();
  JsonRaw("events", events + "]", answer.body);
  answer.body += '}';
  Answer(asked, std::move(answer));
}

// Keeps what cannot be taken, and tells somebody.
void Service::Quarantine(const AskedPtr& asked, const WebhookConfig& webhook,
                         const std::string& why) {
  const Received received(asked->request, core_->Now());
  core_->metrics().AddDelivery(webhook.provider, "quarantined");
  const Status kept = archive_->Keep("quarantine", webhook.provider, webhook.settings.merchant, why,
                                     received.delivery);
  if (!kept) spdlog::error("a delivery could not be kept: {}", kept.error().Text());
  core_->Alert(webhook.settings.merchant, "", "quarantined-delivery",
               webhook.provider + " " + Sha256Hex(received.delivery.body),
               "A delivery of " + webhook.provider + " could not be taken: " + why);
}

// ---- certificates -------------------------------------------------------------------------------

Result<std::string> Service::CertificatesAt(const std::string& url, const WebhookConfig& webhook,
                                            bool may_fetch) {
  const std::string name = url.substr(url.rfind('/') + 1);
  if (!webhook.pinned.empty()) {
    for (const char* ending : {"", ".pem"}) {
      const auto pem = ReadFile(webhook.pinned + "/" + name + ending, kPemBytes);
      if (pem) return pem;
    }
    return Fail(ErrorCode::kBadSignature, {},
                "the certificate '" + name + "' is not in the folder of certificates");
  }
  const std::int64_t now = core_->Now().nanos / kNanosPerSecond;
  {
    const std::lock_guard lock(mutex_);
    const auto known = certificates_.find(url);
    if (known != certificates_.end() && now - known->second.second < kCertificateSeconds) {
      return known->second.first;
    }
  }
  if (!may_fetch) return Fail(ErrorCode::kUnavailable, {}, "the certificate is not here yet");
  HttpCall call;
  call.url = url;
  call.answer_bytes = kPemBytes;
  auto reply = Call(call);
  if (!reply) return tl::unexpected(reply.error());
  if (reply->status != 200) {
    return Fail(ErrorCode::kUnavailable, {},
                "the certificate could not be had: answered " + std::to_string(reply->status));
  }
  const std::lock_guard lock(mutex_);
  constexpr std::size_t kMost = 100;
  if (certificates_.size() >= kMost) certificates_.clear();
  certificates_[url] = {reply->body, now};
  return std::move(reply->body);
}

Result<std::string> Service::RootsOf(const WebhookConfig& webhook) {
  const std::string path = webhook.roots.empty() ? kSystemRoots : webhook.roots;
  const std::lock_guard lock(mutex_);
  const auto known = roots_.find(path);
  if (known != roots_.end()) return known->second;
  auto text = ReadFile(path, kRootBytes);
  if (text) roots_[path] = *text;
  return text;
}

}  // namespace holdfast
