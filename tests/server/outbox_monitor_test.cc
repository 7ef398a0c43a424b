// The alerts about the outbox: one lag is told once, until it has ended.
#include <doctest/doctest.h>

#include "engine/server/outbox_monitor.h"

namespace holdfast {
namespace {

constexpr std::int64_t kHour = 3600;

// An endpoint of which the oldest message waits since `since`, as of `now`; in seconds.
EndpointState Waiting(std::int64_t since, std::int64_t now, std::uint64_t dead = 0) {
  EndpointState state;
  state.name = "warehouse";
  state.lag_seconds = now - since;
  state.waits_since = since;
  state.dead = dead;
  return state;
}

ServeConfig Config() {
  ServeConfig config;
  config.alerts.outbox_lag_seconds = 300;
  return config;
}

TEST_CASE("outbox monitor: a lag across full hours is told once") {
  const ServeConfig config = Config();
  OutboxMonitor monitor;
  const std::int64_t since = 1000 * kHour - 305;  // it is told just before a full hour
  std::size_t told = 0;
  for (std::int64_t now = since; now < since + 3 * kHour; now += 5) {
    told += monitor.Check(config, {Waiting(since, now)}).size();
  }
  CHECK(told == 1);
}

TEST_CASE("outbox monitor: a lag is told again after it has ended, not while it goes up and down") {
  const ServeConfig config = Config();
  OutboxMonitor monitor;
  const std::int64_t since = 1000 * kHour;
  const auto first = monitor.Check(config, {Waiting(since, since + 301)});
  REQUIRE(first.size() == 1);
  CHECK(first[0].name == "outbox-lag");
  // The oldest message has left, and the next waits about as long.
  CHECK(monitor.Check(config, {Waiting(since + 20, since + 310)}).empty());
  CHECK(monitor.Check(config, {Waiting(since + 20, since + 325)}).empty());
  CHECK(monitor.Check(config, {Waiting(since + 400, since + 400)}).empty());  // it has ended
  const auto second = monitor.Check(config, {Waiting(since + 400, since + 701)});
  REQUIRE(second.size() == 1);
  CHECK(second[0].about != first[0].about);
}

TEST_CASE("outbox monitor: after a restart the same lag has the same name") {
  const ServeConfig config = Config();
  OutboxMonitor before, after;
  const auto first = before.Check(config, {Waiting(kHour, kHour + 301)});
  const auto again = after.Check(config, {Waiting(kHour, 2 * kHour)});
  REQUIRE(first.size() == 1);
  REQUIRE(again.size() == 1);
  CHECK(first[0].about == again[0].about);  // so the second alert is a known event
}

TEST_CASE("outbox monitor: each further dead letter is told, those of before the start are not") {
  const ServeConfig config = Config();
  OutboxMonitor monitor;
  CHECK(monitor.Check(config, {Waiting(0, 0, 2)}).empty());
  CHECK(monitor.Check(config, {Waiting(0, 5, 3)}).size() == 1);
  CHECK(monitor.Check(config, {Waiting(0, 10, 3)}).empty());
}

}  // namespace
}  // namespace holdfast
