#include "engine/cli/ui/duration.h"

#include <algorithm>

namespace holdfast::cli {

std::string DurationText(std::int64_t seconds) {
  constexpr std::int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;
  // The larger unit, and the rest in the smaller one where there is a rest.
  const auto text = [seconds](std::int64_t unit, const char* name, std::int64_t part,
                              const char* part_name) {
    const std::int64_t rest = seconds % unit / part;
    return std::to_string(seconds / unit) + name +
           (rest == 0 ? std::string() : " " + std::to_string(rest) + part_name);
  };
  if (seconds < kMinute) return std::to_string(std::max<std::int64_t>(seconds, 0)) + " s";
  if (seconds < kHour) return std::to_string(seconds / kMinute) + " min";
  if (seconds < kDay) return text(kHour, " h", kMinute, " min");
  return text(kDay, " d", kHour, " h");
}

}  // namespace holdfast::cli
