#include "engine/outbox/circuit_breaker.h"

#include <algorithm>

namespace holdfast {

void CircuitBreaker::Succeed() {
  failures_ = 0;
  pause_until_ = 0;
}

void CircuitBreaker::Fail(int status, std::int64_t retry_after, std::int64_t now) {
  const bool refused =
      status >= 400 && status < 500 && status != 408 && status != 410 && status != 429;
  if (!refused && now != failed_at_) ++failures_;
  if (!refused) failed_at_ = now;
  constexpr std::int64_t kLongest = 3600;
  if (retry_after > 0) {
    pause_until_ = now + std::min(retry_after, kLongest);
  } else if (open()) {
    constexpr int kDoublings = 3;
    pause_until_ = now + (trial_seconds_ << std::min(failures_ - kFailures, kDoublings));
  }
}

}  // namespace holdfast
