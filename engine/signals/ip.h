// IP: addresses and networks, IPv4 and IPv6 alike.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

// Sixteen bytes; an IPv4 address as ::ffff:a.b.c.d, so that a mapped address is the address.
using IpAddress = std::array<std::uint8_t, 16>;

struct IpNetwork {
  IpAddress address{};
  int prefix = 0;  // bits, of 128

  bool Holds(const IpAddress& other) const;
};

// "192.0.2.7" or "2001:db8::1"; nothing for any other text.
std::optional<IpAddress> ParseIp(std::string_view text);

// "192.0.2.0/24" or "2001:db8::/32"; nothing for any other text.
std::optional<IpNetwork> ParseIpNetwork(std::string_view text);

// The shortest usual text; a mapped IPv4 address as IPv4.
std::string FormatIp(const IpAddress& address);

}  // namespace holdfast
