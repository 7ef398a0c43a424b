// Address: of a parcel, a bill or an account. Views, see Order.
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
