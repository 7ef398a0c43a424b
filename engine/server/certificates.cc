#include "engine/server/certificates.h"

#include "engine/base/file.h"
#include "engine/outbox/http_client.h"

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
  const bool asks = now >= had.retry_at && (had.pem.empty() || now >= had.at + kFreshSeconds);
  if (asks) return std::nullopt;
  if (had.pem.empty()) return tl::unexpected(NotHad("it was asked for a moment ago"));
  return had.pem;
}

Result<std::string> Certificates::Fetch(const std::string& url, std::int64_t now) {
  // Many may have waited for the first of them.
  if (auto known = Known(url, {}, now)) return *known;
  HttpCall call;
  call.url = url;
  call.answer_bytes = kPemBytes;
  auto reply = Call(call);
  const bool came = reply && reply->status == 200;
  const std::lock_guard lock(mutex_);
  // Anybody can name an address; those that give nothing go first.
  if (had_.size() >= kMost)
    std::erase_if(had_, [](const auto& one) { return one.second.pem.empty(); });
  if (had_.size() >= kMost) had_.clear();
  Had& had = had_[url];
  if (came) {
    had = {std::move(reply->body), now, 0};
  } else {
    had.retry_at = now + kRetrySeconds;
    if (had.pem.empty()) {
      return tl::unexpected(
          NotHad(!reply ? reply.error().detail : "answered " + std::to_string(reply->status)));
    }
  }
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
