// CircuitBreaker: pauses requests to a receiver that fails.
// Times are seconds since 1970. Threads: one.
#pragma once

#include <cstdint>

namespace holdfast {

class CircuitBreaker {
 public:
  // `trial_seconds`: how long the first pause of an open circuit is; later ones are 2, 4
  // and then 8 times as long.
  explicit CircuitBreaker(std::int64_t trial_seconds) : trial_seconds_(trial_seconds) {}

  // Five posts in a row have failed: only one at a time is tried until one succeeds.
  bool open() const { return failures_ >= kFailures; }
  bool MayStart(std::int64_t now) const { return now >= pause_until_; }

  void Succeed();
  // Records a failed post. `status`: its HTTP status, 0 when no answer came. Failures within one
  // second count once. A refused message (4xx) does not count, because it says nothing about other
  // messages. `retry_after`: the seconds that the receiver asked to wait; 0: none.
  void Fail(int status, std::int64_t retry_after, std::int64_t now);

 private:
  static constexpr int kFailures = 5;

  const std::int64_t trial_seconds_;
  int failures_ = 0;  // in a row
  std::int64_t failed_at_ = 0, pause_until_ = 0;
};

}  // namespace holdfast
