// Now, by this machine's clock: for what runs in real time. Decisions take their time from events.
// Threads: any.
#pragma once

#include <chrono>

#include "engine/base/time.h"

namespace holdfast {

inline EventTime WallTime() {
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(
              std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

// Seconds since 1970.
inline std::int64_t WallSeconds() { return WallTime().nanos / kNanosPerSecond; }

}  // namespace holdfast
