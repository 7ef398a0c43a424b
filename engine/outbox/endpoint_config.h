// EndpointConfig: the configuration of a receiver of decisions and alerts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace holdfast {

struct EndpointConfig {
  std::string name;           // unique; the endpoint's files are named by it
  std::string merchant;       // only this merchant's messages; empty: all
  bool cloud_events = false;  // wrapped as a CloudEvent

  // Either a file, to which NDJSON is appended ...
  std::string file;
  std::size_t rotate_bytes = 64 << 20;
  std::size_t keep_files = 10;

  // ... or an address that messages are posted to.
  std::string url;
  std::vector<std::string> secrets;  // whsec_... or whsk_...; the first is the newest
  std::int64_t timeout_seconds = 15;
  bool allow_private = false;  // addresses of private networks and of this machine
  std::size_t parallel = 4;    // requests at once

  // The waits before a failed post is tried again, as Standard Webhooks proposes; after that the
  // last one repeats. Each wait varies by up to a tenth.
  std::vector<std::int64_t> retry_seconds = {5,      300,    1'800,  7'200, 18'000,
                                             36'000, 50'400, 72'000, 86'400};
  std::int64_t dead_after_seconds = 3 * 24 * 3600;
  // The wait before the first trial of an endpoint whose posts all fail; later waits are 2, 4
  // and then 8 times as long.
  std::int64_t trial_seconds = 30;
};

}  // namespace holdfast
