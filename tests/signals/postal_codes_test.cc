#include <doctest/doctest.h>

#include <string>

#include "engine/signals/postal_codes.h"

namespace holdfast {
namespace {

PostalFit Check(const char* country, const char* region, const char* code) {
  Address address;
  address.country = country;
  address.region = region;
  address.postal_code = code;
  return CheckPostalCode(address);
}

TEST_CASE("postal codes: against the country and the region") {
  using enum PostalFit;
  CHECK(Check("US", "NY", "10019") == kFits);
  CHECK(Check("US", "New York", "10019-1234") == kFits);
  CHECK(Check("US", "US-NY", "10019") == kFits);
  CHECK(Check("US", "CA", "10019") == kOtherRegion);
  CHECK(Check("US", "", "10019") == kFits);
  CHECK(Check("US", "NY", "SW1A 1AA") == kOtherCountry);
  CHECK(Check("GB", "", "sw1a 1aa") == kFits);
  CHECK(Check("GB", "Greater London", "SW1A1AA") == kFits);
  CHECK(Check("GB", "", "10019") == kOtherCountry);
  CHECK(Check("CA", "ON", "K1A 0B1") == kFits);
  CHECK(Check("CA", "Ontario", "V6B 1A1") == kOtherRegion);
  CHECK(Check("JP", "東京都", "100-0001") == kFits);
  CHECK(Check("JP", "Tokyo", "1000001") == kFits);
  CHECK(Check("JP", "Osaka", "100-0001") == kOtherRegion);
  CHECK(Check("DE", "", "D-10115") == kFits);
  CHECK(Check("DE", "", "DE-10115") == kFits);
  CHECK(Check("CN", "广东省", "510000") == kFits);
}

TEST_CASE("postal codes: as they are written, and as they are now") {
  const std::pair<const char*, const char*> codes[] = {
      {"KR", "06236"},    {"IN", "560 001"},    {"IN", "560001"},
      {"VN", "70000"},    {"TW", "100048"},     {"SA", "11564-1234"},
      {"CL", "832 0000"}, {"PL", "00590"},      {"LV", "1010"},
      {"LV", "LV-1010"},  {"PT", "1000"},       {"PT", "1000-001"},
      {"CA", "M5V-3L9"},  {"JP", "〒100-0005"}, {"JP", "１００－０００５"},
      {"GB", "BF1 2AT"},  {"US", "101180110"},  {"US", "2701"},
      {"ES", "8001"},     {"AU", "800"},        {"SE", "SE-111 22"},
      {"CH", "CH-8001"},  {"FR", "F-75001"},    {"IE", "D02 AF30"},
      {"NL", "1012 ab"},  {"BR", "01310-100"},  {"MX", "06000"},
      {"RU", "101000"}};
  for (const auto& [country, code] : codes) {
    CHECK_MESSAGE(Check(country, "", code) == PostalFit::kFits, country << " " << code);
  }
  CHECK(Check("AR", "Buenos Aires", "C1002AAQ") == PostalFit::kFits);
  CHECK(Check("IE", "", "12345") == PostalFit::kOtherCountry);
}

TEST_CASE("postal codes: what is not known is no mismatch") {
  using enum PostalFit;
  CHECK(Check("", "NY", "10019") == kUnknown);
  CHECK(Check("US", "NY", "") == kUnknown);
  CHECK(Check("US", "NY", "  ") == kUnknown);
  CHECK(Check("HK", "", "999077") == kUnknown);  // has none
  CHECK(Check("US", "Nowhere", "10019") == kFits);
  CHECK(Check("ZZ", "", "1") == kUnknown);
}

TEST_CASE("postal codes: texts made to break it") {
  const std::string long_code(1000, '1');
  CHECK(Check("US", "NY", long_code.c_str()) == PostalFit::kOtherCountry);
  CHECK(Check("US", "\xFF\xFE", "10019") == PostalFit::kFits);
  CHECK(Check("US", "NY", "\xFF") == PostalFit::kOtherCountry);
  const std::string long_region(10'000, 'y');
  CHECK(Check("US", long_region.c_str(), "10019") == PostalFit::kFits);
}

}  // namespace
}  // namespace holdfast
