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

  // An IPv6 network such as ::/0 holds no IPv4 address.
  bool Holds(const IpAddress& other) const;
  auto operator<=>(const IpNetwork&) const = default;
};

// "192.0.2.7" or "2001:db8::1"; nothing for any other text.
std::optional<IpAddress> ParseIp(std::string_view text);

// The network of one address alone.
inline IpNetwork NetworkOf(const IpAddress& address) { return {address, 128}; }

// "192.0.2.0/24" or "2001:db8::/32"; nothing for any other text.
std::optional<IpNetwork> ParseIpNetwork(std::string_view text);

// An address of no public network: private, of this machine, reserved, for documents (RFC 6890 and
// its successors).
bool IsPrivateIp(const IpAddress& ip);

// An IPv4 address?
bool IsV4(const IpAddress& address);

// `network` with the bits behind its prefix cleared.
IpNetwork Masked(const IpNetwork& network);

// "192.0.2.0/24"; the bits behind the prefix as they are.
std::string FormatIpNetwork(const IpNetwork& network);

// The shortest usual text; a mapped IPv4 address as IPv4.
std::string FormatIp(const IpAddress& address);

}  // namespace holdfast
