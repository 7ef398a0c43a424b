// GeoDatabase: known addresses, both layouts, and every damaged file.
#include "engine/signals/geo.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "tests/cli/process.h"
#include "tests/shared.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

Geo Look(const std::string& file, const std::string& ip) {
  static Arena memory;
  std::vector<Error> faults;
  const auto database = GeoDatabase::Open({file, {}, {}, {}, {}}, faults);
  REQUIRE_MESSAGE(faults.empty(), faults.front().Text());
  return database->Lookup(ip, memory);
}

TEST_CASE("geo: countries, in either layout, and what is no country") {
  const auto flat = testing::Shared("data/geo/iptoasn-country.mmdb");
  const auto nested = testing::Shared("data/maxmind/test-data/GeoIP2-Country-Test.mmdb");
  if (!flat || !nested) return;
  CHECK(Look(*flat, "8.8.8.8").country == "US");
  CHECK(Look(*flat, "5.9.0.1").country == "DE");
  CHECK(Look(*flat, "::ffff:8.8.8.8").country == "US");
  for (const char* ip :
       {"127.0.0.1", "10.0.0.1", "192.0.2.1", "::1", "fe80::1", "::ffff:10.1.1.1"}) {
    CAPTURE(ip);
    CHECK(Look(*flat, ip).status == GeoStatus::kPrivate);
    CHECK(Look(*flat, ip).country.empty());
  }
  CHECK(Look(*nested, "81.2.69.160").country == "GB");
  CHECK(Look(*nested, "2001:218::1").country == "JP");
  CHECK(Look(*nested, "8.8.8.8").status == GeoStatus::kNotFound);
  CHECK(Look(*flat, "nonsense").status == GeoStatus::kNotGiven);
  // Found, but with a continent alone or of another kind.
  const auto names = testing::Shared("data/maxmind/test-data/GeoLite2-ASN-Test.mmdb");
  CHECK(Look(*names, "1.128.0.1").status == GeoStatus::kNoCountry);
  const auto v4 = testing::Shared("data/maxmind/test-data/MaxMind-DB-test-ipv4-24.mmdb");
  CHECK(Look(*v4, "2a00::1").status == GeoStatus::kNotFound);
}

TEST_CASE("geo: cities, and distances between the places of an order") {
  const auto cities = testing::Shared("data/maxmind/test-data/GeoIP2-City-Test.mmdb");
  if (!cities) return;
  const Geo london = Look(*cities, "81.2.69.160");
  CHECK(london.country == "GB");
  CHECK(london.region == "ENG");
  CHECK(london.city == "London");
  CHECK(london.time_zone == "Europe/London");
  CHECK(london.accuracy_km.has_value());
  CHECK_FALSE(london.ip_to_shipping_km.has_value());

  const testing::TempFolder folder;
  const std::string postal = folder.Write("postal.csv",
                                          "country,postal_code,latitude,longitude\n"
                                          "DE,10115,52.5323,13.3846\nFR,75001,48.8635,2.3358\n");
  std::vector<Error> faults;
  const auto database = GeoDatabase::Open({*cities, {}, {}, {}, {}, postal}, faults);
  REQUIRE_MESSAGE(faults.empty(), faults.front().Text());
  Arena memory;
  Order order;
  order.shipping.address.country = "DE";
  order.shipping.address.postal_code = "10115";
  CHECK_FALSE(database->Locate(order, memory).has_value());  // one place alone, and no IP address
  order.billing.address.country = "FR";
  order.billing.address.postal_code = "75001";
  auto geo = database->Locate(order, memory);
  REQUIRE(geo.has_value());
  CHECK(geo->status == GeoStatus::kNotGiven);
  CHECK(geo->shipping_to_billing_km == 877);
  CHECK_FALSE(geo->ip_to_shipping_km.has_value());
  order.ip = "81.2.69.160";
  geo = database->Locate(order, memory);
  REQUIRE(geo.has_value());
  CHECK(geo->city == "London");
  CHECK(std::abs(*geo->ip_to_shipping_km - 928) < 10);
  CHECK(std::abs(*geo->ip_to_billing_km - 342) < 10);
  order.ip = "10.0.0.1";
  geo = database->Locate(order, memory);
  CHECK(geo->status == GeoStatus::kPrivate);
  CHECK_FALSE(geo->ip_to_shipping_km.has_value());
  CHECK(geo->shipping_to_billing_km == 877);
  // Without the table an order without an address is not looked up.
  order.ip = {};
  CHECK_FALSE(GeoDatabase::Open({*cities, {}, {}, {}, {}, {}}, faults)->Locate(order, memory));
}

