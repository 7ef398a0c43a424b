#include "engine/base/network_table.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "engine/base/check.h"
#include "engine/base/hash.h"

namespace holdfast {
namespace {

constexpr int kV4Bits = 96;  // of the prefix, before an IPv4 address

bool IsV4Network(const IpNetwork& network) {
  return network.prefix >= kV4Bits && IsV4(network.address);
}

std::uint32_t V4Of(const IpAddress& address) {
  return std::uint32_t{address[12]} << 24 | std::uint32_t{address[13]} << 16 |
         std::uint32_t{address[14]} << 8 | address[15];
}

// The last address of a network whose host bits are cleared.
IpAddress LastOf(const IpNetwork& network) {
  IpAddress last = network.address;
  for (int bit = network.prefix; bit < 128; ++bit) {
    last[static_cast<std::size_t>(bit / 8)] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
  }
  return last;
}

std::uint64_t V4Key(const IpNetwork& network) {
  return std::uint64_t{V4Of(network.address)} << 8 |
         static_cast<std::uint64_t>(network.prefix - kV4Bits);
}

}  // namespace

IpNetwork NetworkTable::V4Network(std::uint64_t key) {
  IpNetwork network{*ParseIp("0.0.0.0"), kV4Bits + static_cast<int>(key & 0xFF)};
  for (int i = 0; i < 4; ++i) {
    network.address[static_cast<std::size_t>(12 + i)] =
        static_cast<std::uint8_t>(key >> (32 - 8 * i));
  }
  return network;
}

void NetworkTable::Add(const IpNetwork& network) {
  HOLDFAST_CHECK(!sealed_);
  const IpNetwork masked = Masked(network);
  if (IsV4Network(masked)) {
    v4_.push_back(V4Key(masked));
  } else {
    v6_.push_back(masked);
  }
}

void NetworkTable::Seal() {
  sealed_ = true;
  std::sort(v4_.begin(), v4_.end());
  v4_.erase(std::unique(v4_.begin(), v4_.end()), v4_.end());
  std::sort(v6_.begin(), v6_.end());
  v6_.erase(std::unique(v6_.begin(), v6_.end()), v6_.end());
  for (const std::uint64_t key : v4_) {
    const auto first = static_cast<std::uint32_t>(key >> 8);
    const auto bits = static_cast<unsigned>(key & 0xFF);
    const std::uint32_t last = bits == 0 ? 0xFFFFFFFF : first | (0xFFFFFFFF >> 1 >> (bits - 1));
    // Networks are sorted by their first address, so a nested one follows the network that contains
    // it.
    if (!v4_ranges_.empty() && first <= v4_ranges_.back().last) continue;
    v4_ranges_.push_back({first, last});
  }
  for (const IpNetwork& network : v6_) {
    if (!v6_ranges_.empty() && network.address <= v6_ranges_.back().last) continue;
    v6_ranges_.push_back({network.address, LastOf(network)});
  }
  v4_heads_.resize(kHeads + 1);
  std::uint32_t at = 0;
  for (std::size_t head = 0; head <= kHeads; ++head) {
    const std::uint64_t start = std::uint64_t{head} << 16;
    while (at < v4_ranges_.size() && v4_ranges_[at].last < start) ++at;
    v4_heads_[head] = at;
  }
}

bool NetworkTable::Holds(const IpAddress& address) const {
  HOLDFAST_CHECK(sealed_);
  if (!IsV4(address)) {
    const auto behind =
        std::upper_bound(v6_ranges_.begin(), v6_ranges_.end(), address,
                         [](const IpAddress& a, const V6Range& range) { return a < range.first; });
    return behind != v6_ranges_.begin() && address <= std::prev(behind)->last;
  }
  const std::uint32_t wanted = V4Of(address);
  // The first range that ends at or after the address. A range that spans several blocks of 16 bits
  // is the first of each.
  const std::size_t head = wanted >> 16;
  auto first = v4_ranges_.begin() + v4_heads_[head];
  auto last = v4_ranges_.begin() + v4_heads_[head + 1];
  const auto found = std::lower_bound(
      first, last, wanted, [](const V4Range& range, std::uint32_t a) { return range.last < a; });
  return found != v4_ranges_.end() && found->first <= wanted;
}

bool NetworkTable::Has(const IpNetwork& network) const {
  HOLDFAST_CHECK(sealed_);
  const IpNetwork masked = Masked(network);
  return IsV4Network(masked) ? std::binary_search(v4_.begin(), v4_.end(), V4Key(masked))
                             : std::binary_search(v6_.begin(), v6_.end(), masked);
}

std::size_t NetworkEdits::Hash::operator()(const IpNetwork& network) const {
  char bytes[17];
  std::memcpy(bytes, network.address.data(), 16);
  bytes[16] = static_cast<char>(network.prefix);
  return Hash64({bytes, sizeof bytes});
}

void NetworkEdits::Set(const IpNetwork& network, Kind kind, std::int64_t until) {
  const IpNetwork masked = Masked(network);
  if (kind != Kind::kTimed) timed_.erase(masked);
  (kind == Kind::kTimed ? timed_ : edits_)[masked] = {++last_, kind, until};
  prefixes_[static_cast<std::size_t>(masked.prefix)] = true;
}

std::optional<bool> NetworkEdits::Find(const IpAddress& address, std::int64_t now) const {
  if (empty()) return std::nullopt;
  Edit latest;
  for (int prefix = IsV4(address) ? kV4Bits : 0; prefix <= 128; ++prefix) {
    if (!prefixes_[static_cast<std::size_t>(prefix)]) continue;
    const IpNetwork network = Masked({address, prefix});
    const auto found = edits_.find(network);
    if (found != edits_.end() && found->second.number > latest.number) latest = found->second;
    if (timed_.empty()) continue;
    const auto timed = timed_.find(network);
    const bool counts = timed != timed_.end() && now < timed->second.until;
    if (counts && timed->second.number > latest.number) latest = timed->second;
  }
  if (latest.number == 0) return std::nullopt;
  return latest.kind != Kind::kRemoved;
}

std::vector<NetworkEdits::Made> NetworkEdits::InOrder() const {
  std::map<std::uint64_t, Made> numbered;
  for (const Edits* edits : {&edits_, &timed_}) {
    for (const auto& [network, edit] : *edits) {
      numbered[edit.number] = {network, edit.kind, edit.until};
    }
  }
  std::vector<Made> made;
  for (const auto& [number, one] : numbered) made.push_back(one);
  return made;
}

}  // namespace holdfast
