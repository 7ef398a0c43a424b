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
