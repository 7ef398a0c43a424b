// Geo: the result of looking up an order's IP address, and the postal codes of its addresses, when
// the order came. It is stored in the logged event, so that a replay does not need the files of
// that day.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast {

// Only kFound has a country. None of the others is a mismatch with anything.
enum class GeoStatus : std::uint8_t {
  kNotGiven,    // no lookup was made
  kFound,       // with a country
  kNoCountry,   // found, without one
  kNotFound,    // the database does not know the address
  kPrivate,     // not an address of a public network
  kUnreadable,  // the database could not be read
};

struct Geo {
  GeoStatus status = GeoStatus::kNotGiven;
  std::string_view country;         // ISO 3166-1 alpha-2
  std::optional<std::int64_t> asn;  // number of the network's operator
  std::string_view organisation;    // its name
  std::optional<bool> hosting;      // a data centre's network; set if there is a list
  std::optional<bool> tor;          // an exit of the Tor network; set if there is a list
  std::optional<bool> vpn;          // a VPN or proxy service; set if there is a list
  // Of the address, where the file has cities.
  std::string_view region;     // its ISO 3166-2 code without the country ("CA"), else its name
  std::string_view city;       // its English name
  std::string_view time_zone;  // "Europe/Berlin"
  std::optional<std::int64_t> accuracy_km;  // the address is probably within this of its place
  // Between the places of the IP address and of the postal codes; set if there is a table of these.
  std::optional<std::int64_t> ip_to_shipping_km, ip_to_billing_km, shipping_to_billing_km;
};

}  // namespace holdfast
