// Signature: helpers for the signature checks of all providers.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/webhooks/webhook.h"

namespace holdfast {

inline tl::unexpected<Error> BadSignature(std::string why) {
  return Fail(ErrorCode::kBadSignature, {}, std::move(why));
}

// The name of the first valid secret for which `matches` is true; all valid ones are tried. Errors:
// kBadSignature.
Result<std::string> AnySecret(const WebhookSettings& settings, EventTime now,
                              const std::function<bool(const std::string& secret)>& matches);

// A header without which nothing is proved. Errors: kBadSignature when it is missing or stands
// twice.
Result<std::string_view> SignedHeader(const Delivery& delivery, std::string_view name);

// True when `signature`, base64 with optional blanks around it, is the HMAC-SHA256 of `message`.
bool IsHmacBase64(std::string_view signature, std::string_view key, std::string_view message);

// Errors: kBadSignature when `signed_at` is further from `now` than the bounds, seconds.
Status CheckTime(EventTime signed_at, EventTime now, std::int64_t past, std::int64_t future);

// True when `pem` begins with a valid certificate.
bool HoldsCertificate(const std::string& pem);

// Checks that `signature` is the RSA signature (PKCS#1 v1.5, SHA-256) of `message` by the first
// certificate in `pem`. The certificate must be valid at `now`, issued for exactly `host`, and its
// chain must end in one of `roots`.
Status CheckCertified(const std::string& pem, const std::string& roots, const std::string& host,
                      EventTime now, std::string_view message, std::string_view signature);

}  // namespace holdfast
