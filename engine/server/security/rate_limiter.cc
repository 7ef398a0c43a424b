#include "engine/server/security/rate_limiter.h"

#include <algorithm>

namespace holdfast {
namespace {

constexpr std::size_t kMost = 10'000;
constexpr std::chrono::seconds kSweep{1}, kForgotten{60};

}  // namespace

bool RateLimiter::TryTake(const std::string& who, double per_second, double burst) {
  const auto now = Clock::now();
  const std::lock_guard lock(mutex_);
  auto at = buckets_.find(who);
  if (at == buckets_.end()) {
    if (!MakeRoom(now)) return false;
    at = buckets_.emplace(who, Bucket{burst, now}).first;
  }
  Bucket& bucket = at->second;
  const double seconds = std::chrono::duration<double>(now - bucket.filled).count();
  bucket.tokens = std::min(burst, bucket.tokens + seconds * per_second);
  bucket.filled = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

// Removes buckets that were not used for long and are full again by now.
bool RateLimiter::MakeRoom(Clock::time_point now) {
  if (buckets_.size() < kMost) return true;
  if (now - swept_ < kSweep) return false;
  swept_ = now;
  std::erase_if(buckets_, [&](const auto& one) { return now - one.second.filled > kForgotten; });
  return buckets_.size() < kMost;
}

}  // namespace holdfast
