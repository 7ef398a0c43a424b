#include "engine/store/window_series.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace holdfast {
namespace {

constexpr double kScale = 1e6;

__int128 Millionths(double number) {
  // Above this a double has no millionths. The bound keeps the sum of any number of entries within
  // 128 bits.
  constexpr double kMax = 1e24;
  const double scaled = number * kScale;
  if (std::isnan(scaled)) return 0;
  return static_cast<__int128>(std::nearbyint(std::clamp(scaled, -kMax, kMax)));
}

bool Counts(const Series::Entry& entry, std::uint64_t without) {
  return without == 0 || entry.source != without;
}

// Digests seen since Begin, with room for the head of a series. Because it is used for every order,
// Begin makes old entries invalid instead of clearing them.
class DigestSet {
 public:
  void Begin() {
    if (++round_ != 0) return;
    for (Place& place : places_) place.round = 0;
    round_ = 1;
  }

  // True when `digest` is new.
  bool Insert(std::uint64_t digest) {
    std::size_t at = digest % kPlaces;
    while (places_[at].round == round_) {
      if (places_[at].digest == digest) return false;
      at = (at + 1) % kPlaces;
    }
    places_[at] = {digest, round_};
    return true;
  }

 private:
  struct Place {
    std::uint64_t digest = 0;
    std::uint32_t round = 0;
  };
  static constexpr std::size_t kPlaces = 4 * Series::kHead;
  Place places_[kPlaces];
  std::uint32_t round_ = 0;
};

// How an entry is written: which of its parts are not zero.
constexpr std::uint8_t kHasNumber = 1, kHasDigest = 2;

}  // namespace

Window Window::Ending(EventTime until, std::int64_t span) {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  const std::int64_t after = until.nanos < kMin + span ? kMin : until.nanos - span;
  return {{after}, until};
}

Window Window::Ever(EventTime until) { return {{std::numeric_limits<std::int64_t>::min()}, until}; }

// ---- buckets ------------------------------------------------------------------------------------

void Series::Bucket::Take(const Entry& entry) {
  if (count == 0) first = last = entry.at;
  first = std::min(first, entry.at);
  last = std::max(last, entry.at);
  if (std::isnan(entry.number)) {
    ++unknown;  // minimum and maximum are then not known
  } else {
    const bool first_known = count == unknown;
    least = first_known ? entry.number : std::min(least, entry.number);
    most = first_known ? entry.number : std::max(most, entry.number);
  }
  ++count;
  sum += Millionths(entry.number);
  if (entry.digest == 0) return;
  if (digests == nullptr) digests = std::make_unique<Sketch>();
  digests->Add(entry.digest);
}

void Series::Bucket::Take(const Bucket& later) {
  first = std::min(first, later.first);
  last = std::max(last, later.last);
  level = std::max(level, later.level) + 1;
  count += later.count;
  sum += later.sum;
  least = std::min(least, later.least);
  most = std::max(most, later.most);
  unknown += later.unknown;
  if (later.digests == nullptr) return;
  if (digests == nullptr) digests = std::make_unique<Sketch>();
  digests->Merge(*later.digests);
}

double Series::Bucket::Share(const Window& window) const {
  if (first > window.after && last <= window.until) return 1;
  const double begin = static_cast<double>(std::max(first.nanos, window.after.nanos));
  const double end = static_cast<double>(std::min(last.nanos, window.until.nanos));
  const double all = static_cast<double>(last.nanos) - static_cast<double>(first.nanos);
  return all <= 0 ? 1 : std::clamp((end - begin) / all, 0.0, 1.0);
}

// Moves the oldest entries of a full head into a bucket and limits the number of buckets.
void Series::Spill() {
  if (head_.size() <= kHead) return;
  if (tail_ == nullptr) tail_ = std::make_unique<std::vector<Bucket>>();
  Bucket bucket;
  for (std::size_t i = 0; i < kChunk; ++i) bucket.Take(head_[i]);
  head_.erase(head_.begin(), head_.begin() + kChunk);
  tail_->push_back(std::move(bucket));
  MergeBuckets();
}

