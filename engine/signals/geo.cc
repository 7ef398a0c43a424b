#include "engine/signals/geo.h"

#include <maxminddb.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/base/file.h"
#include "engine/base/ip.h"
#include "engine/base/network_table.h"
#include "engine/base/number.h"
#include "engine/base/utf8.h"

namespace holdfast {
namespace {

// Identifies the file at a path, to detect that it was replaced.
struct FileMark {
  dev_t device = 0;
  ino_t number = 0;
  std::int64_t seconds = 0, nanoseconds = 0, size = 0;

  bool operator==(const FileMark&) const = default;
};

FileMark MarkOf(const std::string& path) {
  struct stat info {};
  if (path.empty() || stat(path.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino, info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_size};
}

// An open MMDB file.
class Mmdb {
 public:
  static Result<std::shared_ptr<const Mmdb>> Open(const std::string& path) {
    std::shared_ptr<Mmdb> made(new Mmdb());
    const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &made->file_);
    if (status == MMDB_SUCCESS) {
      made->open_ = true;
      return std::shared_ptr<const Mmdb>(std::move(made));
    }
    const bool damaged =
        status == MMDB_INVALID_METADATA_ERROR || status == MMDB_UNKNOWN_DATABASE_FORMAT_ERROR ||
        status == MMDB_CORRUPT_SEARCH_TREE_ERROR || status == MMDB_INVALID_DATA_ERROR;
    return Fail(damaged ? ErrorCode::kCorrupt : ErrorCode::kIo, path,
                std::string("is no MMDB file that can be read: ") + MMDB_strerror(status) +
                    "; fetch it again");
  }
  ~Mmdb() {
    if (open_) MMDB_close(&file_);
  }
  Mmdb(const Mmdb&) = delete;
  Mmdb& operator=(const Mmdb&) = delete;

  enum class Outcome : std::uint8_t { kFound, kNotFound, kUnreadable };

  Outcome Find(const IpAddress& ip, MMDB_entry_s& entry) const {
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    const sockaddr* address = nullptr;
    if (IsV4(ip)) {
      v4.sin_family = AF_INET;
      std::memcpy(&v4.sin_addr, ip.data() + 12, 4);
      address = reinterpret_cast<const sockaddr*>(&v4);
    } else {
      v6.sin6_family = AF_INET6;
      std::memcpy(&v6.sin6_addr, ip.data(), 16);
      address = reinterpret_cast<const sockaddr*>(&v6);
    }
    int error = MMDB_SUCCESS;
    MMDB_lookup_result_s result = MMDB_lookup_sockaddr(&file_, address, &error);
    // A file with IPv4 addresses only has no IPv6 address.
    if (error == MMDB_IPV6_LOOKUP_IN_IPV4_DATABASE_ERROR) return Outcome::kNotFound;
    if (error != MMDB_SUCCESS) return Outcome::kUnreadable;
    if (!result.found_entry) return Outcome::kNotFound;
    entry = result.entry;
    return Outcome::kFound;
  }

 private:
  Mmdb() = default;
  MMDB_s file_{};
  bool open_ = false;
};

// Reads the value at a path of an entry. A missing path is not an error.
bool Get(MMDB_entry_s& entry, const char* const* path, MMDB_entry_data_s& value, bool& broken) {
  const int status = MMDB_aget_value(&entry, &value, path);
  if (status == MMDB_SUCCESS) return value.has_data;
  const bool absent = status == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR ||
                      status == MMDB_INVALID_LOOKUP_PATH_ERROR;
  broken = broken || !absent;
  return false;
}

// A valid country code, or empty, because a damaged file may contain anything.
std::string_view CountryIn(const MMDB_entry_data_s& value) {
  if (value.type != MMDB_DATA_TYPE_UTF8_STRING || value.data_size != 2) return {};
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const std::string_view text(value.utf8_string, 2);
  return upper(text[0]) && upper(text[1]) ? text : std::string_view();
}

// The first word of every line that is no comment.
Result<std::vector<std::string>> ReadList(const std::string& path) {
  constexpr std::size_t kMost = 64 << 20;
  auto text = ReadFile(path, kMost);
  if (!text) return tl::unexpected(text.error());
  std::vector<std::string> words;
  for (std::string_view rest = *text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t end = line.find_first_of(" \t\r,#");
    if (end != 0 && !line.empty()) words.emplace_back(line.substr(0, end));
  }
  return words;
}

struct AddressHash {
  std::size_t operator()(const IpAddress& ip) const {
    std::uint64_t parts[2];
    std::memcpy(parts, ip.data(), sizeof parts);
    return static_cast<std::size_t>(parts[0] * 0x9E3779B97F4A7C15u ^ parts[1]);
  }
};

using AsnSet = std::unordered_set<std::int64_t>;
using AddressSet = std::unordered_set<IpAddress, AddressHash>;

Result<std::shared_ptr<const AsnSet>> ReadAsns(const std::string& path) {
  const auto words = ReadList(path);
  if (!words) return tl::unexpected(words.error());
  auto asns = std::make_shared<AsnSet>();
  for (const std::string_view word : *words) {
    const auto number = ParseNumber<std::int64_t>(word.substr(word.starts_with("AS") ? 2 : 0));
    if (!number) {
      return Fail(ErrorCode::kInvalidInput, path, "'" + std::string(word) + "' is no AS number");
    }
    asns->insert(*number);
  }
  return std::shared_ptr<const AsnSet>(std::move(asns));
}

Result<std::shared_ptr<const AddressSet>> ReadAddresses(const std::string& path) {
  const auto words = ReadList(path);
  if (!words) return tl::unexpected(words.error());
  auto addresses = std::make_shared<AddressSet>();
  for (const std::string& word : *words) {
    const auto ip = ParseIp(word);
    if (!ip) return Fail(ErrorCode::kInvalidInput, path, "'" + word + "' is no IP address");
    addresses->insert(*ip);
  }
  return std::shared_ptr<const AddressSet>(std::move(addresses));
}

Result<std::shared_ptr<const NetworkTable>> ReadNetworks(const std::string& path) {
  const auto words = ReadList(path);
  if (!words) return tl::unexpected(words.error());
  auto networks = std::make_shared<NetworkTable>();
  for (const std::string& word : *words) {
    const auto ip = ParseIp(word);
    const auto network = ip ? NetworkOf(*ip) : ParseIpNetwork(word);
    if (!network) {
      return Fail(ErrorCode::kInvalidInput, path, "'" + word + "' is no IP address or network");
    }
    networks->Add(*network);
  }
  networks->Seal();
  return std::shared_ptr<const NetworkTable>(std::move(networks));
}

using FileMarks = std::array<FileMark, 6>;

FileMarks MarksOf(const GeoFiles& files) {
  return {MarkOf(files.country),   MarkOf(files.asn),          MarkOf(files.hosting_asns),
          MarkOf(files.tor_exits), MarkOf(files.vpn_networks), MarkOf(files.postal_centroids)};
}

// The text at the first path that leads to one, cut at kLongest bytes.
template <typename... Paths>
std::string_view FirstText(MMDB_entry_s& entry, bool& broken, Arena& memory,
                           const Paths&... paths) {
  constexpr std::size_t kLongest = 200;
  std::string_view text;
  const auto take = [&](const char* const* path) {
    MMDB_entry_data_s value{};
    if (!text.empty() || !Get(entry, path, value, broken)) return;
    if (value.type != MMDB_DATA_TYPE_UTF8_STRING) return;
    const std::string_view given(value.utf8_string, value.data_size);
    if (IsValidUtf8(given)) text = memory.Copy(CutUtf8(given, kLongest));
  };
  (take(paths), ...);
  return text;
}

// What a file with cities has of an address; the point, if there is one.
std::optional<GeoPoint> ReadCity(MMDB_entry_s& entry, Arena& memory, Geo& geo) {
  bool broken = false;  // what cannot be read is not known
  MMDB_entry_data_s latitude{}, longitude{}, radius{};
  const char* const nested[] = {"location", "latitude", nullptr};
  const char* const flat[] = {"latitude", nullptr};
  const bool is_nested = Get(entry, nested, latitude, broken);
  if (!is_nested && !Get(entry, flat, latitude, broken)) return std::nullopt;
  const char* const nested_longitude[] = {"location", "longitude", nullptr};
  const char* const flat_longitude[] = {"longitude", nullptr};
  Get(entry, is_nested ? nested_longitude : flat_longitude, longitude, broken);
  const char* const region_code[] = {"subdivisions", "0", "iso_code", nullptr};
  const char* const region_name[] = {"subdivisions", "0", "names", "en", nullptr};
  const char* const flat_region[] = {"region", nullptr};
  geo.region = FirstText(entry, broken, memory, region_code, region_name, flat_region);
  const char* const city_name[] = {"city", "names", "en", nullptr};
  const char* const flat_city[] = {"city", nullptr};
  geo.city = FirstText(entry, broken, memory, city_name, flat_city);
  const char* const zone[] = {"location", "time_zone", nullptr};
  const char* const flat_zone[] = {"timezone", nullptr};
  geo.time_zone = FirstText(entry, broken, memory, zone, flat_zone);
  const char* const accuracy[] = {"location", "accuracy_radius", nullptr};
  if (Get(entry, accuracy, radius, broken) && radius.type == MMDB_DATA_TYPE_UINT16) {
    geo.accuracy_km = radius.uint16;
  }
  const bool doubles =
      latitude.type == MMDB_DATA_TYPE_DOUBLE && longitude.type == MMDB_DATA_TYPE_DOUBLE;
  return doubles ? PointAt(latitude.double_value, longitude.double_value) : std::nullopt;
}

}  // namespace

struct GeoDatabase::Data {
  FileMarks marks;
  std::shared_ptr<const Mmdb> country, asn;
  std::shared_ptr<const AsnSet> hosting;
  std::shared_ptr<const AddressSet> tor;
  std::shared_ptr<const NetworkTable> vpn;
  std::shared_ptr<const PostalPlaces> places;
};

GeoDatabase::GeoDatabase(GeoFiles files) : files_(std::move(files)) {}
GeoDatabase::~GeoDatabase() = default;

std::unique_ptr<GeoDatabase> GeoDatabase::Open(const GeoFiles& files, std::vector<Error>& faults) {
  std::unique_ptr<GeoDatabase> made(new GeoDatabase(files));
  made->data_ = made->Load(nullptr, faults);
  return made;
}

std::shared_ptr<const GeoDatabase::Data> GeoDatabase::Load(const Data* old,
                                                           std::vector<Error>& faults) const {
  auto data = old == nullptr ? std::make_shared<Data>() : std::make_shared<Data>(*old);
  data->marks = MarksOf(files_);
  const auto read = [&](std::size_t mark, const std::string& path, auto& place, auto open) {
    if (path.empty() || (old != nullptr && old->marks[mark] == data->marks[mark])) return;
    if (data->marks[mark] == FileMark{}) {
      faults.push_back({ErrorCode::kNotFound, path, "is not there"});
    } else if (auto made = open(path)) {
      place = std::move(*made);
    } else {
      faults.push_back(made.error());
    }
  };
  read(0, files_.country, data->country, &Mmdb::Open);
  read(1, files_.asn, data->asn, &Mmdb::Open);
  read(2, files_.hosting_asns, data->hosting, &ReadAsns);
  read(3, files_.tor_exits, data->tor, &ReadAddresses);
  read(4, files_.vpn_networks, data->vpn, &ReadNetworks);
  read(5, files_.postal_centroids, data->places, &PostalPlaces::Read);
  return data;
}

Geo GeoDatabase::Lookup(std::string_view ip, Arena& memory) const {
  std::optional<GeoPoint> place;
  return Find(*data_.load(), ip, memory, place);
}

std::optional<Geo> GeoDatabase::Locate(const Order& order, Arena& memory) const {
  const std::shared_ptr<const Data> data = data_.load();
  if (order.ip.empty() && data->places == nullptr) return std::nullopt;
  Geo geo;
  std::optional<GeoPoint> ip, shipping, billing;
  if (!order.ip.empty()) geo = Find(*data, order.ip, memory, ip);
  if (data->places == nullptr) return geo;
  shipping = data->places->Find(order.shipping.address);
  billing = data->places->Find(order.billing.address);
  if (ip && shipping) geo.ip_to_shipping_km = KilometresBetween(*ip, *shipping);
  if (ip && billing) geo.ip_to_billing_km = KilometresBetween(*ip, *billing);
  if (shipping && billing) geo.shipping_to_billing_km = KilometresBetween(*shipping, *billing);
  if (order.ip.empty() && !geo.shipping_to_billing_km) return std::nullopt;
  return geo;
}

Geo GeoDatabase::Find(const Data& data, std::string_view ip, Arena& memory,
                      std::optional<GeoPoint>& place) const {
  Geo geo;
  const auto address = ParseIp(ip);
  if (!address) return geo;
  if (IsPrivateIp(*address)) {
    geo.status = GeoStatus::kPrivate;
    return geo;
  }
  if (data.tor) geo.tor = data.tor->contains(*address);
  if (data.vpn) geo.vpn = data.vpn->Holds(*address);
  MMDB_entry_s entry{};
  MMDB_entry_data_s value{};
  if (data.asn != nullptr && data.asn->Find(*address, entry) == Mmdb::Outcome::kFound) {
    bool broken = false;
    const char* const number[] = {"autonomous_system_number", nullptr};
    const char* const name[] = {"autonomous_system_organization", nullptr};
    if (Get(entry, number, value, broken) && value.type == MMDB_DATA_TYPE_UINT32) {
      geo.asn = value.uint32;
      if (data.hosting) geo.hosting = data.hosting->contains(*geo.asn);
    }
    geo.organisation = FirstText(entry, broken, memory, name);
  }
  if (data.country == nullptr) {
    if (!files_.country.empty()) geo.status = GeoStatus::kUnreadable;
    return geo;
  }
  switch (data.country->Find(*address, entry)) {
    case Mmdb::Outcome::kNotFound:
      geo.status = GeoStatus::kNotFound;
      return geo;
    case Mmdb::Outcome::kUnreadable:
      geo.status = GeoStatus::kUnreadable;
      return geo;
    default:
      break;
  }
  bool broken = false;
  const char* const nested[] = {"country", "iso_code", nullptr};
  const char* const flat[] = {"country_code", nullptr};
  if (Get(entry, nested, value, broken) || Get(entry, flat, value, broken)) {
    geo.country = memory.Copy(CountryIn(value));
  }
  place = ReadCity(entry, memory, geo);
  geo.status = !geo.country.empty() ? GeoStatus::kFound
               : broken             ? GeoStatus::kUnreadable
                                    : GeoStatus::kNoCountry;
  return geo;
}

bool GeoDatabase::Refresh(std::vector<Error>& faults) {
  const std::shared_ptr<const Data> old = data_.load();
  if (old->marks == MarksOf(files_)) return false;
  auto data = Load(old.get(), faults);
  const bool replaced = data->country != old->country || data->asn != old->asn ||
                        data->hosting != old->hosting || data->tor != old->tor ||
                        data->vpn != old->vpn || data->places != old->places;
  data_ = std::move(data);
  return replaced;
}

}  // namespace holdfast
