// Address: where a parcel goes, a bill goes, or an account is registered. Views, see Order.
#pragma once

#include <string_view>

namespace holdfast {

struct Address {
  std::string_view line1, line2, city, region, postal_code;
  std::string_view country;  // ISO 3166-1 alpha-2, upper case

  bool Given() const {
    return !(line1.empty() && line2.empty() && city.empty() && region.empty() &&
             postal_code.empty() && country.empty());
  }
};

}  // namespace holdfast
