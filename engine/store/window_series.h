// Series: the entries of one key in time order, such as the orders from one IP address. Counts,
// sums and other aggregates over a time window are computed from it.
//
// The newest kHead entries are stored one by one (the head); a window within the head is exact.
// Older entries are merged into buckets (the tail), which store only totals. So a key with n
// entries takes O(log n) memory. A bucket has at most a fifteenth as many entries as all newer
// ones.
// When a window starts or ends within a bucket, Count and Sum take the bucket's share by time. The
// error is below 7 % of the result when the entries arrived about in time order (exponential
// histogram, Datar et al., 2002). Min, Max and Distinct include the whole bucket. Distinct over
// buckets is an estimate with a standard error of 3.25 % (Sketch).
//
// Time:   the time of the event only. A late entry is put at its own time, so the result for a
//         window does not depend on the order of arrival, while entries are stored one by one.
// Sums:   values are rounded to a millionth and added as integers, so that a sum does not depend on
//         the order of arrival either.
// Cost:   Count is O(log kHead) without `without`; all else at most O(kHead).
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

// The time window (after, until]: `after` is not in it, `until` is.
struct Window {
  EventTime after;
  EventTime until;

  // The window of the last `span` nanoseconds up to `until`.
  static Window Ending(EventTime until, std::int64_t span);
  // The window without a start, up to `until`.
  static Window Ever(EventTime until);
};

class Series {
 public:
  static constexpr std::size_t kHead = 512;

  struct Entry {
    EventTime at;
    std::uint64_t source = 0;  // id of its order or event (SourceOf); Remove and `without` use it
    double number = 0;         // summed by Sum, compared by Min and Max; NaN: not known
    std::uint64_t digest = 0;  // hash of the value that Distinct counts; 0: not counted
  };

  // Inserts an entry by its time, after entries of the same time.
  void Add(const Entry& entry);

  // Removes the entries of `source` that are stored one by one. Entries in buckets stay.
  void Remove(std::uint64_t source);

  // The time of the first entry of `source` among those stored one by one; empty: none.
  std::optional<EventTime> FirstOf(std::uint64_t source) const;

  // `without`: a source whose entries are not counted; 0: none. In buckets they are counted.
  std::int64_t Count(const Window& window, std::uint64_t without = 0) const;
  double Sum(const Window& window, std::uint64_t without = 0) const;
  std::int64_t Distinct(const Window& window, std::uint64_t without = 0) const;
  // The number of entries in the window with this digest. Among entries in buckets their share is
  // taken to be the same as among those stored one by one.
  std::int64_t CountOf(const Window& window, std::uint64_t digest) const;
  // True when an entry in the window that is stored one by one has this digest.
  bool Has(const Window& window, std::uint64_t digest, std::uint64_t without = 0) const;
  // True when a number in the window is not known. Its sum, minimum and maximum are then unknown
  // too.
  bool HasUnknown(const Window& window, std::uint64_t without = 0) const;
  // Empty for a window without entries.
  std::optional<double> Min(const Window& window) const;
  std::optional<double> Max(const Window& window) const;
  std::optional<EventTime> FirstAt(const Window& window, std::uint64_t without = 0) const;
  std::optional<EventTime> LastAt(const Window& window, std::uint64_t without = 0) const;

  // The number of the latest entry, and the median of the numbers (the mean of the two middle ones
  // of an even count), of entries that are stored one by one. Empty when there is none, or when one
  // that is asked for is not known.
  std::optional<double> Last(const Window& window, std::uint64_t without = 0) const;
  std::optional<double> Median(const Window& window, std::uint64_t without = 0) const;

  // Prefetches the memory of the latest entries. Changes nothing.
  void Prefetch() const {
    if (!head_.empty()) __builtin_prefetch(&head_.back());
  }

  bool empty() const { return head_.empty() && tail_ == nullptr; }
  // The approximate memory, in bytes.
  std::size_t bytes() const;

  void Encode(std::string& out) const;
  static Series Decode(ByteReader& in);

 private:
  // The aggregate of the entries from `first` to `last`.
  struct Bucket {
    EventTime first, last;
    int level = 0;  // it was made for 2^level chunks of entries
    std::int64_t count = 0;
    __int128 sum = 0;  // millionths
    double least = 0, most = 0;
    std::int64_t unknown = 0;
    std::unique_ptr<Sketch> digests;  // null: no entry had a digest

    void Take(const Entry& entry);
    void Take(const Bucket& later);
    // The part of it, 0 to 1, that is in the window if its entries came evenly in time.
    double Share(const Window& window) const;
  };
  static constexpr std::size_t kChunk = 16;     // entries moved from the head to a bucket at once
  static constexpr std::size_t kPerLevel = 16;  // most buckets of one level; then two are merged

  struct Bounds {
    std::size_t first, end;
  };
  Bounds Find(const Window& window) const;
  // Calls `visit` with the buckets that overlap the window.
  template <typename Visit>
  void ForBuckets(const Window& window, Visit visit) const;
  void Spill();
  void MergeBuckets();

  std::vector<Entry> head_;                    // ascending
  std::unique_ptr<std::vector<Bucket>> tail_;  // ascending, older than the head; null: no buckets
};

}  // namespace holdfast
