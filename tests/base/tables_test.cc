// Large sets: of texts and of networks, beside plain ones.
#include <doctest/doctest.h>

#include <set>
#include <vector>

#include "engine/base/network_table.h"
#include "engine/base/text_table.h"
#include "engine/simulate/random.h"

namespace holdfast {
namespace {

TEST_CASE("a text table holds what was added, in that order") {
  TextTable table;
  CHECK_FALSE(table.Contains(""));
  std::set<std::string> expected;
  std::vector<std::string> order;
  Random random(3);
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random.Below(6), '\0');
    for (char& c : text) c = static_cast<char>('a' + random.Below(8));
    if (expected.insert(text).second) order.push_back(text);
    table.Add(text);
    CHECK(table.size() == expected.size());
  }
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random.Below(7), '\0');
    for (char& c : text) c = static_cast<char>('a' + random.Below(9));
    CHECK(table.Contains(text) == expected.contains(text));
  }
  std::vector<std::string> seen;
  table.ForEach([&](std::string_view text) { seen.emplace_back(text); });
  CHECK(seen == order);
}

// An address near others, so that networks hold it now and then.
IpAddress AnyAddress(Random& random, bool v4) {
  IpAddress address = *ParseIp(v4 ? "10.0.0.0" : "2001:db8::");
  for (std::size_t i = v4 ? 13 : 4; i < 16; ++i) {
    address[i] = static_cast<std::uint8_t>(random.Below(4) * 0x55);
  }
  return address;
}

// Goal:   a table of networks, and edits in any order, find what a plain search finds.
// Method: seeded random networks of both families, nested and apart.
TEST_CASE("networks are found as by a plain search") {
  Random random(8);
  for (int round = 0; round < 60; ++round) {
    std::vector<std::pair<IpNetwork, bool>> edits_in_order;
    NetworkTable table;
    NetworkEdits edits;
    for (std::uint64_t n = random.Below(40); n > 0; --n) {
      const bool v4 = random.Chance(500);
      const int bits =
          v4 ? 96 + static_cast<int>(random.Below(33)) : static_cast<int>(random.Below(129));
      if (random.Chance(900) && bits < (v4 ? 104 : 32)) continue;  // few that hold everything
      const IpNetwork network = Masked({AnyAddress(random, v4), bits});
      const bool added = random.Chance(600);
      edits_in_order.emplace_back(network, added);
      table.Add(network);
      added ? edits.Add(network) : edits.Remove(network);
    }
    table.Seal();
    for (int i = 0; i < 300; ++i) {
      const IpAddress address = AnyAddress(random, random.Chance(500));
      bool held = false;
      std::optional<bool> last;
      for (const auto& [network, added] : edits_in_order) {
        if (!network.Holds(address)) continue;
        held = true;
        last = added;
      }
      CAPTURE(FormatIp(address));
      CHECK(table.Holds(address) == held);
      CHECK(edits.Find(address, 0) == last);
    }
    for (const auto& [network, added] : edits_in_order) CHECK(table.Has(network));
  }
}

TEST_CASE("networks that count until a time leave what was before") {
  const IpAddress address = *ParseIp("192.0.2.7");
  const IpNetwork one = *ParseIpNetwork("192.0.2.7/32"), all = *ParseIpNetwork("192.0.2.0/24");
  NetworkEdits edits;
  edits.Remove(all);
  edits.AddUntil(one, 100);
  CHECK(edits.Find(address, 99) == true);
  CHECK(edits.Find(address, 100) == false);
  CHECK(edits.InOrder().size() == 2);
  edits.Add(all);
  CHECK(edits.Find(address, 100) == true);
  edits.Remove(one);
  CHECK(edits.Find(address, 99) == false);
  NetworkEdits alone;
  alone.AddUntil(one, 100);
  CHECK(alone.Find(address, 100) == std::nullopt);
}

TEST_CASE("networks at the ends of the address space") {
  NetworkTable table;
  for (const char* text : {"0.0.0.0/32", "255.255.255.255/32", "10.255.0.0/15", "128.0.0.0/1"}) {
    table.Add(*ParseIpNetwork(text));
  }
  table.Seal();
  for (const char* inside :
       {"0.0.0.0", "255.255.255.255", "10.254.0.0", "10.255.255.255", "128.0.0.0", "200.1.2.3"}) {
    CAPTURE(inside);
    CHECK(table.Holds(*ParseIp(inside)));
  }
  for (const char* outside : {"0.0.0.1", "11.0.0.0", "10.253.255.255", "127.255.255.255", "::1"}) {
    CAPTURE(outside);
    CHECK_FALSE(table.Holds(*ParseIp(outside)));
  }
}

}  // namespace
}  // namespace holdfast
