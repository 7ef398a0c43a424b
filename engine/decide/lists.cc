#include "engine/decide/lists.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>
#include <optional>

namespace holdfast {
namespace {

using Address = std::array<std::uint8_t, 16>;

// IPv4 as ::ffff:a.b.c.d, so that both kinds compare alike.
std::optional<Address> ParseIp(std::string_view text, bool& is_v4) {
  const std::string copy(text);
  Address address{};
  is_v4 = inet_pton(AF_INET, copy.c_str(), address.data() + 12) == 1;
  if (is_v4) {
    address[10] = address[11] = 0xFF;
    return address;
  }
  if (inet_pton(AF_INET6, copy.c_str(), address.data()) == 1) return address;
  return std::nullopt;
}

bool SameBits(const Address& a, const Address& b, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (std::memcmp(a.data(), b.data(), whole) != 0) return false;
  const int rest = bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xFF << (8 - rest));
  return (a[whole] & mask) == (b[whole] & mask);
}

}  // namespace

ActiveList::ActiveList(const PackList& list, const Store::ListEdits& edits)
    : list_(list), edits_(edits) {
  for (const std::string& text : list.networks) {
    const std::size_t slash = text.find('/');
    bool is_v4 = false;
    const auto address = ParseIp(std::string_view(text).substr(0, slash), is_v4);
    int prefix = 0;
    const auto parsed = std::from_chars(text.data() + slash + 1, text.data() + text.size(), prefix);
    if (!address || parsed.ec != std::errc()) continue;
    networks_.push_back({*address, is_v4 ? prefix + 96 : prefix});
  }
}

bool ActiveList::Contains(std::string_view text) const {
  const std::string entry = NormaliseEntry(list_.type, text);
  if (edits_.removed.contains(entry)) return false;
  if (list_.texts.contains(entry) || edits_.added.contains(entry)) return true;
  if (networks_.empty()) return false;
  bool is_v4 = false;
  const auto address = ParseIp(entry, is_v4);
  if (!address) return false;
  for (const Network& network : networks_) {
    if (SameBits(*address, network.address, network.prefix)) return true;
  }
  return false;
}

}  // namespace holdfast
