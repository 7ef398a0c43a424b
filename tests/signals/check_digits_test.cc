#include <doctest/doctest.h>

#include <string>

#include "engine/signals/check_digits.h"

namespace holdfast {
namespace {

TEST_CASE("check digits: IBANs") {
  // Examples of SWIFT's registry.
  for (const char* iban : {"DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819",
                           "fr14 2004 1010 0505 0001 3m02 606", "NO9386011117947",
                           "MT84MALT011000012345MTLCAST001S", "SA0380000000608010167519"}) {
    CAPTURE(iban);
    CHECK(IsIban(iban));
    // Each wrong digit, and most exchanges, are noticed.
    std::string wrong = iban;
    wrong.back() = wrong.back() == '1' ? '2' : '1';
    CHECK_FALSE(IsIban(wrong));
  }
  for (const char* text : {"", "DE", "DE89 3704 0044 0532 0130 0", "DE89370400440532013000X",
                           "XX00", "1234567890123456", "DE89_3704_0044_0532_0130_00"}) {
    CAPTURE(text);
    CHECK_FALSE(IsIban(text));
  }
}

TEST_CASE("check digits: Luhn") {
  for (const char* number : {"4111 1111 1111 1111", "79927398713", "49-015420-323751-8", "18"}) {
    CAPTURE(number);
    CHECK(IsLuhn(number));
  }
  for (const char* text :
       {"", "0", "00", "4111 1111 1111 1112", "79927398710", "4111a", "18\xC2\xA0"}) {
    CAPTURE(text);
    CHECK_FALSE(IsLuhn(text));
  }
}

}  // namespace
}  // namespace holdfast
