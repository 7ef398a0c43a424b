#include "engine/base/ip.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "engine/base/number.h"

namespace holdfast {
namespace {

constexpr int kV4Bits = 96;  // before an IPv4 address
constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

}  // namespace

bool IsV4(const IpAddress& address) {
  return std::equal(kMapped.begin(), kMapped.end(), address.begin());
}

std::optional<IpAddress> ParseIp(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN + 1];
  if (text.size() >= sizeof buffer) return std::nullopt;
  text.copy(buffer, text.size());
  buffer[text.size()] = '\0';
  IpAddress address{};
  if (inet_pton(AF_INET, buffer, address.data() + kMapped.size()) == 1) {
    std::copy(kMapped.begin(), kMapped.end(), address.begin());
    return address;
  }
  if (inet_pton(AF_INET6, buffer, address.data()) == 1) return address;
  return std::nullopt;
}

std::optional<IpNetwork> ParseIpNetwork(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = ParseIp(text.substr(0, slash));
  const std::string_view bits = text.substr(slash + 1);
  const int prefix = ParseNumber<int>(bits).value_or(-1);
  if (!address) return std::nullopt;
  if (bits.size() > 1 && bits.front() == '0') return std::nullopt;
  const bool v4 = text.substr(0, slash).find(':') == std::string_view::npos;
  if (prefix < 0 || prefix > (v4 ? 32 : 128)) return std::nullopt;
  return IpNetwork{*address, v4 ? prefix + kV4Bits : prefix};
}

bool IpNetwork::Holds(const IpAddress& other) const {
  if (prefix < kV4Bits && IsV4(other)) return false;
  const auto whole = static_cast<std::size_t>(prefix / 8);
  if (std::memcmp(address.data(), other.data(), whole) != 0) return false;
  const int rest = prefix % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xFF << (8 - rest));
  return (address[whole] & mask) == (other[whole] & mask);
}

IpNetwork Masked(const IpNetwork& network) {
  IpNetwork masked = network;
  for (int bit = network.prefix; bit < 128; ++bit) {
    masked.address[static_cast<std::size_t>(bit / 8)] &=
        static_cast<std::uint8_t>(~(0x80 >> bit % 8));
  }
  return masked;
}

std::string FormatIpNetwork(const IpNetwork& network) {
  const bool v4 = IsV4(network.address) && network.prefix >= kV4Bits;
  return FormatIp(network.address) + "/" +
         std::to_string(v4 ? network.prefix - kV4Bits : network.prefix);
}

std::string FormatIp(const IpAddress& address) {
  char buffer[INET6_ADDRSTRLEN];
  if (IsV4(address)) {
    inet_ntop(AF_INET, address.data() + kMapped.size(), buffer, sizeof buffer);
  } else {
    inet_ntop(AF_INET6, address.data(), buffer, sizeof buffer);
  }
  return buffer;
}

bool IsPrivateIp(const IpAddress& ip) {
  // Special-purpose registries of IANA (RFC 6890 and its successors).
  static const std::vector<IpNetwork> kNetworks = [] {
    std::vector<IpNetwork> all;
    for (const char* text :
         {"0.0.0.0/8",       "10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8",    "169.254.0.0/16",
          "172.16.0.0/12",   "192.0.0.0/24",   "192.0.2.0/24",  "192.168.0.0/16", "198.18.0.0/15",
          "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",   "240.0.0.0/4",    "::/127",
          "100::/64",        "2001:db8::/32",  "fc00::/7",      "fe80::/10",      "ff00::/8"}) {
      all.push_back(*ParseIpNetwork(text));
    }
    return all;
  }();
  return std::any_of(kNetworks.begin(), kNetworks.end(),
                     [&ip](const IpNetwork& network) { return network.Holds(ip); });
}

}  // namespace holdfast
