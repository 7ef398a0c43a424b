// Money: whole minor units plus an ISO 4217 currency. Never a binary fraction.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace holdfast {

// An ISO 4217 currency, by its place in the table of currencies.
class Currency {
 public:
  // Nothing for a code that ISO 4217 does not list as current. `code` is upper case.
  static std::optional<Currency> Parse(std::string_view code);

  std::string_view code() const;  // "USD"
  int exponent() const;           // digits after the point: USD 2, JPY 0, KWD 3

  friend auto operator<=>(const Currency&, const Currency&) = default;

 private:
  explicit Currency(std::uint8_t index) : index_(index) {}
  std::uint8_t index_;
};

// Every current ISO 4217 code, for hints.
const std::string_view* CurrencyCodes(std::size_t& count);

struct Money {
  std::int64_t minor = 0;  // hundredths for USD, whole yen for JPY
  Currency currency;

  friend bool operator==(const Money&, const Money&) = default;
};

// Limit of an amount, in minor units: a thousand billion units of a two-digit currency.
inline constexpr std::int64_t kMoneyMinorMax = 100'000'000'000'000;

// Reads an exact decimal ("412", "412.5", "-3.20", "1.2e3" is refused) as minor units.
// Trailing zeros beyond the currency's digits are allowed, other digits there are not.
// Errors: kInvalidInput with the particulars in `detail`; `where` is left empty.
Result<std::int64_t> ParseMinor(std::string_view decimal, Currency currency);

// The decimal text, always with the currency's digits: "412.00", JPY "412".
std::string FormatMinor(std::int64_t minor, Currency currency);

// The nearest double of the amount in whole units; what expressions see.
double ToUnits(std::int64_t minor, Currency currency);

// The nearest minor unit of `units`, halves to even; nothing when not finite or over the limit.
std::optional<std::int64_t> FromUnits(double units, Currency currency);

}  // namespace holdfast
