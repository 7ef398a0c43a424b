#include "engine/signals/check_digits.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace holdfast {
namespace {

struct IbanLength {
  std::string_view country;
  std::size_t length;
};

// Sorted by country.
constexpr std::array kIbanLengths = {
    IbanLength{"AD", 24}, IbanLength{"AE", 23}, IbanLength{"AL", 28}, IbanLength{"AT", 20},
    IbanLength{"AZ", 28}, IbanLength{"BA", 20}, IbanLength{"BE", 16}, IbanLength{"BG", 22},
    IbanLength{"BH", 22}, IbanLength{"BI", 27}, IbanLength{"BR", 29}, IbanLength{"BY", 28},
    IbanLength{"CH", 21}, IbanLength{"CR", 22}, IbanLength{"CY", 28}, IbanLength{"CZ", 24},
    IbanLength{"DE", 22}, IbanLength{"DJ", 27}, IbanLength{"DK", 18}, IbanLength{"DO", 28},
    IbanLength{"EE", 20}, IbanLength{"EG", 29}, IbanLength{"ES", 24}, IbanLength{"FI", 18},
    IbanLength{"FK", 18}, IbanLength{"FO", 18}, IbanLength{"FR", 27}, IbanLength{"GB", 22},
    IbanLength{"GE", 22}, IbanLength{"GI", 23}, IbanLength{"GL", 18}, IbanLength{"GR", 27},
    IbanLength{"GT", 28}, IbanLength{"HN", 28}, IbanLength{"HR", 21}, IbanLength{"HU", 28},
    IbanLength{"IE", 22}, IbanLength{"IL", 23}, IbanLength{"IQ", 23}, IbanLength{"IS", 26},
    IbanLength{"IT", 27}, IbanLength{"JO", 30}, IbanLength{"KW", 30}, IbanLength{"KZ", 20},
    IbanLength{"LB", 28}, IbanLength{"LC", 32}, IbanLength{"LI", 21}, IbanLength{"LT", 20},
    IbanLength{"LU", 20}, IbanLength{"LV", 21}, IbanLength{"LY", 25}, IbanLength{"MC", 27},
    IbanLength{"MD", 24}, IbanLength{"ME", 22}, IbanLength{"MK", 19}, IbanLength{"MN", 20},
    IbanLength{"MR", 27}, IbanLength{"MT", 31}, IbanLength{"MU", 30}, IbanLength{"NI", 28},
    IbanLength{"NL", 18}, IbanLength{"NO", 15}, IbanLength{"OM", 23}, IbanLength{"PK", 24},
    IbanLength{"PL", 28}, IbanLength{"PS", 29}, IbanLength{"PT", 25}, IbanLength{"QA", 29},
    IbanLength{"RO", 24}, IbanLength{"RS", 22}, IbanLength{"RU", 33}, IbanLength{"SA", 24},
    IbanLength{"SC", 31}, IbanLength{"SD", 18}, IbanLength{"SE", 24}, IbanLength{"SI", 19},
    IbanLength{"SK", 24}, IbanLength{"SM", 27}, IbanLength{"SO", 23}, IbanLength{"ST", 25},
    IbanLength{"SV", 28}, IbanLength{"TL", 23}, IbanLength{"TN", 24}, IbanLength{"TR", 26},
    IbanLength{"UA", 29}, IbanLength{"VA", 22}, IbanLength{"VG", 24}, IbanLength{"XK", 20},
    IbanLength{"YE", 30}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsCapital(char c) { return c >= 'A' && c <= 'Z'; }

// Digits and capitals. Nothing: it has other characters, or is too long.
std::optional<std::string> Plain(std::string_view text) {
  constexpr std::size_t kMost = 64;
  if (text.size() > kMost) return std::nullopt;
  std::string plain;
  for (char c : text) {
    if (c == ' ' || c == '-') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (!IsDigit(c) && !IsCapital(c)) return std::nullopt;
    plain += c;
  }
  return plain;
}

}  // namespace

bool IsIban(std::string_view text) {
  constexpr std::size_t kLeast = 15, kMost = 34, kHead = 4;
  const auto iban = Plain(text);
  if (!iban || iban->size() < kLeast || iban->size() > kMost) return false;
  const bool head =
      IsCapital((*iban)[0]) && IsCapital((*iban)[1]) && IsDigit((*iban)[2]) && IsDigit((*iban)[3]);
  if (!head) return false;
  const std::string_view country = std::string_view(*iban).substr(0, 2);
  const auto at = std::lower_bound(
      kIbanLengths.begin(), kIbanLengths.end(), country,
      [](const IbanLength& one, std::string_view wanted) { return one.country < wanted; });
  const bool known = at != kIbanLengths.end() && at->country == country;
  if (known && at->length != iban->size()) return false;
  // The digits are 02 to 98.
  const std::string_view check = std::string_view(*iban).substr(2, 2);
  if (check < "02" || check > "98") return false;
  unsigned rest = 0;
  for (std::size_t i = 0; i < iban->size(); ++i) {
    const char c = (*iban)[(i + kHead) % iban->size()];
    constexpr unsigned kModulus = 97;
    rest = IsDigit(c) ? (rest * 10 + static_cast<unsigned>(c - '0')) % kModulus
                      : (rest * 100 + static_cast<unsigned>(c - 'A') + 10) % kModulus;
  }
  return rest == 1;
}

bool IsLuhn(std::string_view text) {
  const auto number = Plain(text);
  if (!number || number->size() < 2 || !std::all_of(number->begin(), number->end(), IsDigit)) {
    return false;
  }
  int sum = 0;
  bool doubled = false;
  for (auto digit = number->rbegin(); digit != number->rend(); ++digit, doubled = !doubled) {
    const int value = *digit - '0';
    sum += doubled ? value * 2 - (value > 4 ? 9 : 0) : value;
  }
  return sum > 0 && sum % 10 == 0;
}

}  // namespace holdfast
