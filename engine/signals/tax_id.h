// Tax ids: checks the form and the check digits of a person's or company's tax number.
//
// Known are Brazil (CPF and CNPJ) and the VAT numbers of the European Union. Check digits are
// computed for BR, AT, BE, DE, DK, EE, ES, FI, FR, GR, HR, HU, IE, IT, LU, NL, PL, PT, RO, SE and
// SK; for the other members a number of the right form is right.
//
// Sources: the European Commission's "VIES: FAQ", question 11 (forms), and its document "VAT
// identification numbers: structure and algorithms"; Receita Federal, IN RFB 1.548/2015 (CPF) and
// IN RFB 2.229/2024 (CNPJ, with letters from July 2026).
//
// Limits: a number that is right need not exist. No register is asked.
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast {

enum class TaxIdCheck : std::uint8_t {
  kUnknownFormat,  // no known form of the country, or no form of the country is known
  kWrong,          // a known form, with check digits that are not those of the number
  kRight,          // a known form, with the right check digits, where they are known
};

// "unknown_format", "wrong", "right".
std::string_view NameOf(TaxIdCheck check);

// A tax number as people write it: blanks, '.', '-', '/' and small letters are allowed. `country`
// is the ISO 3166-1 code of the address; a VAT number that begins with the code of a member state
// ("DE123456789", "EL123456789") is checked as that state's. More than 40 bytes are no number.
TaxIdCheck CheckTaxId(std::string_view country, std::string_view text);

}  // namespace holdfast
