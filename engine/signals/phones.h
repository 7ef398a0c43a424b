// Phones: validates a phone number and finds its type and country.
//
// Source: libphonenumber and its metadata, as of its version. A number that its country could have
// given is valid; nobody is called. Numbers move with people: another country is weak evidence.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast {

enum class PhoneType : std::uint8_t {
  kUnknown,
  kMobile,
  kFixedLine,
  kFixedLineOrMobile,  // they look alike in North America
  kVoip,
  kTollFree,
  kPremium,  // and shared cost
  kOther,    // pagers, voice mail, whole companies
};

// "mobile", "fixed_line", ...; empty for kUnknown.
std::string_view NameOf(PhoneType type);

struct Phone {
  bool known = false;  // it can be told: there is a number, with a country of its own or `country`
  bool valid = false;
  PhoneType type = PhoneType::kUnknown;  // of a valid one
  std::string e164;                      // of a valid one: "+442079460018"
  std::string country;                   // ISO 3166-1 of a valid one; empty for "+800" and the like
};

// A number as people write it; `country` (ISO 3166-1, or empty) is where it would be called from
// without a country code. More than 40 bytes are no number. Each thread remembers some
// thousand: reading one takes 20 microseconds and more.
Phone ReadPhone(std::string_view text, std::string_view country);

}  // namespace holdfast
