// Certificates: those by which PayPal signs, pinned or had from PayPal, and the roots that prove
// them.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "engine/base/result.h"
#include "engine/server/config.h"

namespace holdfast {

class Certificates {
 public:
  // The certificates at `url`, as PEM, where that can be said at once: pinned ones, those that were
  // had, or the error that they cannot be had now. Nothing: Fetch must ask for them. `now`:
  // seconds.
  std::optional<Result<std::string>> Known(const std::string& url, const WebhookConfig& webhook,
                                           std::int64_t now) const;

  // Is what was had at `url` old, so that it should be fetched again? Once a minute at most.
  bool IsDue(const std::string& url, std::int64_t now);

  // Asks `url`, which must have been found to be an address of PayPal's. Waits. What was had before
  // serves on when no certificate comes; one that was never had is not asked for again for a
  // minute. Errors: kUnavailable.
  Result<std::string> Fetch(const std::string& url, std::int64_t now);

  // The roots to trust, as PEM. Errors: as ReadFile.
  Result<std::string> Roots(const WebhookConfig& webhook);

  // Has the roots read again.
  void Forget();

 private:
  struct Had {
    std::string pem;            // empty: never
    std::int64_t at = 0;        // seconds, when it was had
    std::int64_t retry_at = 0;  // seconds, until when it is not asked for again
  };
  mutable std::mutex mutex_;
  std::map<std::string, Had> had_;            // by address
  std::map<std::string, std::string> roots_;  // by file
};

}  // namespace holdfast
