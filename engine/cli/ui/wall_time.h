// WallTime: now, by this machine's clock.
#pragma once

#include <chrono>

#include "engine/base/time.h"

namespace holdfast::cli {

inline EventTime WallTime() {
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(
              std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

}  // namespace holdfast::cli
