#include "engine/base/money.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace holdfast {
namespace {

TEST_CASE("base: currencies are those of ISO 4217, in order") {
  std::size_t count = 0;
  const std::string_view* codes = CurrencyCodes(count);
  CHECK(std::is_sorted(codes, codes + count));
  for (std::size_t i = 0; i < count; ++i) {
    const auto currency = Currency::Parse(codes[i]);
    REQUIRE(currency);
    CHECK(currency->code() == codes[i]);
  }
  CHECK(Currency::Parse("USD")->exponent() == 2);
  CHECK(Currency::Parse("JPY")->exponent() == 0);
  CHECK(Currency::Parse("KWD")->exponent() == 3);
  CHECK_FALSE(Currency::Parse("usd"));
  CHECK_FALSE(Currency::Parse("EURO"));
  CHECK_FALSE(Currency::Parse(""));
}

TEST_CASE("base: amounts are exact or refused") {
  const auto minor = [](const char* text, const char* code) -> std::string {
    const auto read = ParseMinor(text, *Currency::Parse(code));
    return read ? std::to_string(*read) : read.error().detail;
  };
  CHECK(minor("412", "USD") == "41200");
  CHECK(minor("412.5", "USD") == "41250");
  CHECK(minor("412.50000", "USD") == "41250");
  CHECK(minor("0.29", "USD") == "29");
  CHECK(minor("-3.20", "USD") == "-320");
  CHECK(minor("1000", "JPY") == "1000");
  CHECK(minor("1.234", "KWD") == "1234");
  CHECK(minor("100.5", "JPY") == "JPY has no decimal places, got 100.5");
  CHECK(minor("1.005", "USD") == "USD has 2 decimal places, got 1.005");
  CHECK(minor("1e3", "USD") == "must be a decimal number such as 412.50, got 1e3");
  CHECK(minor("1.", "USD") == "must be a decimal number such as 412.50, got 1.");
  CHECK(minor("1,000", "USD") == "must be a decimal number such as 412.50, got 1,000");
  CHECK(minor("99999999999999999999", "USD").starts_with("amount is too large"));
}

// Goal: what is written reads back the same, for every number of digits.
TEST_CASE("base: amounts survive being written and read") {
  for (const char* code : {"JPY", "USD", "KWD", "CLF"}) {
    const Currency currency = *Currency::Parse(code);
    for (std::int64_t minor = -1'000'003; minor < 1'000'003; minor += 997) {
      const std::string text = FormatMinor(minor, currency);
      REQUIRE(ParseMinor(text, currency) == minor);
      REQUIRE(FromUnits(ToUnits(minor, currency), currency) == minor);
    }
  }
  CHECK(FormatMinor(-5, *Currency::Parse("USD")) == "-0.05");
}

}  // namespace
}  // namespace holdfast
