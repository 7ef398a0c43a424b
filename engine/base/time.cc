#include "engine/base/time.h"

// As Debian builds the library: it reads the system's zones. The layout of its classes depends on
// it.
#define USE_OS_TZDB 1
#include <date/date.h>
#include <date/tz.h>

#include <array>
#include <limits>
#include <sstream>

namespace holdfast {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;

bool Digits(std::string_view text, std::size_t at, std::size_t count, int& out) {
  if (at + count > text.size()) return false;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    const char c = text[i];
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  out = value;
  return true;
}

// "+hh:mm" or "-hh:mm" or "hh:mm", in seconds.
std::optional<std::int64_t> ParseOffset(std::string_view text) {
  std::int64_t sign = 1;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
  }
  int hours = 0, minutes = 0;
  if (text.size() != 5 || text[2] != ':' || !Digits(text, 0, 2, hours) ||
      !Digits(text, 3, 2, minutes) || hours > 23 || minutes > 59) {
    return std::nullopt;
  }
  return sign * (hours * 3600 + minutes * 60);
}

std::string FractionText(std::uint32_t nanos) {
  if (nanos == 0) return {};
  std::string digits(9, '0');
  for (int i = 8; i >= 0; --i, nanos /= 10)
    digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + nanos % 10);
  digits.erase(digits.find_last_not_of('0') + 1);
  return "." + digits;
}

}  // namespace

std::optional<std::int64_t> FromCivil(std::int64_t year, int month, int day, int hour, int minute,
                                      int second) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return std::nullopt;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
    return std::nullopt;
  }
  const date::year_month_day ymd(date::year(static_cast<int>(year)),
                                 date::month(static_cast<unsigned>(month)),
                                 date::day(static_cast<unsigned>(day)));
  if (!ymd.ok()) return std::nullopt;
  const std::int64_t days = date::sys_days(ymd).time_since_epoch().count();
  return days * kSecondsPerDay + hour * 3600 + minute * 60 + second;
}

CivilTime ToCivil(std::int64_t seconds) {
  const date::sys_seconds moment{std::chrono::seconds(seconds)};
  const date::sys_days day = date::floor<date::days>(moment);
  const date::year_month_day ymd(day);
  const auto rest = (moment - day).count();
  CivilTime civil;
  civil.year = static_cast<int>(ymd.year());
  civil.month = static_cast<int>(static_cast<unsigned>(ymd.month()));
  civil.day = static_cast<int>(static_cast<unsigned>(ymd.day()));
  civil.hour = static_cast<int>(rest / 3600);
  civil.minute = static_cast<int>(rest / 60 % 60);
  civil.second = static_cast<int>(rest % 60);
  civil.weekday = static_cast<int>(date::weekday(day).c_encoding());
  civil.year_day = static_cast<int>((day - date::sys_days(ymd.year() / 1 / 1)).count()) + 1;
  return civil;
}

std::optional<WideTime> ParseRfc3339(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' ||
      (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  if (!Digits(text, 0, 4, year) || !Digits(text, 5, 2, month) || !Digits(text, 8, 2, day) ||
      !Digits(text, 11, 2, hour) || !Digits(text, 14, 2, minute) || !Digits(text, 17, 2, second)) {
    return std::nullopt;
  }
  std::size_t at = 19;
  std::uint32_t nanos = 0;
  if (text[at] == '.') {
    std::uint32_t scale = 100'000'000;
    const std::size_t first = ++at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      if (at - first >= 9) continue;  // beyond nanoseconds: cut off
      nanos += static_cast<std::uint32_t>(text[at] - '0') * scale;
      scale /= 10;
    }
    if (at == first) return std::nullopt;
  }
  const std::string_view zone = text.substr(at);
  std::int64_t offset = 0;
  if (zone != "Z" && zone != "z") {
    if (zone.empty() || (zone.front() != '+' && zone.front() != '-')) return std::nullopt;
    const auto parsed = ParseOffset(zone);
    if (!parsed) return std::nullopt;
    offset = *parsed;
  }
  const auto local = FromCivil(year, month, day, hour, minute, second);
  if (!local) return std::nullopt;
  const std::int64_t seconds = *local - offset;
  if (seconds < kWideTimeMinSeconds || seconds > kWideTimeMaxSeconds) return std::nullopt;
  return WideTime{seconds, nanos};
}

