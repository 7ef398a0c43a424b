// PostalPlaces: where postal codes are, from a table; and distances on the globe.
//
// Source: a CSV file with the head country,postal_code,latitude,longitude, such as one made of
// GeoNames' postal codes. A table may have the beginning of the codes only, as GeoNames has of
// Canada, Ireland, the Netherlands and Britain. Where it does not have the whole code, the longest
// beginning that it has counts; of Britain always the part before the last three characters.
// Limits: a place is the middle of its area, some kilometres from most addresses in it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/model/address.h"

namespace holdfast {

// Degrees, north and east positive.
struct GeoPoint {
  double latitude = 0, longitude = 0;  // -90 to 90, -180 to 180
};

// Nothing for numbers that are no point.
std::optional<GeoPoint> PointAt(double latitude, double longitude);

// The great-circle distance on a sphere of the mean radius of the earth, in whole kilometres; at
// most 20,015.
std::int64_t KilometresBetween(const GeoPoint& a, const GeoPoint& b);

// A country and a postal code in one form, for lists: "US 97230", "GB M11AA", "BR 01310100". Of a
// code of the United States the first five digits. Empty where the address lacks one of them.
std::string PostalKey(const Address& address);

class PostalPlaces {
 public:
  // Of several rows of one code the first counts.
  // Errors: kNotFound, kIo, kLimitExceeded; kInvalidInput, which names the row.
  static Result<std::shared_ptr<const PostalPlaces>> Read(const std::string& path);

  // Nothing where the address gives no country or code, or the table does not have it.
  std::optional<GeoPoint> Find(const Address& address) const;

 private:
  struct Place {
    std::uint64_t code = 0;  // digest of country and code
    float latitude = 0, longitude = 0;
  };
  std::optional<GeoPoint> FindCode(std::string_view country, std::string_view code) const;

  std::vector<Place> places_;  // ascending
};

}  // namespace holdfast
