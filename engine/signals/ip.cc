#include "engine/signals/ip.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace holdfast {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

bool IsV4(const IpAddress& address) {
  return std::equal(kMapped.begin(), kMapped.end(), address.begin());
}

}  // namespace

std::optional<IpAddress> ParseIp(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN + 1];
  if (text.size() >= sizeof buffer) return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
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
  int prefix = -1;
  const auto parsed = std::from_chars(bits.data(), bits.data() + bits.size(), prefix);
  if (!address || parsed.ec != std::errc() || parsed.ptr != bits.data() + bits.size()) {
    return std::nullopt;
  }
  const bool v4 = text.substr(0, slash).find(':') == std::string_view::npos;
  if (prefix < 0 || prefix > (v4 ? 32 : 128)) return std::nullopt;
  return IpNetwork{*address, v4 ? prefix + 96 : prefix};
}

bool IpNetwork::Holds(const IpAddress& other) const {
  const auto whole = static_cast<std::size_t>(prefix / 8);
  if (std::memcmp(address.data(), other.data(), whole) != 0) return false;
  const int rest = prefix % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xFF << (8 - rest));
  return (address[whole] & mask) == (other[whole] & mask);
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

}  // namespace holdfast
