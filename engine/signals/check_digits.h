// Check digits of numbers of accounts and cards.
//
// Sources: ISO 13616 and SWIFT's IBAN registry (lengths by country, release 99); ISO/IEC 7812-1,
// annex B (Luhn).
// Limits: a number that is right need not exist. Blanks and '-' are skipped, small letters are
// capitals; more than 64 bytes are no number.
#pragma once

#include <string_view>

namespace holdfast {

// An IBAN with the right check digits, and the length that its country has; of a country that the
// registry did not have, of 15 to 34 characters.
bool IsIban(std::string_view text);

// Two digits or more, of which the last is the check digit of the others; not zeros alone.
bool IsLuhn(std::string_view text);

}  // namespace holdfast
