#include "engine/net/standard_webhooks.h"

#include "engine/base/base64.h"
#include "engine/base/ed25519.h"
#include "engine/base/hash.h"
#include "engine/base/hmac.h"
#include "engine/base/number.h"
#include "engine/base/text.h"

namespace holdfast {
namespace {

constexpr std::string_view kShared = "whsec_", kPrivate = "whsk_", kPublic = "whpk_";

std::string Content(std::string_view id, std::string_view timestamp, std::string_view body) {
  std::string content(id);
  content += '.';
  content += timestamp;
  content += '.';
  content += body;
  return content;
}

// The key of a shared secret, with or without its prefix. Empty: it is not base64.
std::optional<std::string> SharedKey(std::string_view secret) {
  if (secret.starts_with(kShared)) secret.remove_prefix(kShared.size());
  return DecodeBase64(secret);
}

Result<std::string> SignOne(const std::string& secret, std::string_view content) {
  if (secret.starts_with(kPrivate)) {
    const auto key = DecodeBase64(std::string_view(secret).substr(kPrivate.size()));
    // Some implementations write the public key after the private one.
    const auto signature =
        key ? SignEd25519(std::string_view(*key).substr(0, kEd25519Bytes), content) : std::nullopt;
    if (!signature) {
      return Fail(ErrorCode::kInvalidInput, {}, "the secret is no Ed25519 key (whsk_ and base64)");
    }
    return "v1a," + EncodeBase64(*signature);
  }
  constexpr std::size_t kLeast = 24;
  const auto key = SharedKey(secret);
  if (!key || key->size() < kLeast) {
    return Fail(ErrorCode::kInvalidInput, {},
                "the secret must be whsec_ and base64 of at least 24 bytes");
  }
  return "v1," + EncodeBase64(HmacSha256(*key, content));
}

bool Matches(const std::string& secret, std::string_view version, std::string_view signature,
             std::string_view content) {
  const auto given = DecodeBase64(signature);
  if (!given) return false;
  if (secret.starts_with(kPublic)) {
    const auto key = DecodeBase64(std::string_view(secret).substr(kPublic.size()));
    return version == "v1a" && key && VerifyEd25519(*key, content, *given);
  }
  const auto key = SharedKey(secret);
  return version == "v1" && key && SameSecret(*given, HmacSha256(*key, content));
}

}  // namespace

Result<std::string> SignStandardWebhook(const std::vector<std::string>& secrets,
                                        std::string_view id, std::int64_t timestamp,
                                        std::string_view body) {
  const std::string content = Content(id, std::to_string(timestamp), body);
  std::string all;
  for (const std::string& secret : secrets) {
    const auto one = SignOne(secret, content);
    if (!one) return one;
    if (!all.empty()) all += ' ';
    all += *one;
  }
  return all;
}

Status VerifyStandardWebhook(const std::string& secret, const WebhookHeaders& headers,
                             std::string_view body, EventTime now, std::int64_t tolerance) {
  const auto refuse = [](const char* why) { return Fail(ErrorCode::kBadSignature, {}, why); };
  if (headers.id.empty() || headers.timestamp.empty() || headers.signature.empty()) {
    return refuse("a header is missing");
  }
  const auto seconds = ParseNumber<std::int64_t>(headers.timestamp);
  if (!seconds) return refuse("the timestamp is no number");
  const std::int64_t age = now.nanos / kNanosPerSecond - *seconds;
  if (age > tolerance || -age > tolerance) return refuse("the timestamp is too far from now");
  const std::string content = Content(headers.id, headers.timestamp, body);
  std::string_view rest = headers.signature;
  while (!rest.empty()) {
    const std::size_t blank = std::min(rest.find(' '), rest.size());
    const std::string_view one = rest.substr(0, blank);
    rest.remove_prefix(std::min(blank + 1, rest.size()));
    const std::size_t comma = one.find(',');
    if (comma == one.npos) continue;
    if (Matches(secret, one.substr(0, comma), one.substr(comma + 1), content)) return {};
  }
  return refuse("no signature matches");
}

std::string NewWebhookSecret() {
  constexpr std::size_t kBytes = 32;
  return std::string(kShared) + EncodeBase64(RandomBytes(kBytes));
}

}  // namespace holdfast
