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

std::array<FileMark, 5> MarksOf(const GeoFiles& files) {
  return {MarkOf(files.country), MarkOf(files.asn), MarkOf(files.hosting_asns),
          MarkOf(files.tor_exits), MarkOf(files.vpn_networks)};
}

}  // namespace

struct GeoDatabase::Data {
  std::array<FileMark, 5> marks;
  std::shared_ptr<const Mmdb> country, asn;
  std::shared_ptr<const AsnSet> hosting;
  std::shared_ptr<const AddressSet> tor;
  std::shared_ptr<const NetworkTable> vpn;
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
  return data;
}

Geo GeoDatabase::Lookup(std::string_view ip, Arena& memory) const {
  Geo geo;
  const auto address = ParseIp(ip);
  if (!address) return geo;
  if (IsPrivateIp(*address)) {
    geo.status = GeoStatus::kPrivate;
    return geo;
  }
  const std::shared_ptr<const Data> data = data_.load();
  if (data->tor) geo.tor = data->tor->contains(*address);
  if (data->vpn) geo.vpn = data->vpn->Holds(*address);
  MMDB_entry_s entry{};
  MMDB_entry_data_s value{};
  if (data->asn != nullptr && data->asn->Find(*address, entry) == Mmdb::Outcome::kFound) {
    bool broken = false;
    const char* const number[] = {"autonomous_system_number", nullptr};
    const char* const name[] = {"autonomous_system_organization", nullptr};
    if (Get(entry, number, value, broken) && value.type == MMDB_DATA_TYPE_UINT32) {
      geo.asn = value.uint32;
      if (data->hosting) geo.hosting = data->hosting->contains(*geo.asn);
    }
    constexpr std::size_t kLongest = 200;
    if (Get(entry, name, value, broken) && value.type == MMDB_DATA_TYPE_UTF8_STRING) {
      const std::string_view given(value.utf8_string, value.data_size);
      if (IsValidUtf8(given)) geo.organisation = memory.Copy(CutUtf8(given, kLongest));
    }
  }
  if (data->country == nullptr) {
    if (!files_.country.empty()) geo.status = GeoStatus::kUnreadable;
    return geo;
  }
  switch (data->country->Find(*address, entry)) {
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
                        data->vpn != old->vpn;
  data_ = std::move(data);
  return replaced;
}

}  // namespace holdfast