// Levels decrease from the oldest bucket to the newest. When a level has too many buckets, two of
// them become one of the next level.
void Series::MergeBuckets() {
  std::vector<Bucket>& tail = *tail_;
  for (std::size_t end = tail.size(); end > 0;) {
    std::size_t begin = end;
    while (begin > 0 && tail[begin - 1].level == tail[end - 1].level) --begin;
    if (end - begin <= kPerLevel) {
      end = begin;
      continue;
    }
    tail[begin].Take(tail[begin + 1]);
    tail.erase(tail.begin() + static_cast<std::ptrdiff_t>(begin) + 1);
    end = begin + 1;
  }
}

template <typename Visit>
void Series::ForBuckets(const Window& window, Visit visit) const {
  if (tail_ == nullptr) return;
  for (const Bucket& bucket : *tail_) {
    if (bucket.last > window.after && bucket.first <= window.until) visit(bucket);
  }
}

// ---- changes ------------------------------------------------------------------------------------

void Series::Add(const Entry& entry) {
  if (tail_ != nullptr && entry.at < tail_->back().last) {
    // Older than the entries in the head: add it to the bucket of its time.
    const auto place = std::find_if(tail_->begin(), tail_->end(),
                                    [&](const Bucket& b) { return entry.at <= b.last; });
    const bool full = place->count >= static_cast<std::int64_t>(kChunk) << place->level;
    if (entry.at >= place->first || !full) return place->Take(entry);
    // Older entries may arrive in descending order of time.
    Bucket bucket;
    bucket.level = place->level;
    bucket.Take(entry);
    tail_->insert(place, std::move(bucket));
    return MergeBuckets();
  }
  const auto place = std::upper_bound(head_.begin(), head_.end(), entry.at,
                                      [](EventTime at, const Entry& e) { return at < e.at; });
  head_.insert(place, entry);
  Spill();
}

void Series::Remove(std::uint64_t source) {
  std::erase_if(head_, [source](const Entry& entry) { return entry.source == source; });
}

// ---- answers ------------------------------------------------------------------------------------

Series::Bounds Series::Find(const Window& window) const {
  const auto later = [](EventTime at, const Entry& e) { return at < e.at; };
  const auto first = std::upper_bound(head_.begin(), head_.end(), window.after, later);
  const auto end = std::upper_bound(first, head_.end(), window.until, later);
  return {static_cast<std::size_t>(first - head_.begin()),
          static_cast<std::size_t>(end - head_.begin())};
}

std::optional<EventTime> Series::FirstOf(std::uint64_t source) const {
  for (const Entry& entry : head_) {
    if (entry.source == source) return entry.at;
  }
  return std::nullopt;
}

std::int64_t Series::Count(const Window& window, std::uint64_t without) const {
  const auto [first, end] = Find(window);
  std::int64_t count = static_cast<std::int64_t>(end) - static_cast<std::int64_t>(first);
  if (without != 0) {
    for (std::size_t i = first; i < end; ++i) count -= Counts(head_[i], without) ? 0 : 1;
  }
  ForBuckets(window, [&](const Bucket& bucket) {
    count += std::llround(static_cast<double>(bucket.count) * bucket.Share(window));
  });
  return count;
}

double Series::Sum(const Window& window, std::uint64_t without) const {
  const auto [first, end] = Find(window);
  __int128 sum = 0;
  for (std::size_t i = first; i < end; ++i) {
    if (Counts(head_[i], without)) sum += Millionths(head_[i].number);
  }
  ForBuckets(window, [&](const Bucket& bucket) {
    const double share = bucket.Share(window);
    sum += share == 1 ? bucket.sum : static_cast<__int128>(static_cast<double>(bucket.sum) * share);
  });
  return static_cast<double>(sum) / kScale;
}

