// The kinds of links between orders of different buyers; see Links.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace holdfast {

// Records on disk are numbered by it: add new ones at the end.
enum class Link : std::uint8_t { kIp, kDevice, kCard, kAddress, kPhone, kEmail, kAccount };
inline constexpr std::array kLinks = {Link::kIp,    Link::kDevice, Link::kCard,   Link::kAddress,
                                      Link::kPhone, Link::kEmail,  Link::kAccount};

// "ip", "device", ...: the facts of the link are linked.NAME.*
std::string_view NameOf(Link link);

// A set of links.
class LinkSet {
 public:
  void Add(Link link) { bits_ |= BitOf(link); }
  bool Has(Link link) const { return (bits_ & BitOf(link)) != 0; }
  bool empty() const { return bits_ == 0; }

 private:
  static std::uint32_t BitOf(Link link) { return 1U << static_cast<unsigned>(link); }
  std::uint32_t bits_ = 0;
};

}  // namespace holdfast
