#include "engine/server/in_flight.h"

namespace holdfast {

InFlight* InFlightLimits::FindRoom(std::string_view who, std::size_t events, std::size_t bytes,
                                   const LimitConfig& limits) {
  const auto has_room = [&](const InFlight& of, std::size_t most, std::size_t most_bytes) {
    return of.events + events <= most && of.bytes + bytes <= most_bytes;
  };
  if (!has_room(all_, limits.in_flight, limits.in_flight_bytes)) return nullptr;
  InFlight* sender = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto known = by_sender_.find(who);
    sender = known != by_sender_.end() ? &known->second : &by_sender_[std::string(who)];
  }
  // A sender with nothing in flight may exceed its share. Otherwise an input larger than the share
  // could never be sent.
  if (sender->events > 0 && !has_room(*sender, LimitConfig::ShareOfOne(limits.in_flight),
                                      LimitConfig::ShareOfOne(limits.in_flight_bytes))) {
    return nullptr;
  }
  return sender;
}

void InFlightLimits::Add(InFlight& sender, std::size_t events, std::size_t bytes) {
  for (InFlight* counter : {&sender, &all_}) {
    counter->events += events;
    counter->bytes += bytes;
  }
}

void InFlightLimits::Remove(InFlight& sender, std::size_t events, std::size_t bytes) {
  for (InFlight* counter : {&sender, &all_}) {
    counter->events -= events;
    counter->bytes -= bytes;
  }
}

}  // namespace holdfast
