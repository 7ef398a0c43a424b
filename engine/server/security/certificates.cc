#include "engine/server/security/certificates.h"

#include "engine/base/file.h"
#include "engine/net/http_client.h"
#include "engine/webhooks/signature.h"

namespace holdfast {
namespace {

constexpr std::size_t kPemBytes = 64 << 10;
constexpr std::size_t kRootBytes = 4 << 20;
constexpr char kSystemRoots[] = "/etc/ssl/certs/ca-certificates.crt";
constexpr std::int64_t kFreshSeconds = 24 * 3600;
constexpr std::int64_t kRetrySeconds = 60;
constexpr std::size_t kMost = 1000;  // addresses

Error NotHad(const std::string& why) {
  return {ErrorCode::kUnavailable, {}, "the certificate could not be had: " + why};
}

}  // namespace

std::optional<Result<std::string>> Certificates::Known(const std::string& url,
                                                       const WebhookConfig& webhook,
                                                       std::int64_t now) const {
  if (!webhook.pinned.empty()) {
    const std::string name = url.substr(url.rfind('/') + 1);
    for (const char* ending : {"", ".pem"}) {
      auto pem = ReadFile(webhook.pinned + "/" + name + ending, kPemBytes);
      if (pem) return pem;
    }
    return Fail(ErrorCode::kBadSignature, {},
                "the certificate '" + name + "' is not in the folder of certificates");
  }
  const std::lock_guard lock(mutex_);
  const auto known = had_.find(url);
  if (known == had_.end()) return std::nullopt;
  const Had& had = known->second;
  if (!had.pem.empty()) return had.pem;
  if (now >= had.retry_at) return std::nullopt;
  return tl::unexpected(NotHad("it was asked for a moment ago"));
}

bool Certificates::IsDue(const std::string& url, std::int64_t now) {
  const std::lock_guard lock(mutex_);
  const auto known = had_.find(url);
  if (known == had_.end()) return false;
  Had& had = known->second;
  const bool due = !had.pem.empty() && now >= had.at + kFreshSeconds && now >= had.retry_at;
  if (due) had.retry_at = now + kRetrySeconds;
  return due;
}

Result<std::string> Certificates::Fetch(const std::string& url, std::int64_t now) {
  // Several fetches of the same certificate may have waited for the first.
  {
    const std::lock_guard lock(mutex_);
    const auto known = had_.find(url);
    if (known != had_.end() && now < known->second.at + kFreshSeconds) return known->second.pem;
    if (known != had_.end() && known->second.pem.empty() && now < known->second.retry_at) {
      return tl::unexpected(NotHad("it was asked for a moment ago"));
    }
  }
  HttpCall call;
  call.url = url;
  call.answer_bytes = kPemBytes;
  auto reply = Call(call);
  std::string fault;
  if (!reply) {
    fault = reply.error().detail;
  } else if (reply->status != 200) {
    fault = "answered " + std::to_string(reply->status);
  } else if (!HoldsCertificate(reply->body)) {
    fault = "what came is no certificate";
  }
  const std::lock_guard lock(mutex_);
  // Anyone can name an address. Addresses without a certificate are dropped first.
  if (had_.size() >= kMost) {
    std::erase_if(had_, [](const auto& one) { return one.second.pem.empty(); });
  }
  if (had_.size() >= kMost) had_.clear();
  Had& had = had_[url];
  if (fault.empty()) {
    had = {std::move(reply->body), now, 0};
  } else {
    had.retry_at = now + kRetrySeconds;
  }
  if (had.pem.empty()) return tl::unexpected(NotHad(fault));
  return had.pem;
}

Result<std::string> Certificates::Roots(const WebhookConfig& webhook) {
  const std::string path = webhook.roots.empty() ? kSystemRoots : webhook.roots;
  const std::lock_guard lock(mutex_);
  const auto known = roots_.find(path);
  if (known != roots_.end()) return known->second;
  auto text = ReadFile(path, kRootBytes);
  if (text) roots_[path] = *text;
  return text;
}

void Certificates::Forget() {
  const std::lock_guard lock(mutex_);
  roots_.clear();
}

}  // namespace holdfast