TEST_CASE("geo: networks, servers and Tor") {
  const auto asn = testing::Shared("data/maxmind/test-data/GeoLite2-ASN-Test.mmdb");
  if (!asn) return;
  const testing::TempFolder folder;
  const std::string hosting =
      folder.Write("asns", "# networks of servers\nAS1221,Telstra\n16509\n");
  const std::string tor = folder.Write("tor", "1.128.0.7\n2001:db9::7 # v6\n");
  const std::string vpn = folder.Write("vpn", "1.128.0.0/29\n2001:db9::/32\n");
  std::vector<Error> faults;
  const auto database = GeoDatabase::Open({{}, *asn, hosting, tor, vpn}, faults);
  REQUIRE_MESSAGE(faults.empty(), faults.front().Text());
  Arena memory;
  const Geo geo = database->Lookup("1.128.0.7", memory);
  CHECK(geo.status == GeoStatus::kNotGiven);  // no countries were asked for
  CHECK(geo.asn == 1221);
  CHECK(geo.organisation == "Telstra Pty Ltd");
  CHECK(geo.hosting == true);
  CHECK(geo.tor == true);
  CHECK(geo.vpn == true);
  CHECK(database->Lookup("1.128.0.8", memory).tor == false);
  CHECK(database->Lookup("1.128.0.8", memory).vpn == false);
  const std::string bad = folder.Write("bad", "AS12x\n");
  const auto fault =
      GeoDatabase::Open({{}, *asn, bad, {}, {}}, faults)->Lookup("1.128.0.7", memory);
  REQUIRE(faults.size() == 1);
  CHECK(faults.back().detail == "'AS12x' is no AS number");
  CHECK(fault.asn == 1221);
  CHECK_FALSE(fault.hosting.has_value());
}

TEST_CASE("geo: without a file that is missing or damaged the country is unknown, and it says so") {
  const testing::TempFolder folder;
  const std::string damaged = folder.Write("damaged", "no database");
  const std::pair<std::string, ErrorCode> files[] = {{folder / "none", ErrorCode::kNotFound},
                                                     {damaged, ErrorCode::kCorrupt}};
  for (const auto& [path, code] : files) {
    std::vector<Error> faults;
    const auto database = GeoDatabase::Open({path, {}, {}, {}, {}}, faults);
    REQUIRE(faults.size() == 1);
    CHECK(faults.front().code == code);
    CHECK(faults.front().where == path);
    Arena memory;
    CHECK(database->Lookup("8.8.8.8", memory).status == GeoStatus::kUnreadable);
    CHECK(database->Lookup("10.0.0.1", memory).status == GeoStatus::kPrivate);
  }
}

TEST_CASE("geo: a file that is replaced is picked up, a bad one is not") {
  const auto flat = testing::Shared("data/geo/iptoasn-country.mmdb");
  const auto nested = testing::Shared("data/maxmind/test-data/GeoIP2-Country-Test.mmdb");
  if (!flat || !nested) return;
  const testing::TempFolder folder;
  const std::string path = folder / "country.mmdb";
  const auto put = [&](const std::string& from) {
    fs::copy_file(from, path + ".new");
    fs::rename(path + ".new", path);
  };
  put(*nested);
  std::vector<Error> faults;
  const auto database = GeoDatabase::Open({path, {}, {}, {}, {}}, faults);
  Arena memory;
  CHECK(database->Lookup("8.8.8.8", memory).status == GeoStatus::kNotFound);
  CHECK_FALSE(database->Refresh(faults));
  put(*flat);
  CHECK(database->Refresh(faults));
  CHECK(database->Lookup("8.8.8.8", memory).country == "US");
  folder.Write("country.mmdb.new2", "no database");
  fs::rename(folder / "country.mmdb.new2", path);
  CHECK(faults.empty());
  CHECK_FALSE(database->Refresh(faults));
  CHECK(faults.size() == 1);
  CHECK_FALSE(database->Refresh(faults));
  CHECK(faults.size() == 1);  // said once
  CHECK(database->Lookup("8.8.8.8", memory).country == "US");
}

TEST_CASE("geo: every file of MaxMind's tests gives an error or an answer") {
  int files = 0, refused = 0;
  for (const char* name : {"data/maxmind/bad-data", "data/maxmind/test-data"}) {
    const auto root = testing::Shared(name);
    if (!root) return;
    for (const auto& entry : fs::recursive_directory_iterator(*root)) {
      if (!entry.is_regular_file()) continue;
      ++files;
      for (const GeoFiles& use : {GeoFiles{entry.path().string(), {}, {}, {}, {}},
                                  GeoFiles{{}, entry.path().string(), {}, {}, {}}}) {
        std::vector<Error> faults;
        const auto database = GeoDatabase::Open(use, faults);
        refused += faults.empty() ? 0 : 1;
        Arena memory;
        for (const char* ip : {"1.1.1.1", "1.1.1.32", "8.8.8.8", "81.2.69.160", "214.0.0.1",
                               "2001:218::1", "2a02:f400::1", "::2:0:0", "223.255.255.1"}) {
          const Geo geo = database->Lookup(ip, memory);
          CHECK((geo.country.empty() || geo.status == GeoStatus::kFound));
        }
      }
    }
  }
  CHECK(files > 50);
  CHECK(refused > 10);
}

}  // namespace
}  // namespace holdfast
