#include "engine/signals/tax_id.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "engine/base/enum_names.h"

namespace holdfast {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsCapital(char c) { return c >= 'A' && c <= 'Z'; }
int DigitOf(char c) { return c - '0'; }

// Without separators, in upper case. Empty: too long to be a number.
std::string BareId(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  constexpr std::string_view kSeparators = " .-/,\t";
  std::string bare;
  if (text.size() > kLongest) return bare;
  for (const char c : text) {
    if (kSeparators.find(c) != kSeparators.npos) continue;
    bare += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return bare;
}

// True when `text` has the form: '9' is a digit, 'A' a letter, 'X' either; others are themselves.
bool HasForm(std::string_view form, std::string_view text) {
  if (form.size() != text.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const char c = text[i];
    const bool fits = form[i] == '9'   ? IsDigit(c)
                      : form[i] == 'A' ? IsCapital(c)
                      : form[i] == 'X' ? IsDigit(c) || IsCapital(c)
                                       : form[i] == c;
    if (!fits) return false;
  }
  return true;
}

std::int64_t NumberOf(std::string_view digits) {
  std::int64_t number = 0;
  for (const char c : digits) number = number * 10 + DigitOf(c);
  return number;
}

// The digits times their weights, from the first one on.
int Weighted(std::string_view digits, std::span<const int> weights) {
  int sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += DigitOf(digits[i]) * weights[i];
  return sum;
}

// The check digit of Luhn (ISO/IEC 7812) is the last one.
bool LuhnFits(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (std::size_t i = digits.size(); i-- > 0; twice = !twice) {
    const int digit = DigitOf(digits[i]) * (twice ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 == 0;
}

// The check digit of ISO/IEC 7064 MOD 11,10 is the last one.
bool Mod1110Fits(std::string_view digits) {
  int product = 10;
  for (const char c : digits.substr(0, digits.size() - 1)) {
    int sum = (DigitOf(c) + product) % 10;
    if (sum == 0) sum = 10;
    product = 2 * sum % 11;
  }
  return (11 - product) % 10 == DigitOf(digits.back());
}

// ---- Brazil -------------------------------------------------------------------------------------

// The check digit of `before`. Weights rise from 2, from right to left, and restart at 2 after
// `highest`. A letter counts as its ASCII code less 48.
int BrazilianDigit(std::string_view before, int highest) {
  int sum = 0, weight = 2;
  for (std::size_t i = before.size(); i-- > 0;) {
    sum += DigitOf(before[i]) * weight;
    weight = weight == highest ? 2 : weight + 1;
  }
  const int rest = sum % 11;
  return rest < 2 ? 0 : 11 - rest;
}

bool BrazilianFits(std::string_view id, int highest) {
  // Numbers of one repeated digit have the right check digits, but are never given.
  if (std::all_of(id.begin(), id.end(), [&id](char c) { return c == id[0]; })) return false;
  return BrazilianDigit(id.substr(0, id.size() - 2), highest) == DigitOf(id[id.size() - 2]) &&
         BrazilianDigit(id.substr(0, id.size() - 1), highest) == DigitOf(id.back());
}

constexpr std::string_view kCpfForm = "99999999999", kCnpjForm = "XXXXXXXXXXXX99";

bool CpfFits(std::string_view id) { return BrazilianFits(id, 11); }
bool CnpjFits(std::string_view id) { return BrazilianFits(id, 9); }

// ---- the European Union -------------------------------------------------------------------------

bool FormOnly(std::string_view) { return true; }

bool AustrianFits(std::string_view id) {
  const std::string_view digits = id.substr(1);
  int sum = 4;
  for (std::size_t i = 0; i < 7; ++i) {
    const int digit = DigitOf(digits[i]);
    sum += i % 2 == 0 ? digit : digit / 5 + digit * 2 % 10;
  }
  return (10 - sum % 10) % 10 == DigitOf(digits[7]);
}

bool BelgianFits(std::string_view id) {
  return 97 - NumberOf(id.substr(0, 8)) % 97 == NumberOf(id.substr(8));
}

bool DanishFits(std::string_view id) {
  constexpr int kWeights[] = {2, 7, 6, 5, 4, 3, 2, 1};
  return id[0] != '0' && Weighted(id, kWeights) % 11 == 0;
}

bool GermanFits(std::string_view id) { return id[0] != '0' && Mod1110Fits(id); }

bool EstonianFits(std::string_view id) {
  constexpr int kWeights[] = {3, 7, 1, 3, 7, 1, 3, 7, 1};
  return Weighted(id, kWeights) % 10 == 0;
}

bool GreekFits(std::string_view id) {
  constexpr int kWeights[] = {256, 128, 64, 32, 16, 8, 4, 2};
  return Weighted(id, kWeights) % 11 % 10 == DigitOf(id[8]);
}

// The number of a person: DNI, NIE, or one with the letter K, L or M.
bool SpanishPersonFits(std::string_view id) {
  constexpr std::string_view kLetters = "TRWAGMYFPDXBNJZSQVHLCKE";
  std::string digits(id.substr(0, 8));
  if (digits[0] >= 'X' && digits[0] <= 'Z') {
    digits[0] = static_cast<char>('0' + (digits[0] - 'X'));
  } else if (!IsDigit(digits[0])) {
    digits.erase(0, 1);
  }
  const auto letter = static_cast<std::size_t>(NumberOf(digits) % 23);
  return kLetters[letter] == id[8];
}

// The number of a company. Which kinds end with a letter and which with a digit is not published
// in one form, so either is right.
bool SpanishCompanyFits(std::string_view id) {
  int sum = 0;
  for (std::size_t i = 1; i < 8; ++i) {
    const int digit = DigitOf(id[i]) * (i % 2 == 1 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  const auto check = static_cast<std::size_t>((10 - sum % 10) % 10);
  return id[8] == "0123456789"[check] || id[8] == "JABCDEFGHI"[check];
}

bool SpanishFits(std::string_view id) {
  constexpr std::string_view kPersons = "KLMXYZ";
  constexpr std::string_view kCompanies = "ABCDEFGHJNPQRSUVW";
  if (IsDigit(id[0]) || kPersons.find(id[0]) != kPersons.npos) return SpanishPersonFits(id);
  return kCompanies.find(id[0]) != kCompanies.npos && SpanishCompanyFits(id);
}

bool FinnishFits(std::string_view id) {
  constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1};
  return Weighted(id, kWeights) % 11 == 0;
}

// Two signs of key, then the SIREN. Monaco has numbers without a SIREN, which begin with 000.
bool FrenchFits(std::string_view id) {
  const std::string_view siren = id.substr(2);
  if (!siren.starts_with("000") && !LuhnFits(siren)) return false;
  const std::int64_t number = NumberOf(siren);
  if (IsDigit(id[0]) && IsDigit(id[1])) {
    return (12 + 3 * (number % 97)) % 97 == NumberOf(id.substr(0, 2));
  }
  constexpr std::string_view kSigns = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
  const std::size_t first = kSigns.find(id[0]), second = kSigns.find(id[1]);
  if (first == kSigns.npos || second == kSigns.npos) return false;
  const auto key = static_cast<std::int64_t>(IsDigit(id[0]) ? first * 24 + second - 10
                                                            : first * 34 + second - 100);
  return (number + 1 + key / 11) % 11 == key % 11;
}

bool HungarianFits(std::string_view id) {
  constexpr int kWeights[] = {9, 7, 3, 1, 9, 7, 3, 1};
  return Weighted(id, kWeights) % 10 == 0;
}

// Seven digits, a check letter, and a letter that counts nine times.
bool IrishFits(std::string_view id) {
  constexpr int kWeights[] = {8, 7, 6, 5, 4, 3, 2};
  constexpr std::string_view kLetters = "WABCDEFGHIJKLMNOPQRSTUV";
  int sum = Weighted(id, kWeights);
  if (id.size() == 9) {
    const std::size_t last = kLetters.find(id[8]);
    if (last == kLetters.npos) return false;
    sum += 9 * static_cast<int>(last);
  }
  const auto letter = static_cast<std::size_t>(sum % 23);
  return kLetters[letter] == id[7];
}

// Numbers issued before 2013: the second character is a letter, '+' or '*', and has no weight.
bool OldIrishFits(std::string_view id) {
  return IrishFits("0" + std::string(id.substr(2, 5)) + std::string(1, id[0]) + id[7]);
}

bool ItalianFits(std::string_view id) { return NumberOf(id.substr(0, 7)) != 0 && LuhnFits(id); }

bool LuxembourgishFits(std::string_view id) {
  return NumberOf(id.substr(0, 6)) % 89 == NumberOf(id.substr(6));
}

// Companies: the last of nine digits is a check digit. Sole traders, since 2020: ISO/IEC 7064
// MOD 97-10 over the whole number with its country, letters as 10 to 35.
bool DutchFits(std::string_view id) {
  constexpr int kWeights[] = {9, 8, 7, 6, 5, 4, 3, 2, -1};
  if (NumberOf(id.substr(10)) == 0) return false;
  if (Weighted(id, kWeights) % 11 == 0) return true;
  std::int64_t rest = 2321 % 97;  // NL
  for (const char c : id) {
    rest = IsDigit(c) ? (rest * 10 + DigitOf(c)) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
  }
  return rest == 1;
}

bool PolishFits(std::string_view id) {
  constexpr int kWeights[] = {6, 5, 7, 2, 3, 4, 5, 6, 7};
  return Weighted(id, kWeights) % 11 == DigitOf(id[9]);
}

bool PortugueseFits(std::string_view id) {
  constexpr int kWeights[] = {9, 8, 7, 6, 5, 4, 3, 2};
  const int check = 11 - Weighted(id, kWeights) % 11;
  return id[0] != '0' && (check > 9 ? 0 : check) == DigitOf(id[8]);
}

// Two to ten digits; the weights belong to the last nine before the check digit.
bool RomanianFits(std::string_view id) {
  constexpr int kWeights[] = {7, 5, 3, 2, 1, 7, 5, 3, 2};
  const std::string whole = std::string(10 - id.size(), '0') + std::string(id);
  return id[0] != '0' && Weighted(whole, kWeights) * 10 % 11 % 10 == DigitOf(whole[9]);
}

bool SwedishFits(std::string_view id) {
  return NumberOf(id.substr(10)) != 0 && LuhnFits(id.substr(0, 10));
}

bool SlovakFits(std::string_view id) { return id[0] != '0' && NumberOf(id) % 11 == 0; }

struct TaxIdRow {
  std::string_view country, prefix;  // prefix: of a VAT number; empty: the numbers have none
  std::string_view form;
  bool (*fits)(std::string_view id);  // of the id without its prefix
};

// The rows of a country are adjacent.
constexpr TaxIdRow kTaxIdRows[] = {
    {"BR", "", kCpfForm, &CpfFits},
    {"BR", "", kCnpjForm, &CnpjFits},
    {"AT", "AT", "U99999999", &AustrianFits},
    {"BE", "BE", "0999999999", &BelgianFits},
    {"BE", "BE", "1999999999", &BelgianFits},
    {"BG", "BG", "999999999", &FormOnly},
    {"BG", "BG", "9999999999", &FormOnly},
    {"CY", "CY", "99999999A", &FormOnly},
    {"CZ", "CZ", "99999999", &FormOnly},
    {"CZ", "CZ", "999999999", &FormOnly},
    {"CZ", "CZ", "9999999999", &FormOnly},
    {"DE", "DE", "999999999", &GermanFits},
    {"DK", "DK", "99999999", &DanishFits},
    {"EE", "EE", "999999999", &EstonianFits},
    {"ES", "ES", "X9999999X", &SpanishFits},
    {"FI", "FI", "99999999", &FinnishFits},
    {"FR", "FR", "XX999999999", &FrenchFits},
    {"GR", "EL", "999999999", &GreekFits},
    {"HR", "HR", "99999999999", &Mod1110Fits},
    {"HU", "HU", "99999999", &HungarianFits},
    {"IE", "IE", "9999999A", &IrishFits},
    {"IE", "IE", "9999999AA", &IrishFits},
    {"IE", "IE", "9A99999A", &OldIrishFits},
    {"IE", "IE", "9+99999A", &OldIrishFits},
    {"IE", "IE", "9*99999A", &OldIrishFits},
    {"IT", "IT", "99999999999", &ItalianFits},
    {"LT", "LT", "999999999", &FormOnly},
    {"LT", "LT", "999999999999", &FormOnly},
    {"LU", "LU", "99999999", &LuxembourgishFits},
    {"LV", "LV", "99999999999", &FormOnly},
    {"MC", "FR", "XX999999999", &FrenchFits},
    {"MT", "MT", "99999999", &FormOnly},
    {"NL", "NL", "999999999B99", &DutchFits},
    {"PL", "PL", "9999999999", &PolishFits},
    {"PT", "PT", "999999999", &PortugueseFits},
    {"RO", "RO", "99", &RomanianFits},
    {"RO", "RO", "999", &RomanianFits},
    {"RO", "RO", "9999", &RomanianFits},
    {"RO", "RO", "99999", &RomanianFits},
    {"RO", "RO", "999999", &RomanianFits},
    {"RO", "RO", "9999999", &RomanianFits},
    {"RO", "RO", "99999999", &RomanianFits},
    {"RO", "RO", "999999999", &RomanianFits},
    {"RO", "RO", "9999999999", &RomanianFits},
    {"SE", "SE", "999999999999", &SwedishFits},
    {"SI", "SI", "99999999", &FormOnly},
    {"SK", "SK", "9999999999", &SlovakFits},
};

// Checks the id without its prefix by the rows that `is_of` selects.
template <typename IsOf>
TaxIdCheck CheckAgainst(std::string_view id, IsOf is_of) {
  TaxIdCheck found = TaxIdCheck::kUnknownFormat;
  for (const TaxIdRow& row : kTaxIdRows) {
    if (!is_of(row) || !HasForm(row.form, id)) continue;
    if (row.fits(id)) return TaxIdCheck::kRight;
    found = TaxIdCheck::kWrong;
  }
  return found;
}

}  // namespace

std::string_view NameOf(TaxIdCheck check) {
  constexpr std::string_view kNames[] = {"unknown_format", "wrong", "right"};
  return NameIn(kNames, check);
}

TaxIdCheck CheckTaxId(std::string_view country, std::string_view text) {
  const std::string bare = BareId(text);
  const std::string_view id = bare;
  // With the prefix of a member state. A number of `country` itself may begin with such letters.
  TaxIdCheck found = TaxIdCheck::kUnknownFormat;
  if (id.size() > 2) {
    found = CheckAgainst(id.substr(2), [&id](const TaxIdRow& row) {
      return !row.prefix.empty() && row.prefix == id.substr(0, 2);
    });
  }
  if (found == TaxIdCheck::kRight) return found;
  const TaxIdCheck own =
      CheckAgainst(id, [country](const TaxIdRow& row) { return row.country == country; });
  return own == TaxIdCheck::kUnknownFormat ? found : own;
}

}  // namespace holdfast
