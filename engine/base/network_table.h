// NetworkTable: a large set of IP networks and addresses, fixed once sealed. A lookup takes one
// step into a table by the first 16 bits (IPv4) and a short search from there, for any size; ten
// million IPv4 networks take about 160 MB.
//
// NetworkEdits: networks that were added and removed since. The last edit that covers an address
// decides whether it is in the set; a lookup takes one probe for each prefix length in use.
//
// Threads: any number of readers while no thread changes it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/ip.h"

namespace holdfast {

class NetworkTable {
 public:
  // `network`'s bits behind its prefix do not count. REQUIRES: not sealed.
  void Add(const IpNetwork& network);
  // Ends adding.
  void Seal();

  // Does one of the networks hold `address`? REQUIRES: sealed.
  bool Holds(const IpAddress& address) const;
  // Is this very network among them? REQUIRES: sealed.
  bool Has(const IpNetwork& network) const;

  // Calls `visit` with every network, those of IPv4 first. REQUIRES: sealed.
  template <typename Visit>
  void ForEach(Visit visit) const {
    HOLDFAST_CHECK(sealed_);
    for (const std::uint64_t key : v4_) visit(V4Network(key));
    for (const IpNetwork& network : v6_) visit(network);
  }

  std::size_t size() const { return v4_.size() + v6_.size(); }

 private:
  static IpNetwork V4Network(std::uint64_t key);

  struct V4Range {
    std::uint32_t first, last;
  };
  struct V6Range {
    IpAddress first, last;
  };
  static constexpr std::size_t kHeads = 1 << 16;

  bool sealed_ = false;
  std::vector<std::uint64_t> v4_;  // address << 8 | bits of the prefix; sorted
  std::vector<IpNetwork> v6_;      // sorted
  // What they cover, without overlaps, in order.
  std::vector<V4Range> v4_ranges_;
  std::vector<V6Range> v6_ranges_;
  // By the first 16 bits of an address: the first range that ends at or behind them.
  std::vector<std::uint32_t> v4_heads_;
};

class NetworkEdits {
 public:
  // What an edit does to a network. kTimed adds it until a time.
  enum class Kind : std::uint8_t { kRemoved, kAdded, kTimed };

  void Add(const IpNetwork& network) { Set(network, Kind::kAdded, 0); }
  void Remove(const IpNetwork& network) { Set(network, Kind::kRemoved, 0); }
  // Adds the network for times before `until`, in the unit of `now` in Find. From then on the
  // earlier addition or removal of the network applies again, if there is one.
  void AddUntil(const IpNetwork& network, std::int64_t until) { Set(network, Kind::kTimed, until); }

  // Is `address` added or removed at the time `now`, by the last edit? Nothing when no edit covers
  // it.
  std::optional<bool> Find(const IpAddress& address, std::int64_t now) const;

  // The edits in their order; those that a later one of the same network replaced are gone. Making
  // them again in this order gives the same. `until`: of kTimed.
  struct Made {
    IpNetwork network;
    Kind kind = Kind::kAdded;
    std::int64_t until = 0;
  };
  std::vector<Made> InOrder() const;
  bool empty() const { return edits_.empty() && timed_.empty(); }

 private:
  struct Hash {
    std::size_t operator()(const IpNetwork& network) const;
  };
  struct Edit {
    std::uint64_t number = 0;
    Kind kind = Kind::kAdded;
    std::int64_t until = 0;
  };
  using Edits = std::unordered_map<IpNetwork, Edit, Hash>;
  void Set(const IpNetwork& network, Kind kind, std::int64_t until);

  Edits edits_;  // additions and removals
  Edits timed_;  // additions until a time
  std::uint64_t last_ = 0;
  std::array<bool, 129> prefixes_{};  // in use
};

}  // namespace holdfast
