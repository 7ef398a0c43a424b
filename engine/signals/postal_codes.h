// Postal codes: checks whether a postal code is possible in a country and its region.
//
// Method: the code is held against the country's pattern, and its beginning against that of the
// region, where both are known (data/postal-codes.txt, from libaddressinput).
// Limits: a code that fits need not exist. 178 countries have a pattern, 22 of them regions; some
// codes at a border of two regions are held to be the other's: weak evidence.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/model/address.h"

namespace holdfast {

enum class PostalFit : std::uint8_t {
  kUnknown,       // a part is missing, or the country has no postal codes that are known
  kFits,          // the country, and the region if it is a known one
  kOtherCountry,  // no code of this country looks so
  kOtherRegion,   // it is of another region of the country
};

// "unknown", "fits", "other_country", "other_region".
std::string_view NameOf(PostalFit fit);

PostalFit CheckPostalCode(const Address& address);

}  // namespace holdfast
