#include "engine/store/series.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>

namespace holdfast {
namespace {

constexpr double kScale = 1e6;

__int128 Millionths(double number) {
  // Beyond this a double has no millionths left; the bound keeps the sum of any number of entries
  // within 128 bits.
  constexpr double kMax = 1e24;
  const double scaled = number * kScale;
  if (std::isnan(scaled)) return 0;
  return static_cast<__int128>(std::nearbyint(std::clamp(scaled, -kMax, kMax)));
}

}  // namespace

Window Window::Ending(EventTime until, std::int64_t span) {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  const std::int64_t after = until.nanos < kMin + span ? kMin : until.nanos - span;
  return {{after}, until};
}

Window Window::Ever(EventTime until) { return {{std::numeric_limits<std::int64_t>::min()}, until}; }

void Series::Add(const Entry& entry) {
  const auto place = std::upper_bound(entries_.begin(), entries_.end(), entry.at,
                                      [](EventTime at, const Entry& e) { return at < e.at; });
  const auto index = static_cast<std::size_t>(place - entries_.begin());
  entries_.insert(place, entry);
  ++digests_[entry.digest];
  unknown_ += std::isnan(entry.number) ? 1 : 0;
  Rebuild(index);
}

void Series::Remove(std::uint64_t source) {
  const auto mine = [source](const Entry& entry) { return entry.source == source; };
  const auto first = std::find_if(entries_.begin(), entries_.end(), mine);
  if (first == entries_.end()) return;
  const auto index = static_cast<std::size_t>(first - entries_.begin());
  for (auto entry = first; entry != entries_.end(); ++entry) {
    if (!mine(*entry)) continue;
    unknown_ -= std::isnan(entry->number) ? 1 : 0;
    const auto counted = digests_.find(entry->digest);
    if (--counted->second == 0) digests_.erase(counted);
  }
  entries_.erase(std::remove_if(first, entries_.end(), mine), entries_.end());
  Rebuild(index);
}

void Series::Rebuild(std::size_t from) {
  sums_.resize(entries_.size());
  for (std::size_t i = from; i < entries_.size(); ++i) {
    sums_[i] = (i == 0 ? 0 : sums_[i - 1]) + Millionths(entries_[i].number);
  }
}

Series::Bounds Series::Find(const Window& window) const {
  const auto later = [](EventTime at, const Entry& e) { return at < e.at; };
  const auto first = std::upper_bound(entries_.begin(), entries_.end(), window.after, later);
  const auto end = std::upper_bound(first, entries_.end(), window.until, later);
  return {static_cast<std::size_t>(first - entries_.begin()),
          static_cast<std::size_t>(end - entries_.begin())};
}

std::optional<EventTime> Series::FirstOf(std::uint64_t source) const {
  for (const Entry& entry : entries_) {
    if (entry.source == source) return entry.at;
  }
  return std::nullopt;
}

std::int64_t Series::Count(const Window& window, std::uint64_t without) const {
  const auto [first, end] = Find(window);
  std::int64_t count = static_cast<std::int64_t>(end) - static_cast<std::int64_t>(first);
  if (without == 0) return count;
  for (std::size_t i = first; i < end; ++i) count -= entries_[i].source == without ? 1 : 0;
  return count;
}

double Series::Sum(const Window& window, std::uint64_t without) const {
  const auto [first, end] = Find(window);
  if (first == end) return 0;
  __int128 sum = sums_[end - 1] - (first == 0 ? 0 : sums_[first - 1]);
  if (without != 0) {
    for (std::size_t i = first; i < end; ++i) {
      if (entries_[i].source == without) sum -= Millionths(entries_[i].number);
    }
  }
  return static_cast<double>(sum) / kScale;
}

std::int64_t Series::Distinct(const Window& window, std::uint64_t without) const {
  const auto [first, end] = Find(window);
  if (without == 0 && first == 0 && end == entries_.size()) {
    return static_cast<std::int64_t>(digests_.size());
  }
  std::unordered_set<std::uint64_t> seen;
  for (std::size_t i = first; i < end; ++i) {
    if (without == 0 || entries_[i].source != without) seen.insert(entries_[i].digest);
  }
  return static_cast<std::int64_t>(seen.size());
}

bool Series::Has(const Window& window, std::uint64_t digest, std::uint64_t without) const {
  if (!digests_.contains(digest)) return false;
  const auto [first, end] = Find(window);
  for (std::size_t i = first; i < end; ++i) {
    if (entries_[i].digest == digest && (without == 0 || entries_[i].source != without))
      return true;
  }
  return false;
}

bool Series::HasUnknown(const Window& window, std::uint64_t without) const {
  if (unknown_ == 0) return false;
  const auto [first, end] = Find(window);
  for (std::size_t i = first; i < end; ++i) {
    if (std::isnan(entries_[i].number) && (without == 0 || entries_[i].source != without))
      return true;
  }
  return false;
}

std::optional<double> Series::Min(const Window& window) const {
  const auto [first, end] = Find(window);
  std::optional<double> least;
  for (std::size_t i = first; i < end; ++i) {
    if (!least || entries_[i].number < *least) least = entries_[i].number;
  }
  return least;
}

std::optional<double> Series::Max(const Window& window) const {
  const auto [first, end] = Find(window);
  std::optional<double> most;
  for (std::size_t i = first; i < end; ++i) {
    if (!most || entries_[i].number > *most) most = entries_[i].number;
  }
  return most;
}

std::optional<EventTime> Series::FirstAt(const Window& window, std::uint64_t without) const {
  const auto [first, end] = Find(window);
  for (std::size_t i = first; i < end; ++i) {
    if (without == 0 || entries_[i].source != without) return entries_[i].at;
  }
  return std::nullopt;
}

std::optional<EventTime> Series::LastAt(const Window& window, std::uint64_t without) const {
  const auto [first, end] = Find(window);
  for (std::size_t i = end; i > first; --i) {
    if (without == 0 || entries_[i - 1].source != without) return entries_[i - 1].at;
  }
  return std::nullopt;
}

}  // namespace holdfast
