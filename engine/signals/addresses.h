// Addresses: is it the same place?
//
// Method: country, postal code, region, city, street, house number and unit are compared one by
// one. Abbreviations (St for Street, 5th for Fifth, Apt for Unit) and scripts are evened out; a
// cross street ("between 54th and 55th") is left aside.
//   different: country, street or house number differ, or postal code and city both do.
//   same: street and number agree, so does postal code or city, and no part that both sides give
//         differs.
//   plausible: everything between.
//   unknown: there is no street, postal code or city to compare; or only one side has a house
//   number
//         and no postal code says where on the street it is.
// Limits: abbreviations are those of English, German, French, Spanish, Italian, Dutch and
// Portuguese. A street that has two names is two streets.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/model/address.h"
#include "engine/signals/match.h"

namespace holdfast {

enum class AddressPart : std::uint8_t {
  kCountry,
  kPostalCode,
  kRegion,
  kCity,
  kStreet,
  kNumber,
  kUnit,
};

// "country", "postal_code", ...
std::string_view NameOf(AddressPart part);

struct AddressMatch : Match {
  std::vector<AddressPart> differ;  // that both sides give, in the order above
};

AddressMatch CompareAddresses(const Address& a, const Address& b);

}  // namespace holdfast