std::int64_t Series::Distinct(const Window& window, std::uint64_t without) const {
  const auto [first, end] = Find(window);
  std::unique_ptr<Sketch> all;
  ForBuckets(window, [&](const Bucket& bucket) {
    if (bucket.digests == nullptr) return;
    if (all == nullptr) all = std::make_unique<Sketch>();
    all->Merge(*bucket.digests);
  });
  std::int64_t count = 0;
  // A few digests are compared with each other.
  constexpr std::size_t kFew = 8;
  if (all == nullptr && end - first <= kFew) {
    for (std::size_t i = first; i < end; ++i) {
      if (head_[i].digest == 0 || !Counts(head_[i], without)) continue;
      bool fresh = true;
      for (std::size_t j = first; j < i; ++j) {
        fresh = fresh && (head_[j].digest != head_[i].digest || !Counts(head_[j], without));
      }
      count += fresh ? 1 : 0;
    }
    return count;
  }
  thread_local DigestSet seen;
  seen.Begin();
  for (std::size_t i = first; i < end; ++i) {
    if (head_[i].digest == 0 || !Counts(head_[i], without)) continue;
    if (all != nullptr) {
      all->Add(head_[i].digest);
    } else {
      count += seen.Insert(head_[i].digest) ? 1 : 0;
    }
  }
  return all != nullptr ? all->Estimate() : count;
}

std::int64_t Series::CountOf(const Window& window, std::uint64_t digest) const {
  const auto [first, end] = Find(window);
  std::int64_t count = 0;
  for (std::size_t i = first; i < end; ++i) count += head_[i].digest == digest ? 1 : 0;
  if (tail_ == nullptr || count == 0) return count;
  const auto one_by_one = static_cast<double>(end - first);
  return std::llround(static_cast<double>(count) * static_cast<double>(Count(window)) / one_by_one);
}

bool Series::Has(const Window& window, std::uint64_t digest, std::uint64_t without) const {
  const auto [first, end] = Find(window);
  for (std::size_t i = first; i < end; ++i) {
    if (head_[i].digest == digest && Counts(head_[i], without)) return true;
  }
  return false;
}

bool Series::HasUnknown(const Window& window, std::uint64_t without) const {
  const auto [first, end] = Find(window);
  for (std::size_t i = first; i < end; ++i) {
    if (std::isnan(head_[i].number) && Counts(head_[i], without)) return true;
  }
  bool unknown = false;
  ForBuckets(window, [&](const Bucket& bucket) { unknown = unknown || bucket.unknown > 0; });
  return unknown;
}

std::optional<double> Series::Min(const Window& window) const {
  const auto [first, end] = Find(window);
  std::optional<double> least;
  const auto take = [&least](double number) {
    if (!least || number < *least) least = number;
  };
  for (std::size_t i = first; i < end; ++i) take(head_[i].number);
  ForBuckets(window, [&](const Bucket& bucket) { take(bucket.least); });
  return least;
}

std::optional<double> Series::Max(const Window& window) const {
  const auto [first, end] = Find(window);
  std::optional<double> most;
  const auto take = [&most](double number) {
    if (!most || number > *most) most = number;
  };
  for (std::size_t i = first; i < end; ++i) take(head_[i].number);
  ForBuckets(window, [&](const Bucket& bucket) { take(bucket.most); });
  return most;
}

std::optional<EventTime> Series::FirstAt(const Window& window, std::uint64_t without) const {
  std::optional<EventTime> at;
  ForBuckets(window, [&](const Bucket& bucket) {
    if (!at) at = std::max(bucket.first, EventTime{window.after.nanos + 1});
  });
  if (at) return at;
  const auto [first, end] = Find(window);
  for (std::size_t i = first; i < end; ++i) {
    if (Counts(head_[i], without)) return head_[i].at;
  }
  return std::nullopt;
}

std::optional<EventTime> Series::LastAt(const Window& window, std::uint64_t without) const {
  const auto [first, end] = Find(window);
  for (std::size_t i = end; i > first; --i) {
    if (Counts(head_[i - 1], without)) return head_[i - 1].at;
  }
  std::optional<EventTime> at;
  ForBuckets(window, [&](const Bucket& bucket) { at = std::min(bucket.last, window.until); });
  return at;
}

std::optional<double> Series::Last(const Window& window, std::uint64_t without) const {
  const auto [first, end] = Find(window);
  for (std::size_t i = end; i > first; --i) {
    if (!Counts(head_[i - 1], without)) continue;
    return std::isnan(head_[i - 1].number) ? std::nullopt : std::optional(head_[i - 1].number);
  }
  return std::nullopt;
}

