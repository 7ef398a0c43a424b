// Time: event time in nanoseconds, RFC 3339 text, Go-style duration text.
//
// Nothing here reads a clock: times come from events.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

inline constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

// A moment, in nanoseconds since 1970-01-01T00:00:00Z. Holds 1677-09-22 to 2262-04-10.
struct EventTime {
  std::int64_t nanos = 0;
  friend auto operator<=>(const EventTime&, const EventTime&) = default;
};

// A moment as CEL knows it: 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z.
struct WideTime {
  std::int64_t seconds = 0;  // since 1970, rounded down
  std::uint32_t nanos = 0;   // 0..999'999'999
};
inline constexpr std::int64_t kWideTimeMinSeconds = -62'135'596'800;
inline constexpr std::int64_t kWideTimeMaxSeconds = 253'402'300'799;

// A civil date and time of day.
struct CivilTime {
  std::int64_t year = 1970;
  int month = 1;  // 1..12
  int day = 1;    // 1..31
  int hour = 0, minute = 0, second = 0;
  int weekday = 4;   // 0 = Sunday
  int year_day = 1;  // 1..366
};

// Reads RFC 3339 ("2026-11-20T08:15:30.25Z", "...+02:00"); nothing for any other text, for a date
// that does not exist (2019-11-31) and for a moment outside WideTime.
std::optional<WideTime> ParseRfc3339(std::string_view text);

// As above, within EventTime's range and not before 1970.
std::optional<EventTime> ParseEventTime(std::string_view text);

// RFC 3339 in UTC with only the fraction digits that are needed.
std::string FormatRfc3339(WideTime time);
std::string FormatRfc3339(EventTime time);

// The civil time in UTC of `seconds` since 1970.
CivilTime ToCivil(std::int64_t seconds);

// Seconds since 1970 of a civil time in UTC; nothing for a date or time that does not exist.
std::optional<std::int64_t> FromCivil(std::int64_t year, int month, int day, int hour, int minute,
                                      int second);

// Reads Go's duration syntax ("1h30m", "-1.5s", "0"; units h m s ms us ns); nothing when malformed
// or beyond int64 nanoseconds.
std::optional<std::int64_t> ParseDuration(std::string_view text);

// Reads a pack's duration ("90s", "15m", "24h", "7d", "2w"): a positive whole number and one unit.
std::optional<std::int64_t> ParseSpan(std::string_view text);
// The same the other way, in the largest unit that leaves no rest: "36h".
std::string FormatSpan(std::int64_t nanos);

// Decimal seconds and "s": "60.001s".
std::string FormatDuration(std::int64_t nanos);

// Seconds that `zone` is ahead of UTC at that moment. `zone` is "UTC", an IANA name, or an offset
// ("+05:30", "-09:30", "02:00"); nothing for an unknown zone.
std::optional<std::int64_t> ZoneOffsetSeconds(std::string_view zone, std::int64_t seconds);
// The names of all IANA zones.
std::vector<std::string> ZoneNames();

// Reads `text` by a strptime-like `format` (%Y %m %d %H %M %S ...) as local time in `zone`.
// Nothing when the text does not match to its end, the date does not exist, or it is not within the
// years 1685 to 2254.
std::optional<WideTime> ParseTimeAs(const std::string& text, const std::string& format,
                                    std::string_view zone);

}  // namespace holdfast
