// RateLimiter: how often each of many may do something.
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
  // Counts one of what `who` does, of which there may be `per_second`, and `burst` at once. False:
  // it is too often; or of whoever is new, while more than can be remembered came of late.
  bool Admit(const std::string& who, double per_second, double burst);

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