std::optional<double> Series::Median(const Window& window, std::uint64_t without) const {
  const auto [first, end] = Find(window);
  std::vector<double> numbers;
  for (std::size_t i = first; i < end; ++i) {
    if (!Counts(head_[i], without)) continue;
    if (std::isnan(head_[i].number)) return std::nullopt;
    numbers.push_back(head_[i].number);
  }
  if (numbers.empty()) return std::nullopt;
  std::sort(numbers.begin(), numbers.end());
  const std::size_t middle = numbers.size() / 2;
  if (numbers.size() % 2 == 1) return numbers[middle];
  return (numbers[middle - 1] + numbers[middle]) / 2;
}

// ---- bytes --------------------------------------------------------------------------------------

std::size_t Series::bytes() const {
  std::size_t bytes = head_.capacity() * sizeof(Entry);
  if (tail_ != nullptr) bytes += tail_->capacity() * (sizeof(Bucket) + sizeof(Sketch));
  return bytes;
}

void Series::Encode(std::string& out) const {
  PutVarint(head_.size(), out);
  std::int64_t last = 0;
  for (const Entry& entry : head_) {
    const std::uint8_t has = (std::bit_cast<std::uint64_t>(entry.number) != 0 ? kHasNumber : 0) |
                             (entry.digest != 0 ? kHasDigest : 0);
    out += static_cast<char>(has);
    PutSigned(entry.at.nanos - last, out);
    last = entry.at.nanos;
    PutBig64(entry.source, out);
    if ((has & kHasNumber) != 0) PutDouble(entry.number, out);
    if ((has & kHasDigest) != 0) PutBig64(entry.digest, out);
  }
  PutVarint(tail_ == nullptr ? 0 : tail_->size(), out);
  if (tail_ == nullptr) return;
  for (const Bucket& bucket : *tail_) {
    PutSigned(bucket.first.nanos, out);
    PutSigned(bucket.last.nanos - bucket.first.nanos, out);
    PutVarint(static_cast<std::uint64_t>(bucket.level), out);
    PutVarint(static_cast<std::uint64_t>(bucket.count), out);
    PutVarint(static_cast<std::uint64_t>(bucket.unknown), out);
    PutBig64(static_cast<std::uint64_t>(bucket.sum >> 64), out);
    PutBig64(static_cast<std::uint64_t>(bucket.sum), out);
    PutDouble(bucket.least, out);
    PutDouble(bucket.most, out);
    out += bucket.digests != nullptr ? '\1' : '\0';
    if (bucket.digests != nullptr) bucket.digests->Encode(out);
  }
}

Series Series::Decode(ByteReader& in) {
  Series series;
  const std::size_t count = in.Count();
  series.head_.reserve(count);
  std::int64_t last = 0;
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    Entry entry;
    const std::uint8_t has = in.Byte();
    last += in.Signed();
    entry.at.nanos = last;
    entry.source = in.Big64();
    if ((has & kHasNumber) != 0) entry.number = in.Double();
    if ((has & kHasDigest) != 0) entry.digest = in.Big64();
    series.head_.push_back(entry);
  }
  const std::size_t buckets = in.Count();
  if (buckets == 0) return series;
  series.tail_ = std::make_unique<std::vector<Bucket>>();
  for (std::size_t i = 0; i < buckets && in.ok(); ++i) {
    Bucket& bucket = series.tail_->emplace_back();
    bucket.first.nanos = in.Signed();
    bucket.last.nanos = bucket.first.nanos + in.Signed();
    bucket.level = static_cast<int>(in.Varint());
    bucket.count = static_cast<std::int64_t>(in.Varint());
    bucket.unknown = static_cast<std::int64_t>(in.Varint());
    const std::uint64_t high = in.Big64();
    bucket.sum = static_cast<__int128>(static_cast<unsigned __int128>(high) << 64 | in.Big64());
    bucket.least = in.Double();
    bucket.most = in.Double();
    if (in.Byte() != 0) bucket.digests = std::make_unique<Sketch>(Sketch::Decode(in));
  }
  return series;
}

}  // namespace holdfast
