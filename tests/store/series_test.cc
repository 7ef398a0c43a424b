#include "engine/store/series.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
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

TEST_CASE("store: a window takes its end and leaves its beginning") {
  Series series;
  for (const std::int64_t at : {10, 20, 30}) series.Add({EventTime{at}, 1, 1, 0});
  CHECK(series.Count(Window::Ending(EventTime{30}, 20)) == 2);
  CHECK(series.Count(Window::Ending(EventTime{30}, 21)) == 3);
  CHECK(series.Count(Window::Ending(EventTime{29}, 20)) == 2);
}

}  // namespace
}  // namespace holdfast
