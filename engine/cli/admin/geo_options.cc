#include "engine/cli/admin/geo_options.h"

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

namespace holdfast::cli {
namespace {

constexpr const char* kShipped = "shipped";
constexpr const char* kNone = "none";

// A file that is installed with Holdfast; if it is not installed, the one in the source tree.
std::string ShippedFile(const std::string& name) {
  namespace fs = std::filesystem;
  std::error_code fault;
  const fs::path program = fs::read_symlink("/proc/self/exe", fault);
  const fs::path installed = program.parent_path().parent_path() / "share/holdfast/data" / name;
  if (!fault && fs::exists(installed, fault)) return installed.string();
  return HOLDFAST_DATA "/" + name;
}

}  // namespace

void AddGeoOptions(Command command, GeoOptions& options) {
  const std::string group = "IP addresses";
  command
      .Value("--geo", options.country,
             "Countries, and cities, of IP addresses: an MMDB file such as GeoLite2-Country or "
             "GeoLite2-City; shipped: the one that comes with Holdfast; none: nothing is looked up")
      .File()
      .ShowDefault()
      .Group(group);
  command.Value("--geo-asn", options.asn, "Networks: an MMDB file such as GeoLite2-ASN")
      .File()
      .Group(group);
  command
      .Value("--hosting-asns", options.hosting,
             "Numbers of networks of servers, one a line; needs --geo-asn")
      .File()
      .Group(group);
  command.Value("--tor-exits", options.tor, "Addresses of Tor exits, one a line")
      .File()
      .Group(group);
  command
      .Value("--vpn-networks", options.vpn,
             "Addresses and networks of VPN and proxy services, one a line")
      .File()
      .Group(group);
  command
      .Value("--postal-centroids", options.postal,
             "Places of postal codes, for distances: CSV with the head "
             "country,postal_code,latitude,longitude")
      .File()
      .Group(group);
}

Result<std::unique_ptr<GeoDatabase>> OpenGeo(const GeoOptions& options) {
  GeoFiles files{options.country, options.asn, options.hosting,
                 options.tor,     options.vpn, options.postal};
  if (files.country == kNone) files.country.clear();
  if (files.country == kShipped) {
    files.country = ShippedFile("ip-country.mmdb");
  }
  if (!files.hosting_asns.empty() && files.asn.empty()) {
    return Fail(ErrorCode::kUsage, "--hosting-asns", "needs --geo-asn, which tells the networks");
  }
  if (files.country.empty() && files.asn.empty() && files.tor_exits.empty() &&
      files.vpn_networks.empty() && files.postal_centroids.empty()) {
    return nullptr;
  }
  std::vector<Error> faults;
  auto database = GeoDatabase::Open(files, faults);
  for (const Error& fault : faults) {
    std::fprintf(stderr,
                 "warning[%s]: %s; orders are decided without it, and each says what it lacked\n",
                 std::string(InfoOf(fault.code).name).c_str(), fault.Text().c_str());
  }
  return database;
}

}  // namespace holdfast::cli
