#include "engine/store/window_series.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "engine/simulate/random.h"

namespace holdfast {
namespace {

// Goal:   any window over a series is exact, late and removed entries included, and the sums do not
//         depend on the order of arrival.
// Method: a list that recomputes everything from scratch, over random entries and windows.
TEST_CASE("store: a series agrees with a naive list") {
  Random random(42);
  for (int round = 0; round < 60; ++round) {
    Series series;
    std::vector<Series::Entry> all;
    const auto count = static_cast<std::size_t>(random.Between(1, 120));
    for (std::size_t i = 0; i < count; ++i) {
      const Series::Entry entry{EventTime{random.Between(0, 50)}, random.Below(20) + 1,
                                static_cast<double>(random.Between(-5000, 5000)) / 100,
                                random.Below(8) + 1};
      series.Add(entry);
      all.push_back(entry);
      if (random.Chance(100)) {
        const std::uint64_t gone = random.Below(20) + 1;
        series.Remove(gone);
        std::erase_if(all, [&](const auto& e) { return e.source == gone; });
      }
    }
    for (int probe = 0; probe < 40; ++probe) {
      const EventTime until{random.Between(-2, 55)};
      const Window window =
          random.Chance(300) ? Window::Ever(until) : Window::Ending(until, random.Between(1, 40));
      const std::uint64_t without = random.Chance(500) ? random.Below(20) + 1 : 0;
      std::int64_t n = 0, cents = 0;
      std::set<std::uint64_t> digests;
      std::optional<double> least, most;
      std::optional<EventTime> first, last;
      for (const auto& e : all) {
        if (e.at <= window.after || e.at > window.until) continue;
        if (!least || e.number < *least) least = e.number;
        if (!most || e.number > *most) most = e.number;
        if (without != 0 && e.source == without) continue;
        ++n;
        cents += static_cast<std::int64_t>(std::lround(e.number * 100));
        digests.insert(e.digest);
        if (!first || e.at < *first) first = e.at;
        if (!last || e.at > *last) last = e.at;
      }
      REQUIRE(series.Count(window, without) == n);
      REQUIRE(series.Sum(window, without) == static_cast<double>(cents) / 100);
      REQUIRE(series.Distinct(window, without) == static_cast<std::int64_t>(digests.size()));
      REQUIRE(series.Min(window) == least);
      REQUIRE(series.Max(window) == most);
      REQUIRE(series.FirstAt(window, without) == first);
      REQUIRE(series.LastAt(window, without) == last);
      REQUIRE(series.Has(window, 3, without) == digests.contains(3));
    }
  }
}

// Goal:   a hot key's windows are exact as far as its latest entries reach, and within the stated
//         error beyond, late entries included; and it takes little room.
// Method: a list that recounts, over keys of different rhythm.
TEST_CASE("store: a hot series is right within its stated error") {
  Random random(43);
  for (const std::int64_t step : {0, 1, 40, -1}) {
    const bool backwards = step < 0;  // a history taken over newest first
    Series series;
    std::vector<Series::Entry> all;
    std::int64_t now = 1'000'000;
    for (int i = 0; i < 60'000; ++i) {
      now += random.Between(0, 2 * std::abs(step));
      if (i % 1000 == 0) now += 50'000;  // a night
      const bool late = random.Chance(20);
      const Series::Entry entry{EventTime{late ? now - random.Between(0, 100'000) : now},
                                static_cast<std::uint64_t>(i) + 1,
                                static_cast<double>(random.Between(100, 20'000)) / 100,
                                Random(random.Below(9000)).Next()};
      all.push_back(entry);
    }
    if (backwards) std::reverse(all.begin(), all.end());
    for (const Series::Entry& entry : all) series.Add(entry);
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
    CHECK(series.bytes() < 600'000);
    for (int probe = 0; probe < (backwards ? 1 : 200); ++probe) {
      const Window window = probe == 0
                                ? Window::Ever(EventTime{now})
                                : Window::Ending(EventTime{now}, random.Between(1, now - 900'000));
      std::int64_t count = 0;
      double sum = 0;
      std::set<std::uint64_t> digests;
      for (const auto& e : all) {
        if (e.at <= window.after || e.at > window.until) continue;
        ++count;
        sum += e.number;
        digests.insert(e.digest);
      }
      const double exact = static_cast<double>(count);
      const auto near = [](double is, double should, double part) {
        return std::abs(is - should) <= part * should + 0.5;
      };
      CAPTURE(step);
      CAPTURE(count);
      CHECK_MESSAGE(near(static_cast<double>(series.Count(window)), exact, 0.07),
                    series.Count(window));
      CHECK_MESSAGE(near(series.Sum(window), sum, 0.08), series.Sum(window) << " " << sum);
      // Three standard errors, and what a cut bucket holds.
      CHECK_MESSAGE(near(static_cast<double>(series.Distinct(window)),
                         static_cast<double>(digests.size()), 0.17),
                    series.Distinct(window) << " " << digests.size());
      if (count < 400 && step > 0) {
        CHECK(series.Count(window) == count);
        CHECK(series.Distinct(window) == static_cast<std::int64_t>(digests.size()));
      }
    }
    // Everything is counted, whatever the buckets.
    CHECK(series.Count(Window::Ever(EventTime{now})) == 60'000);
    CHECK(series.FirstAt(Window::Ever(EventTime{now})) == all.front().at);
    CHECK(series.Max(Window::Ever(EventTime{now})) == 200.0);
  }
}

// Goal:   a series reads as it was written, goes on alike, and is written alike again.
TEST_CASE("store: series and their bytes") {
  Random random(44);
  for (int round = 0; round < 30; ++round) {
    Series series;
    const auto add = [&random](Series& to, std::uint64_t i, Random draw) {
      static_cast<void>(random);
      const double number = draw.Chance(100) ? std::numeric_limits<double>::quiet_NaN()
                                             : static_cast<double>(draw.Between(-500, 500)) / 8;
      to.Add({EventTime{draw.Between(-1000, 100'000'000'000)}, i, draw.Chance(300) ? 0 : number,
              draw.Chance(300) ? 0 : draw.Next()});
    };
    const std::uint64_t count = random.Below(round < 20 ? 40 : 3000);
    for (std::uint64_t i = 1; i <= count; ++i) add(series, i, Random(i * 77));
    std::string bytes, again;
    series.Encode(bytes);
    ByteReader in(bytes);
    Series read = Series::Decode(in);
    CHECK(in.Done());
    read.Encode(again);
    CHECK((bytes == again));
    for (std::uint64_t i = count + 1; i < count + 200; ++i) {
      add(series, i, Random(i * 77));
      add(read, i, Random(i * 77));
    }
    bytes.clear();
    again.clear();
    series.Encode(bytes);
    read.Encode(again);
    CHECK((bytes == again));
    // No part of it reads as a whole, and no damage does harm.
    for (int cut = 0; cut < 50 && !bytes.empty(); ++cut) {
      std::string torn = bytes.substr(0, random.Below(bytes.size()));
      ByteReader half(torn);
      static_cast<void>(Series::Decode(half));
      CHECK_FALSE(half.Done());
      std::string bent = bytes;
      bent[random.Below(bent.size())] ^= static_cast<char>(1 + random.Below(255));
      ByteReader damaged(bent);
      static_cast<void>(Series::Decode(damaged).Count(Window::Ever(EventTime{5})));
    }
  }
}

TEST_CASE("store: a sketch counts within its standard error") {
  Random random(45);
  for (const std::int64_t size : {0, 1, 3, 30, 300, 3000, 300'000}) {
    double worst = 0;
    for (int round = 0; round < 20; ++round) {
      Sketch sketch, other;
      for (std::int64_t i = 0; i < size; ++i) {
        const std::uint64_t digest = random.Next();
        (i % 2 == 0 ? sketch : other).Add(digest);
        if (i % 3 == 0) other.Add(digest);
      }
      sketch.Merge(other);
      const double is = static_cast<double>(sketch.Estimate());
      worst = std::max(worst, std::abs(is - static_cast<double>(size)) /
                                  std::max(1.0, static_cast<double>(size)));
    }
    CAPTURE(size);
    CHECK(worst < (size < 20 ? 0.01 : 0.12));
  }
}

TEST_CASE("store: a window takes its end and leaves its beginning") {
  Series series;
  for (const std::int64_t at : {10, 20, 30}) series.Add({EventTime{at}, 1, 1, 0});
  CHECK(series.Count(Window::Ending(EventTime{30}, 20)) == 2);
  CHECK(series.Count(Window::Ending(EventTime{30}, 21)) == 3);
  CHECK(series.Count(Window::Ending(EventTime{29}, 20)) == 2);
}

}  // namespace
}  // namespace holdfast
