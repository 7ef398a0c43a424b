// OutboxMonitor: the alerts that the state of the outbox calls for.
#pragma once

#include <vector>

#include "engine/base/time.h"
#include "engine/outbox/endpoint.h"
#include "engine/server/alert_monitor.h"
#include "engine/server/config.h"

namespace holdfast {

// The alerts about endpoints: messages wait for longer than configured (once an hour), and messages
// became dead letters since `before`.
std::vector<AlertMonitor::Finding> CheckOutbox(const ServeConfig& config,
                                               const std::vector<EndpointState>& before,
                                               const std::vector<EndpointState>& now, EventTime at);

}  // namespace holdfast
