// Series: what happened to one key, in time order, so that any window over it is exact.
//
// Time:   event time only. A late entry takes the place of its own time; a window therefore gives
//         the same answer in whatever order its entries arrived.
// Sums:   of values rounded to a millionth and added as whole numbers, so that they too do not
//         depend on the order of arrival.
// Cost:   Count and Sum O(log n); Min, Max and Distinct O(entries in the window), Distinct over all
//         time O(1). Add at the end O(1), a late one O(n).
// Threads: thread-compatible.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "engine/base/time.h"

namespace holdfast {

// (after, until]: entries later than `after` and not later than `until`.
struct Window {
  EventTime after;
  EventTime until;

  // The `span` nanoseconds that end with `until`.
  static Window Ending(EventTime until, std::int64_t span);
  // Everything not later than `until`.
  static Window Ever(EventTime until);
};

class Series {
 public:
  struct Entry {
    EventTime at;
    std::uint64_t source = 0;  // the order or event it stems from
    double number = 0;         // for sums and extremes; NaN: not known
    std::uint64_t digest = 0;  // for distinct
  };

  // Adds an entry in its place: after those of the same time.
  void Add(const Entry& entry);

  // Takes out every entry that stems from `source`.
  void Remove(std::uint64_t source);

  // The time of the first entry that stems from `source`.
  std::optional<EventTime> FirstOf(std::uint64_t source) const;

  // `without`: a source whose entries do not count, or 0.
  std::int64_t Count(const Window& window, std::uint64_t without = 0) const;
  double Sum(const Window& window, std::uint64_t without = 0) const;
  std::int64_t Distinct(const Window& window, std::uint64_t without = 0) const;
  // True when an entry in the window has this digest.
  bool Has(const Window& window, std::uint64_t digest, std::uint64_t without = 0) const;
  // True when a number in the window is not known: then no sum or extreme of it is.
  bool HasUnknown(const Window& window, std::uint64_t without = 0) const;
  // Nothing for a window without entries.
  std::optional<double> Min(const Window& window) const;
  std::optional<double> Max(const Window& window) const;
  std::optional<EventTime> FirstAt(const Window& window, std::uint64_t without = 0) const;
  std::optional<EventTime> LastAt(const Window& window, std::uint64_t without = 0) const;

  bool empty() const { return entries_.empty(); }

 private:
  struct Bounds {
    std::size_t first, end;
  };
  Bounds Find(const Window& window) const;
  void Rebuild(std::size_t from);

  std::vector<Entry> entries_;
  std::size_t unknown_ = 0;     // entries whose number is not known
  std::vector<__int128> sums_;  // sums_[i]: millionths of entries_[0..i]
  std::unordered_map<std::uint64_t, std::uint32_t> digests_;  // how many entries have each
};

}  // namespace holdfast
