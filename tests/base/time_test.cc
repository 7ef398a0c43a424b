#include "engine/base/time.h"

#include <doctest/doctest.h>

namespace holdfast {
namespace {

TEST_CASE("base: a date of another age is no date") {
  CHECK(!ParseTimeAs("20:12:59 Jan 13, 4018 PST", "%H:%M:%S %b %d, %Y PST", "UTC"));
  CHECK(!ParseTimeAs("1018-01-01", "%Y-%m-%d", "UTC"));
  CHECK(ParseTimeAs("2018-01-01", "%Y-%m-%d", "UTC"));
}

TEST_CASE("base: RFC 3339 takes what exists and nothing else") {
  CHECK(FormatRfc3339(*ParseEventTime("2026-11-20T08:15:30Z")) == "2026-11-20T08:15:30Z");
  CHECK(FormatRfc3339(*ParseEventTime("2026-11-20T08:15:30.250Z")) == "2026-11-20T08:15:30.25Z");
  CHECK(FormatRfc3339(*ParseEventTime("2026-11-20T10:15:30+02:00")) == "2026-11-20T08:15:30Z");
  CHECK(ParseEventTime("2024-02-29T00:00:00Z"));
  for (const char* wrong :
       {"2019-11-31T00:00:00Z", "2023-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-11-20 08:15:30", "2026-11-20T24:00:00Z", "2026-11-20T08:60:00Z",
        "2026-11-20T08:15:30", "2026-11-20", "2026-11-20T08:15:30.Z", "1969-12-31T23:59:59Z",
        "2300-01-01T00:00:00Z", "2026-11-20T08:15:30+25:00", "", "now"}) {
    CAPTURE(wrong);
    CHECK_FALSE(ParseEventTime(wrong));
  }
}

TEST_CASE("base: civil time agrees with itself over four hundred years") {
  for (std::int64_t day = -150'000; day < 150'000; day += 37) {
    const std::int64_t seconds = day * 86'400 + (day * 7919) % 86'400;
    const CivilTime c = ToCivil(seconds);
    const auto back = FromCivil(c.year, c.month, c.day, c.hour, c.minute, c.second);
    REQUIRE(back);
    REQUIRE(*back == seconds);
  }
}

TEST_CASE("base: durations") {
  CHECK(ParseDuration("1h30m") == 5400 * kNanosPerSecond);
  CHECK(ParseDuration("-1.5s") == -1'500'000'000);
  CHECK(ParseDuration("0") == 0);
  CHECK(ParseDuration(".5s") == 500'000'000);
  for (const char* wrong : {"", "1", "h", "1d", "320000000000s", "1h-5m", "1 h", "--1s"}) {
    CAPTURE(wrong);
    CHECK_FALSE(ParseDuration(wrong));
  }
  CHECK(FormatDuration(60'001'000'000) == "60.001s");
  CHECK(FormatDuration(-500'000'000) == "-0.5s");
  CHECK(ParseSpan("7d") == 7 * 86'400 * kNanosPerSecond);
  for (const char* wrong : {"0d", "-1h", "h", "1.5h", "1y", "99999999999999999999d", "200000d"}) {
    CAPTURE(wrong);
    CHECK_FALSE(ParseSpan(wrong));
  }
}

TEST_CASE("base: local times are read in their zone, across a change of clocks") {
  const auto read = [](const char* text) {
    const auto time = ParseTimeAs(text, "%d.%m.%Y %H:%M", "Europe/Berlin");
    return time ? FormatRfc3339(*time) : std::string("none");
  };
  CHECK(read("20.07.2026 10:00") == "2026-07-20T08:00:00Z");
  CHECK(read("20.01.2026 10:00") == "2026-01-20T09:00:00Z");
  CHECK(read("25.10.2026 01:59") == "2026-10-24T23:59:00Z");
  CHECK(read("25.10.2026 03:01") == "2026-10-25T02:01:00Z");
  CHECK(read("31.11.2026 10:00") == "none");
  CHECK(read("20.01.2026 10:00 ") == "none");
  CHECK_FALSE(ParseTimeAs("1", "%d", "Nowhere/Land"));
}

}  // namespace
}  // namespace holdfast
