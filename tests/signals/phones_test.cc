#include <doctest/doctest.h>

#include "engine/signals/phones.h"

namespace holdfast {
namespace {

TEST_CASE("phones: valid numbers, with and without their country") {
  struct Case {
    const char *text, *country, *expected;
    PhoneType type;
  };
  const Case cases[] = {
      {"+44 20 7946 0018", "", "GB", PhoneType::kFixedLine},
      {"020 7946 0018", "GB", "GB", PhoneType::kFixedLine},
      {"+49 (0)171 1234567", "US", "DE", PhoneType::kMobile},
      {"(212) 736-5000", "US", "US", PhoneType::kFixedLineOrMobile},
      {"+1 416 555 0123", "US", "CA", PhoneType::kFixedLineOrMobile},
      {"+86 138 0013 8000", "", "CN", PhoneType::kMobile},
      {"+81 90-1234-5678", "", "JP", PhoneType::kMobile},
      {"+1 800 253 0000", "", "US", PhoneType::kTollFree},
      {"+800 1234 5678", "", "", PhoneType::kTollFree},
  };
  for (const Case& c : cases) {
    const Phone phone = ReadPhone(c.text, c.country);
    CHECK_MESSAGE(phone.known, c.text);
    CHECK_MESSAGE(phone.valid, c.text);
    CHECK_MESSAGE(phone.country == c.expected, c.text << ": " << phone.country);
    CHECK_MESSAGE(phone.type == c.type, c.text << ": " << NameOf(phone.type));
  }
}

TEST_CASE("phones: what is no number is not valid, what cannot be told is not known") {
  for (const char* text :
       {"+1 555 0100", "12345", "call me", "+", "+999 123456789", "0000000000"}) {
    const Phone phone = ReadPhone(text, "US");
    CHECK_MESSAGE(phone.known, text);
    CHECK_MESSAGE(!phone.valid, text);
    CHECK(phone.country.empty());
    CHECK(NameOf(phone.type).empty());
  }
  CHECK_FALSE(ReadPhone("", "US").known);
  CHECK_FALSE(ReadPhone("   ", "US").known);
  // A national number of no country.
  CHECK_FALSE(ReadPhone("020 7946 0018", "").known);
  CHECK(ReadPhone(std::string(1000, '1'), "US").known);
  CHECK_FALSE(ReadPhone(std::string(1000, '1'), "US").valid);
  CHECK_FALSE(ReadPhone("+1212736500\xFF", "US").country == "GB");
}

}  // namespace
}  // namespace holdfast
