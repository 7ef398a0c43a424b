// Series: what happened to one key, in time order, so that windows over it can be counted.
//
// The latest kHead entries are kept one by one: any window that reaches back no further is exact. A
// hot key's older entries are kept in buckets, each as large as a fifteenth of what is newer at
// most; a window that cuts a bucket takes its share by time, which is wrong by less than 7 % of
// what it counts when entries come about in the order of their times (exponential histogram, Datar
// et al., 2002). `Distinct` beyond the latest kHead
// entries is estimated with a standard error of 3.25 % (Sketch). A key costs O(log n) memory.
//
// Time:   event time only. A late entry takes the place of its own time; a window therefore gives
//         the same answer in whatever order its entries arrived, as long as they are kept one by
//         one.
// Sums:   of values rounded to a millionth and added as whole numbers, so that they too do not
//         depend on the order of arrival.
// Cost:   Count O(log kHead) without `without`, all else O(kHead) at most.
// Threads: thread-compatible.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/coding.h"
#include "engine/base/time.h"
#include "engine/store/sketch.h"

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
  static constexpr std::size_t kHead = 512;

  struct Entry {
    EventTime at;
    std::uint64_t source = 0;  // the order or event it stems from
    double number = 0;         // for sums and extremes; NaN: not known
    std::uint64_t digest = 0;  // for distinct; 0: none, not counted
  };

  // Adds an entry in its place: after those of the same time.
  void Add(const Entry& entry);

  // Takes out every entry that stems from `source` and is kept one by one.
  void Remove(std::uint64_t source);

  // The time of the first entry that stems from `source`, of those that are kept one by one.
  std::optional<EventTime> FirstOf(std::uint64_t source) const;

  // `without`: a source whose entries do not count, or 0. In buckets they do count.
  std::int64_t Count(const Window& window, std::uint64_t without = 0) const;
  double Sum(const Window& window, std::uint64_t without = 0) const;
  std::int64_t Distinct(const Window& window, std::uint64_t without = 0) const;
  // How many entries in the window have this digest; of those in buckets as large a part as of
  // those that are kept one by one.
  std::int64_t CountOf(const Window& window, std::uint64_t digest) const;
  // True when an entry in the window has this digest; of those that are kept one by one.
  bool Has(const Window& window, std::uint64_t digest, std::uint64_t without = 0) const;
  // True when a number in the window is not known: then no sum or extreme of it is.
  bool HasUnknown(const Window& window, std::uint64_t without = 0) const;
  // Nothing for a window without entries.
  std::optional<double> Min(const Window& window) const;
  std::optional<double> Max(const Window& window) const;
  std::optional<EventTime> FirstAt(const Window& window, std::uint64_t without = 0) const;
  std::optional<EventTime> LastAt(const Window& window, std::uint64_t without = 0) const;

  // Brings the latest entries near.
  void Prefetch() const {
    if (!head_.empty()) __builtin_prefetch(&head_.back());
  }

  bool empty() const { return head_.empty() && tail_ == nullptr; }
  // The memory it takes, about.
  std::size_t bytes() const;

  void Encode(std::string& out) const;
  static Series Decode(ByteReader& in);

 private:
  // What entries from `first` to `last` came to.
  struct Bucket {
    EventTime first, last;
    int level = 0;  // it began as 2^level chunks
    std::int64_t count = 0;
    __int128 sum = 0;  // millionths
    double least = 0, most = 0;
    std::int64_t unknown = 0;
    std::unique_ptr<Sketch> digests;  // null: nobody asks

    void Take(const Entry& entry);
    void Take(const Bucket& later);
    // Which part of it falls into the window, if its entries came evenly.
    double Share(const Window& window) const;
  };
  static constexpr std::size_t kChunk = 16;     // entries that leave the head at once
  static constexpr std::size_t kPerLevel = 16;  // buckets of one size

  struct Bounds {
    std::size_t first, end;
  };
  Bounds Find(const Window& window) const;
  // Calls `visit` with the buckets that reach into the window.
  template <typename Visit>
  void ForBuckets(const Window& window, Visit visit) const;
  void Spill();
  void MergeBuckets();

  std::vector<Entry> head_;                    // ascending
  std::unique_ptr<std::vector<Bucket>> tail_;  // ascending, before the head; null while it is small
};

}  // namespace holdfast
