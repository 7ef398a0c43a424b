// Endpoint: a receiver of decisions and alerts, as configured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace holdfast {

struct EndpointConfig {
  std::string name;           // of its own; what has been sent is remembered under it
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

  // When a post that has failed is tried again, as Standard Webhooks proposes; the last from then
  // on. Each is a tenth more or less.
  std::vector<std::int64_t> retry_seconds = {5,      300,    1'800,  7'200, 18'000,
                                             36'000, 50'400, 72'000, 86'400};
  std::int64_t dead_after_seconds = 3 * 24 * 3600;
  // The first trial of an endpoint whose posts all fail; later ones wait up to ten times as long.
  std::int64_t trial_seconds = 30;
};

}  // namespace holdfast