std::optional<EventTime> ParseEventTime(std::string_view text) {
  const auto wide = ParseRfc3339(text);
  constexpr std::int64_t kMaxSeconds =
      std::numeric_limits<std::int64_t>::max() / kNanosPerSecond - 1;
  if (!wide || wide->seconds < 0 || wide->seconds > kMaxSeconds) return std::nullopt;
  return EventTime{wide->seconds * kNanosPerSecond + wide->nanos};
}

std::string FormatRfc3339(WideTime time) {
  const CivilTime civil = ToCivil(time.seconds);
  std::array<char, 24> buffer{};
  auto put = [&buffer](std::size_t at, std::int64_t value, int digits) {
    for (int i = digits - 1; i >= 0; --i, value /= 10) {
      buffer[at + static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
    }
  };
  put(0, civil.year, 4);
  buffer[4] = '-';
  put(5, civil.month, 2);
  buffer[7] = '-';
  put(8, civil.day, 2);
  buffer[10] = 'T';
  put(11, civil.hour, 2);
  buffer[13] = ':';
  put(14, civil.minute, 2);
  buffer[16] = ':';
  put(17, civil.second, 2);
  return std::string(buffer.data(), 19) + FractionText(time.nanos) + "Z";
}

std::string FormatRfc3339(EventTime time) {
  std::int64_t seconds = time.nanos / kNanosPerSecond;
  std::int64_t nanos = time.nanos % kNanosPerSecond;
  if (nanos < 0) {
    nanos += kNanosPerSecond;
    --seconds;
  }
  return FormatRfc3339(WideTime{seconds, static_cast<std::uint32_t>(nanos)});
}

std::optional<std::int64_t> ParseDuration(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text.empty()) return std::nullopt;
  if (text == "0") return 0;
  __int128 total = 0;
  constexpr __int128 kMax = std::numeric_limits<std::int64_t>::max();
  while (!text.empty()) {
    __int128 whole = 0;
    std::size_t at = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      whole = whole * 10 + (text[at] - '0');
      if (whole > kMax) return std::nullopt;
    }
    std::size_t digits = at;
    __int128 fraction = 0, scale = 1;
    if (at < text.size() && text[at] == '.') {
      for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
        ++digits;
        if (scale < 1'000'000'000'000'000) {
          fraction = fraction * 10 + (text[at] - '0');
          scale *= 10;
        }
      }
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(at);
    __int128 unit = 0;
    std::size_t length = 1;
    if (text.substr(0, 2) == "ms") {
      unit = 1'000'000, length = 2;
    } else if (text.substr(0, 2) == "us") {
      unit = 1'000, length = 2;
    } else if (text.substr(0, 3) == "\u00b5s" || text.substr(0, 3) == "\u03bcs") {
      unit = 1'000, length = 3;
    } else if (text.substr(0, 2) == "ns") {
      unit = 1, length = 2;
    } else if (text.substr(0, 1) == "h") {
      unit = __int128{3600} * kNanosPerSecond;
    } else if (text.substr(0, 1) == "m") {
      unit = __int128{60} * kNanosPerSecond;
    } else if (text.substr(0, 1) == "s") {
      unit = kNanosPerSecond;
    } else {
      return std::nullopt;
    }
    text.remove_prefix(length);
    total += whole * unit + fraction * unit / scale;
    if (total > kMax + 1) return std::nullopt;
  }
  if (negative) total = -total;
  if (total > kMax) return std::nullopt;
  return static_cast<std::int64_t>(total);
}

