// RateLimiter: limits how often each sender may do something.
//
// Threads: any.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace holdfast {

class RateLimiter {
 public:
  // Counts one action of `who`, who may do `per_second` a second and up to `burst` at once. Returns
  // false when there were too many, or when `who` is new and too many senders are remembered.
  bool TryTake(const std::string& who, double per_second, double burst);

 private:
  using Clock = std::chrono::steady_clock;
  struct Bucket {
    double tokens = 0;
    Clock::time_point filled;
  };
  bool MakeRoom(Clock::time_point now);

  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;  // by who
  Clock::time_point swept_;
};

}  // namespace holdfast
