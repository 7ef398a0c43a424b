#include "engine/base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

namespace holdfast {
namespace {

// Optimal string alignment distance, or more than `limit`.
std::size_t EditDistance(std::string_view a, std::string_view b, std::size_t limit) {
  if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + cost});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace

std::string ToLowerAscii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

std::string EvenedAscii(std::string_view text) {
  std::string evened;
  bool between = false;
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool kept = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      static_cast<signed char>(c) < 0;
    if (!kept) {
      between = true;
      continue;
    }
    if (between && !evened.empty()) evened += ' ';
    between = false;
    evened += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return evened;
}

std::string ToConstantName(std::string_view text) {
  std::string name(text);
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') {
      c = static_cast<char>(c - 32);
    } else if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) {
      c = '_';
    }
  }
  return name;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string_view DidYouMean(std::string_view wrong,
                            const std::vector<std::string_view>& candidates) {
  std::string_view best;
  std::size_t best_distance = 0;
  const std::string lower = ToLowerAscii(wrong);
  for (const std::string_view candidate : candidates) {
    const std::size_t limit =
        std::max<std::size_t>(1, std::max(wrong.size(), candidate.size()) / 3);
    const std::size_t distance = EditDistance(lower, ToLowerAscii(candidate), limit);
    if (distance <= limit && (best.empty() || distance < best_distance)) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string OrList(const std::vector<std::string_view>& words, std::size_t limit) {
  std::string text;
  const std::size_t shown = std::min(words.size(), limit);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  if (shown < words.size()) text += ", ...";
  return text;
}

std::string Grouped(unsigned long long number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string Shown(std::string_view value) {
  constexpr std::size_t kLongest = 60;
  std::string text = "\"";
  text += value.substr(0, kLongest);
  text += value.size() > kLongest ? "...\"" : "\"";
  return text;
}

std::string GroupedAmount(std::string_view decimal) {
  const std::size_t begin = decimal.starts_with('-') ? 1 : 0;
  const std::size_t end = std::min(decimal.find('.'), decimal.size());
  std::string text(decimal);
  for (std::size_t at = end; at > begin + 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string DurationInWords(std::int64_t nanos) {
  constexpr std::int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;
  const bool negative = nanos < 0;
  const auto magnitude =
      negative ? ~static_cast<std::uint64_t>(nanos) + 1 : static_cast<std::uint64_t>(nanos);
  const auto seconds = static_cast<std::int64_t>(magnitude / std::int64_t{1'000'000'000});
  const auto part = [](std::int64_t count, const char* unit) {
    return std::to_string(count) + " " + unit + (count == 1 ? "" : "s");
  };
  // In whole units of `small`, told with those of `large`.
  const auto both = [&](std::int64_t large, const char* large_name, std::int64_t small,
                        const char* small_name) {
    const std::int64_t rounded = (seconds + small / 2) / small;
    const std::int64_t rest = rounded % (large / small);
    return part(rounded / (large / small), large_name) +
           (rest == 0 ? "" : " " + part(rest, small_name));
  };
  std::string text = negative && seconds > 0 ? "-" : "";
  if (seconds < kMinute) return text + part(seconds, "second");
  const std::int64_t minutes = (seconds + kMinute / 2) / kMinute;
  if (minutes < kHour / kMinute) return text + part(minutes, "minute");
  if (seconds < kDay - kMinute / 2) return text + both(kHour, "hour", kMinute, "minute");
  return text + both(kDay, "day", kHour, "hour");
}

std::string FormatDouble(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  char buffer[64];
  const double magnitude = std::fabs(value);
  const bool fixed = magnitude == 0 || (magnitude >= 1e-6 && magnitude < 1e21);
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value,
                                 fixed ? std::chars_format::fixed : std::chars_format::scientific);
  return std::string(buffer, end.ptr);
}

}  // namespace holdfast
