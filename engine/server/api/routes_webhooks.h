// WebhookRoutes: receives the webhooks of payment providers and shops.
// Threads: any.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/server/api/responder.h"
#include "engine/server/archive.h"
#include "engine/server/security/certificates.h"
#include "engine/server/security/rate_limiter.h"
#include "engine/webhooks/webhook.h"

namespace holdfast {

class WebhookRoutes {
 public:
  // All outlive this.
  WebhookRoutes(Responder& responder, ServiceRuntime& runtime, Archive& archive)
      : responder_(responder), runtime_(runtime), archive_(archive) {}

  void PostWebhook(const ContextPtr& context);

  // Has the certificate roots read again.
  void Forget() { certificates_.Forget(); }
  // Ends what is under way.
  void Stop();

 private:
  void FetchCertificate(const ContextPtr& context, const WebhookConfig& webhook);
  void TakeDelivery(const ContextPtr& context, const WebhookConfig& webhook);
  void TakeDoubt(const ContextPtr& context, const WebhookConfig& webhook, std::string doubt,
                 const Error& conflict);
  void TakeMapped(const ContextPtr& context, const WebhookConfig& webhook, Mapped mapped,
                  const std::string& proved);
  void TakeIpn(const ContextPtr& context, const WebhookConfig& webhook);
  void SubmitDelivery(const ContextPtr& context, const WebhookConfig& webhook,
                      std::vector<MappedEvent> events);
  void FinishDelivery(const ContextPtr& context, const WebhookConfig& webhook,
                      std::vector<SubmissionResult> answers);
  void Keep(const ContextPtr& context, const WebhookConfig& webhook, const char* drawer,
            const std::string& why, HttpAnswer answer);
  void Quarantine(const ContextPtr& context, const WebhookConfig& webhook, const std::string& why,
                  HttpAnswer answer);

  Responder& responder_;
  ServiceRuntime& runtime_;
  Archive& archive_;

  Certificates certificates_;
  RateLimiter peer_rates_;
  // Requests to PayPal: for its certificates, and to confirm IPNs.
  Worker fetching_{100}, echoing_{100};
};

}  // namespace holdfast
