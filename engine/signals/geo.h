// GeoDatabase: the country, city and network of an IP address, and how far it is from the addresses
// of an order, from files.
//
// Country and network come from MaxMind's format (MMDB), of any maker: GeoLite2 and GeoIP2
// (`country.iso_code`, `autonomous_system_number`), and flat ones (`country_code`). Where the file
// of the countries has cities (GeoLite2-City), these are read too. Hosting networks, Tor exits and
// networks of VPN services come from lists.
//
// What is asked for is right as of the file: an address changes hands, a mobile network spans
// countries, and who uses a VPN is somewhere else. It is evidence, not proof.
//
// Threads: any function by any.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/arena.h"
#include "engine/base/result.h"
#include "engine/model/geo.h"
#include "engine/model/order.h"
#include "engine/signals/postal_places.h"

namespace holdfast {

// Paths; empty: not there.
struct GeoFiles {
  std::string country, asn;  // MMDB
  // Lists, one AS number, address or network a line; `#` begins a comment.
  std::string hosting_asns, tor_exits, vpn_networks;
  std::string postal_centroids = {};  // see PostalPlaces
};

class GeoDatabase {
 public:
  // Goes on without a file that is missing or damaged, and adds why to `faults`: kNotFound, kIo,
  // kCorrupt, kInvalidInput. What that file would tell is then unknown, and kUnreadable where it is
  // the countries.
  static std::unique_ptr<GeoDatabase> Open(const GeoFiles& files, std::vector<Error>& faults);
  ~GeoDatabase();

  // What is known of an address; texts go to `memory`. Never fails: a file that turns out to be
  // damaged gives kUnreadable. `ip` is one that ParseIp reads; IPv4 may be mapped into IPv6.
  Geo Lookup(std::string_view ip, Arena& memory) const;

  // What is known of an order: of its IP address, and the distances between that and its addresses.
  // Nothing when it gives no IP address and no distance is known.
  std::optional<Geo> Locate(const Order& order, Arena& memory) const;

  // Opens files that were replaced since they were opened. One that cannot be read leaves the old
  // one in use, and adds to `faults`, once. True when something was replaced.
  bool Refresh(std::vector<Error>& faults);

 private:
  struct Data;
  explicit GeoDatabase(GeoFiles files);
  // What the files hold now; where they are as in `old` (or null), or cannot be read, that.
  std::shared_ptr<const Data> Load(const Data* old, std::vector<Error>& faults) const;

  // What is known of an address. Sets `place` to its point, if the file has one.
  Geo Find(const Data& data, std::string_view ip, Arena& memory,
           std::optional<GeoPoint>& place) const;

  const GeoFiles files_;
  std::atomic<std::shared_ptr<const Data>> data_;
};

}  // namespace holdfast
