#include "engine/server/outbox_monitor.h"

#include <algorithm>
#include <string>

#include "engine/codec/event_reader.h"

namespace holdfast {
namespace {

// The merchant of the alert.
std::string MerchantOf(const ServeConfig& config, const std::string& endpoint) {
  const auto found = std::find_if(config.outbox.begin(), config.outbox.end(),
                                  [&](const EndpointConfig& one) { return one.name == endpoint; });
  const bool all = found == config.outbox.end() || found->merchant.empty();
  return all ? std::string(kDefaultMerchant) : found->merchant;
}

}  // namespace

std::vector<AlertMonitor::Finding> CheckOutbox(const ServeConfig& config,
                                               const std::vector<EndpointState>& before,
                                               const std::vector<EndpointState>& now,
                                               EventTime at) {
  constexpr std::int64_t kHour = 3600;
  std::vector<AlertMonitor::Finding> found;
  for (const EndpointState& state : now) {
    const std::string merchant = MerchantOf(config, state.name);
    if (state.lag_seconds > config.alerts.outbox_lag_seconds) {
      const std::int64_t hour = at.nanos / kNanosPerSecond / kHour;
      found.push_back({merchant, "", "outbox-lag", state.name + " " + std::to_string(hour),
                       "Messages for " + state.name + " have waited for " +
                           std::to_string(state.lag_seconds) + " seconds; " +
                           std::to_string(state.waiting) + " were tried" +
                           (state.disabled ? "; the endpoint has answered 410 Gone" : "")});
    }
    const auto old = std::find_if(before.begin(), before.end(),
                                  [&](const EndpointState& one) { return one.name == state.name; });
    if (old != before.end() && state.dead > old->dead) {
      found.push_back({merchant, "", "dead-letter", state.name + " " + std::to_string(state.dead),
                       std::to_string(state.dead) + " messages for " + state.name +
                           " could not be delivered in three days; `holdfast outbox` sends them "
                           "again"});
    }
  }
  return found;
}

}  // namespace holdfast
