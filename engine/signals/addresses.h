// Addresses: compares two addresses.
//
// Method: country, postal code, region, city, street, house number and unit are compared one by
// one. Abbreviations (St for Street, 5th for Fifth, Apt for Unit) and scripts are evened out; a
// cross street ("between 54th and 55th") is left aside.
//   different: country, street or house number differ, or two of postal code, region and city do.
//   same: street and number agree, so does postal code or city, no part that both sides give
//         differs, and neither says more.
//   plausible: everything between.
//   unknown: there is no street, postal code or city to compare; or only one side has a house
//   number
//         and no postal code says where on the street it is.
// Limits: abbreviations are those of English, German, French, Spanish, Italian, Dutch and
// Portuguese, some of Turkish, Indonesian and Slavic ones. A street that has two names is two
// streets; in two scripts that do not agree it is unknown.
#pragma once

#include <cstdint>
#include <string>
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

// A text that is the same for one address however it is capitalised or abbreviated; of the postal
// code, else the city, with street, number and unit. Of long lines, and of other scripts than
// Latin, every letter counts. Empty for no address.
std::string AddressKey(const Address& address);

}  // namespace holdfast