std::string FormatSpan(std::int64_t nanos) {
  constexpr std::pair<std::int64_t, char> kUnits[] = {
      {kSecondsPerDay, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
  const std::int64_t seconds = nanos / kNanosPerSecond;
  for (const auto& [unit, letter] : kUnits) {
    if (seconds % unit == 0) return std::to_string(seconds / unit) + letter;
  }
  return std::to_string(seconds) + "s";
}

std::optional<std::int64_t> ParseSpan(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  std::int64_t unit = 0;
  switch (text.back()) {
    case 's':
      unit = 1;
      break;
    case 'm':
      unit = 60;
      break;
    case 'h':
      unit = 3600;
      break;
    case 'd':
      unit = kSecondsPerDay;
      break;
    case 'w':
      unit = 7 * kSecondsPerDay;
      break;
    default:
      return std::nullopt;
  }
  std::int64_t value = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
    if (value > 36'500 * kSecondsPerDay) return std::nullopt;
  }
  constexpr std::int64_t kMaxSeconds = 36'500 * kSecondsPerDay;  // a hundred years
  if (value == 0 || value > kMaxSeconds / unit) return std::nullopt;
  return value * unit * kNanosPerSecond;
}

std::string FormatDuration(std::int64_t nanos) {
  const bool negative = nanos < 0;
  const std::uint64_t magnitude =
      negative ? ~static_cast<std::uint64_t>(nanos) + 1 : static_cast<std::uint64_t>(nanos);
  std::string text = negative ? "-" : "";
  text += std::to_string(magnitude / kNanosPerSecond);
  text += FractionText(static_cast<std::uint32_t>(magnitude % kNanosPerSecond));
  return text + "s";
}

std::optional<std::int64_t> ZoneOffsetSeconds(std::string_view zone, std::int64_t seconds) {
  if (zone.empty() || zone == "UTC" || zone == "Z") return 0;
  if (const auto offset = ParseOffset(zone)) return offset;
  try {
    const date::time_zone* found = date::locate_zone(std::string(zone));
    return found->get_info(date::sys_seconds{std::chrono::seconds(seconds)}).offset.count();
  } catch (const std::exception&) {
    return std::nullopt;  // the library's only way to say "no such zone"
  }
}

std::vector<std::string> ZoneNames() {
  std::vector<std::string> names;
  for (const date::time_zone& zone : date::get_tzdb().zones) names.push_back(zone.name());
  return names;
}

std::optional<WideTime> ParseTimeAs(const std::string& text, const std::string& format,
                                    std::string_view zone) {
  // Parse whole seconds first: years beyond the range of nanoseconds would overflow.
  date::local_seconds whole;
  std::istringstream first_look(text);
  first_look >> date::parse(format, whole);
  constexpr std::int64_t kMost = 9'000'000'000;  // the years 1684 to 2255
  const std::int64_t about = whole.time_since_epoch().count();
  if (first_look.fail() || about < -kMost || about > kMost) return std::nullopt;
  std::istringstream in(text);
  date::local_time<std::chrono::nanoseconds> local;
  in >> date::parse(format, local);
  if (in.fail() || in.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
  const std::int64_t nanos = local.time_since_epoch().count();
  std::int64_t seconds = nanos / kNanosPerSecond;
  if (nanos % kNanosPerSecond < 0) --seconds;
  // The offset is looked up twice: first for the local time read as UTC, then for the time itself.
  // In the hour that is repeated when clocks change, the earlier time counts.
  const auto first = ZoneOffsetSeconds(zone, seconds);
  if (!first) return std::nullopt;
  const auto second = ZoneOffsetSeconds(zone, seconds - *first);
  if (!second) return std::nullopt;
  return WideTime{seconds - *second, static_cast<std::uint32_t>(nanos - seconds * kNanosPerSecond)};
}

}  // namespace holdfast
