#include "engine/signals/postal_places.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "engine/base/utf8.h"
#include "engine/simulate/random.h"
#include "tests/cli/process.h"

namespace holdfast {
namespace {

constexpr const char* kHead = "country,postal_code,latitude,longitude\n";

Address At(std::string_view country, std::string_view code) {
  Address address;
  address.country = country;
  address.postal_code = code;
  return address;
}

TEST_CASE("postal places: whole codes, beginnings of codes, and what is not there") {
  const testing::TempFolder folder;
  const auto places = PostalPlaces::Read(folder.Write(
      "postal.csv", "\xEF\xBB\xBF" + std::string(kHead) +
                        "DE,10115,52.5,13.4\r\nDE,10115,1,1\n\nUS,\"97230\",45.5,-122.5\n"
                        "GB,M1,53.5,-2.25\nGB,M11,53.48,-2.18\nCA,K1A,45.4,-75.7\n"
                        "BR,01310-100,-23.5,-46.6\n"));
  REQUIRE_MESSAGE(places, places.error().Text());
  const auto latitude = [&](std::string_view country, std::string_view code) {
    const auto point = (*places)->Find(At(country, code));
    return point ? std::lround(point->latitude * 100) : -9999;
  };
  CHECK(latitude("DE", "10115") == 5250);  // the first row of a code
  CHECK(latitude("US", " 97230-1234 ") == 4550);
  CHECK(latitude("GB", "m1 1aa") == 5350);
  CHECK(latitude("GB", "M11AA") == 5350);
  CHECK(latitude("GB", "M11 1AA") == 5348);
  CHECK(latitude("CA", "K1A 0B1") == 4540);
  CHECK(latitude("BR", "01310100") == -2350);
  CHECK(latitude("DE", "10117") == -9999);
  CHECK(latitude("AT", "10115") == -9999);
  CHECK(latitude("", "10115") == -9999);
  CHECK(latitude("DE", "") == -9999);
  CHECK(latitude("DE", "-") == -9999);
  CHECK(latitude("GB", "M1") == 5350);
  CHECK(latitude("DE", std::string(1000, '1')) == -9999);
}

// The key goes into decisions, so it is UTF-8 whatever the code is.
TEST_CASE("postal places: keys of codes in other digits") {
  const auto key = [](std::string_view code) { return PostalKey({"", "", "", "", code, "US"}); };
  CHECK(key("\uFF16\uFF12\uFF17\uFF10\uFF11") == "US 62701");
  for (const char* code : {"\u6771\u4EAC\u90FD\u6E2F", "6\u00E92701", "\U0001F600\U0001F600"}) {
    CHECK(IsValidUtf8(key(code)));
  }
}

TEST_CASE("postal places: a faulty table is refused, with its row") {
  const testing::TempFolder folder;
  const std::pair<const char*, const char*> rows[] = {
      {"", ""},
      {"DE,10115,52.5\n", "row 2: must have four values"},
      {"DE,10115,52.5,13.4,1\n", "row 2: must have four values"},
      {"DE,1,1,1\nGermany,10115,52.5,13.4\n",
       "row 3: needs an ISO 3166 country code and a postal code"},
      {"DE,,52.5,13.4\n", "row 2: needs an ISO 3166 country code and a postal code"},
      {"DE,10115,91,13.4\n", "row 2: needs a latitude and a longitude in degrees"},
      {"DE,10115,nan,13.4\n", "row 2: needs a latitude and a longitude in degrees"},
      {"DE,10115,north,13.4\n", "row 2: needs a latitude and a longitude in degrees"},
  };
  for (const auto& [row, fault] : rows) {
    const auto read = PostalPlaces::Read(folder.Write("p.csv", std::string(kHead) + row));
    CHECK((read ? std::string() : read.error().detail) == fault);
  }
  CHECK(PostalPlaces::Read(folder.Write("p.csv", "a,b\n")).error().code ==
        ErrorCode::kInvalidInput);
  CHECK(PostalPlaces::Read(folder / "none").error().code == ErrorCode::kNotFound);
}

TEST_CASE("postal places: distances are a metric of the globe") {
  CHECK(KilometresBetween({0, 0}, {0, 180}) == 20015);
  CHECK(KilometresBetween({90, 0}, {-90, 77}) == 20015);
  CHECK(KilometresBetween({0, 179.5}, {0, -179.5}) == 111);
  CHECK(KilometresBetween({51.4700, -0.4543}, {40.6413, -73.7781}) == 5540);  // LHR to JFK
  Random random(3);
  const auto point = [&random] {
    return GeoPoint{static_cast<double>(random.Below(18001)) / 100 - 90,
                    static_cast<double>(random.Below(36001)) / 100 - 180};
  };
  for (int i = 0; i < 2000; ++i) {
    const GeoPoint a = point(), b = point(), c = point();
    CHECK(KilometresBetween(a, a) == 0);
    CHECK(KilometresBetween(a, b) == KilometresBetween(b, a));
    CHECK(KilometresBetween(a, b) <= KilometresBetween(a, c) + KilometresBetween(c, b) + 2);
    CHECK(KilometresBetween(a, b) <= 20015);
  }
}

}  // namespace
}  // namespace holdfast
