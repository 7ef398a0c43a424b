// Standard Webhooks 1.0 (https://www.standardwebhooks.com): signs messages that are sent, and
// verifies messages that are received.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"

namespace holdfast {

struct WebhookHeaders {
  std::string_view id, timestamp, signature;
};

// The value of `webhook-signature`: one signature a secret, so that a receiver may still know the
// old one while a new one is brought in. A secret is `whsec_` and base64 of the key (HMAC-SHA256),
// or `whsk_` and base64 of an Ed25519 key.
// Errors: kInvalidInput for a secret that is neither, or with a key of less than 24 bytes.
Result<std::string> SignStandardWebhook(const std::vector<std::string>& secrets,
                                        std::string_view id, std::int64_t timestamp,
                                        std::string_view body);

// Was this signed with the secret (or, for `whpk_`, with the private key of it), at most
// `tolerance` seconds from `now`? Errors: kBadSignature.
Status VerifyStandardWebhook(const std::string& secret, const WebhookHeaders& headers,
                             std::string_view body, EventTime now, std::int64_t tolerance = 300);

// A new secret: `whsec_` and base64 of 32 bytes.
std::string NewWebhookSecret();

}  // namespace holdfast
