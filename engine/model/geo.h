// Geo: what was found out about an order's IP address when the order came. It stands in the logged
// event, so that a replay needs no database of that day.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast {

// Only kFound has a country. None of the others is a mismatch with anything.
enum class GeoStatus : std::uint8_t {
  kNotGiven,    // nobody looked
  kFound,       // with a country
  kNoCountry,   // found, without one
  kNotFound,    // the database does not know the address
  kPrivate,     // an address of no public network: nobody can know it
  kUnreadable,  // the database could not be read
};

struct Geo {
  GeoStatus status = GeoStatus::kNotGiven;
  std::string_view country;         // ISO 3166-1 alpha-2
  std::optional<std::int64_t> asn;  // number of the network's operator
  std::string_view organisation;    // its name
  std::optional<bool> hosting;      // a network of servers, not of people; where a list is there
  std::optional<bool> tor;          // an exit of the Tor network; where a list is there
  std::optional<bool> vpn;          // of a VPN or proxy service; where a list is there
};

}  // namespace holdfast
