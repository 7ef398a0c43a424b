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

std::vector<AlertMonitor::Finding> OutboxMonitor::Check(const ServeConfig& config,
                                                        const std::vector<EndpointState>& states) {
  std::vector<AlertMonitor::Finding> found;
  for (const EndpointState& state : states) {
    const std::string merchant = MerchantOf(config, state.name);
    const std::int64_t most = config.alerts.outbox_lag_seconds;
    // A lag about as long as allowed must not raise an alert again and again.
    if (state.lag_seconds <= most / 2) lagging_.erase(state.name);
    if (state.lag_seconds > most && lagging_.insert(state.name).second) {
      // Named by its beginning, so that a restart raises no second alert for the lag.
      const EventTime since{state.waits_since * kNanosPerSecond};
      found.push_back({merchant, "", "outbox-lag", state.name + " " + FormatRfc3339(since),
                       "Messages for " + state.name + " have waited for " +
                           std::to_string(state.lag_seconds) + " seconds; " +
                           std::to_string(state.waiting) + " were tried" +
                           (state.disabled ? "; the endpoint has answered 410 Gone" : "")});
    }
    const auto [before, first] = dead_.try_emplace(state.name, state.dead);
    if (!first && state.dead > before->second) {
      found.push_back({merchant, "", "dead-letter", state.name + " " + std::to_string(state.dead),
                       std::to_string(state.dead) + " messages for " + state.name +
                           " could not be delivered in three days; `holdfast outbox` sends them "
                           "again"});
    }
    before->second = state.dead;
  }
  return found;
}

}  // namespace holdfast
