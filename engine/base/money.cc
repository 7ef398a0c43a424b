#include "engine/base/money.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>

namespace holdfast {
namespace {

// ISO 4217 active codes, ascending. Metals, funds and test codes (XAU, XXX, ...) are left out: no
// order is paid in them.
constexpr std::string_view kCodes[] = {
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT",
    "BGN", "BHD", "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD",
    "CDF", "CHF", "CLF", "CLP", "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP",
    "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF",
    "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD",
    "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP",
    "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR",
    "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB",
    "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD",
    "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL",
    "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU",
    "UYW", "UZS", "VED", "VES", "VND", "VUV", "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER",
    "ZAR", "ZMW", "ZWG"};

constexpr int ExponentOf(std::string_view code) {
  constexpr std::string_view kNone[] = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW",
                                        "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"};
  constexpr std::string_view kThree[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
  for (const auto c : kNone) {
    if (c == code) return 0;
  }
  for (const auto c : kThree) {
    if (c == code) return 3;
  }
  return code == "CLF" || code == "UYW" ? 4 : 2;
}

struct Exponents {
  std::uint8_t of[std::size(kCodes)];
};
constexpr Exponents MakeExponents() {
  Exponents table{};
  for (std::size_t i = 0; i < std::size(kCodes); ++i) {
    table.of[i] = static_cast<std::uint8_t>(ExponentOf(kCodes[i]));
  }
  return table;
}
constexpr Exponents kExponents = MakeExponents();

constexpr std::int64_t kPowers[] = {1, 10, 100, 1'000, 10'000};

}  // namespace

std::optional<Currency> Currency::Parse(std::string_view code) {
  const auto* found = std::lower_bound(std::begin(kCodes), std::end(kCodes), code);
  if (found == std::end(kCodes) || *found != code) return std::nullopt;
  return Currency(static_cast<std::uint8_t>(found - std::begin(kCodes)));
}

std::string_view Currency::code() const { return kCodes[index_]; }
int Currency::exponent() const { return kExponents.of[index_]; }

const std::string_view* CurrencyCodes(std::size_t& count) {
  count = std::size(kCodes);
  return kCodes;
}

Result<std::int64_t> ParseMinor(std::string_view decimal, Currency currency) {
  const auto refuse = [&](std::string_view why) {
    return Fail(ErrorCode::kInvalidInput, {},
                std::string(why) + ", got " + std::string(decimal.substr(0, 40)));
  };
  std::string_view rest = decimal;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (negative) rest.remove_prefix(1);
  std::int64_t minor = 0;
  std::size_t at = 0;
  for (; at < rest.size() && rest[at] >= '0' && rest[at] <= '9'; ++at) {
    minor = minor * 10 + (rest[at] - '0');
    if (minor > kMoneyMinorMax) return refuse("amount is too large");
  }
  const int exponent = currency.exponent();
  if (at == 0) return refuse("must be a decimal number such as 412.50");
  int digits = 0;
  if (at < rest.size() && rest[at] == '.') {
    const std::size_t first = ++at;
    for (; at < rest.size() && rest[at] >= '0' && rest[at] <= '9'; ++at) {
      if (digits < exponent) {
        minor = minor * 10 + (rest[at] - '0');
        ++digits;
      } else if (rest[at] != '0') {
        const std::string code(currency.code());
        return refuse(exponent == 0
                          ? code + " has no decimal places"
                          : code + " has " + std::to_string(exponent) + " decimal places");
      }
    }
    if (at == first) return refuse("must be a decimal number such as 412.50");
  }
  if (at != rest.size()) return refuse("must be a decimal number such as 412.50");
  minor *= kPowers[exponent - digits];
  if (minor > kMoneyMinorMax) return refuse("amount is too large");
  return negative ? -minor : minor;
}

std::string FormatMinor(std::int64_t minor, Currency currency) {
  const int exponent = currency.exponent();
  const std::int64_t scale = kPowers[exponent];
  const std::int64_t magnitude = std::abs(minor);
  std::string text = minor < 0 ? "-" : "";
  text += std::to_string(magnitude / scale);
  if (exponent > 0) {
    const std::string fraction = std::to_string(magnitude % scale);
    text += '.';
    text.append(static_cast<std::size_t>(exponent) - fraction.size(), '0');
    text += fraction;
  }
  return text;
}

double ToUnits(std::int64_t minor, Currency currency) {
  return static_cast<double>(minor) / static_cast<double>(kPowers[currency.exponent()]);
}

std::optional<std::int64_t> FromUnits(double units, Currency currency) {
  const double minor = std::nearbyint(units * static_cast<double>(kPowers[currency.exponent()]));
  if (!(std::fabs(minor) <= static_cast<double>(kMoneyMinorMax))) return std::nullopt;
  return static_cast<std::int64_t>(minor);
}

}  // namespace holdfast
