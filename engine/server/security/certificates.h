// Certificates: PayPal's signing certificates, pinned or downloaded, and the root certificates that
// verify them.
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
  // The certificates of `url` as PEM, if known without waiting: pinned, downloaded before, or an
  // error that they are not available now. Empty: call Fetch. `now`: seconds.
  std::optional<Result<std::string>> Known(const std::string& url, const WebhookConfig& webhook,
                                           std::int64_t now) const;

  // True, at most once a minute, when the downloaded certificate of `url` is old and should be
  // fetched again.
  bool IsDue(const std::string& url, std::int64_t now);

  // Downloads from `url`. Blocks. The caller has checked that `url` is an address of PayPal's. If
  // the download fails, an earlier certificate stays in use; without one, `url` is not tried again
  // for a minute. Errors: kUnavailable.
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
