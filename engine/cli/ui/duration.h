// Durations for people.
// Pure function; any thread.
#pragma once

#include <cstdint>
#include <string>

namespace holdfast::cli {

// "45 s", "12 min", "3 h 12 min", "2 d 5 h". Negative durations count as zero.
std::string DurationText(std::int64_t seconds);

}  // namespace holdfast::cli
