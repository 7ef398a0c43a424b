// OutboxMonitor: the alerts that the state of the outbox calls for.
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/outbox/endpoint.h"
#include "engine/server/alert_monitor.h"
#include "engine/server/config.h"

namespace holdfast {

class OutboxMonitor {
 public:
  // The alerts about endpoints since the last call: messages wait for longer than configured (once,
  // until none waits for half as long), and messages became dead letters.
  std::vector<AlertMonitor::Finding> Check(const ServeConfig& config,
                                           const std::vector<EndpointState>& states);

 private:
  std::set<std::string> lagging_;              // endpoints with a reported lag that has not ended
  std::map<std::string, std::uint64_t> dead_;  // dead letters at the last call, by endpoint
};

}  // namespace holdfast
