#include "engine/signals/postal_places.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "engine/base/country.h"
#include "engine/base/file.h"
#include "engine/base/hash.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/signals/canonical_text.h"

namespace holdfast {
namespace {

constexpr std::size_t kPlacesBytes = 512 << 20, kCodeLongest = 32;

// A code without blanks and dashes, in upper case.
std::string PlainCode(std::string_view given) {
  std::string code;
  for (const char c : CanonicalText(given, CanonicalForm::kText)) {
    if (c == ' ' || c == '-' || c == '\t') continue;
    code += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return code;
}

std::uint64_t DigestOfCode(std::string_view country, std::string_view code) {
  std::string text(country);
  text += ' ';
  text += code;
  return Hash64(text);
}

// The parts of a line between its commas, without quotes around them; false when there are not
// exactly four.
bool SplitRow(std::string_view line, std::array<std::string_view, 4>& parts) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t comma = line.find(',');
    if ((comma == line.npos) != (i + 1 == parts.size())) return false;
    std::string_view part = Trim(line.substr(0, comma));
    if (part.size() >= 2 && part.front() == '"' && part.back() == '"') {
      part = part.substr(1, part.size() - 2);
    }
    parts[i] = part;
    line.remove_prefix(comma == line.npos ? line.size() : comma + 1);
  }
  return true;
}

}  // namespace

std::optional<GeoPoint> PointAt(double latitude, double longitude) {
  const bool fits = std::abs(latitude) <= 90 && std::abs(longitude) <= 180;  // false for NaN
  return fits ? std::optional(GeoPoint{latitude, longitude}) : std::nullopt;
}

std::int64_t KilometresBetween(const GeoPoint& a, const GeoPoint& b) {
  constexpr double kRadius = 6371.0088, kRadian = std::numbers::pi / 180;
  const auto half_sine_squared = [](double degrees) {
    const double sine = std::sin(degrees * kRadian / 2);
    return sine * sine;
  };
  const double part = half_sine_squared(b.latitude - a.latitude) +
                      std::cos(a.latitude * kRadian) * std::cos(b.latitude * kRadian) *
                          half_sine_squared(b.longitude - a.longitude);
  return std::llround(2 * kRadius * std::asin(std::sqrt(std::clamp(part, 0.0, 1.0))));
}

std::string PostalKey(const Address& address) {
  std::string code = PlainCode(address.postal_code);
  if (address.country.empty() || code.empty()) return {};
  constexpr std::size_t kZip = 5;
  if (address.country == "US" && code.size() > kZip) code = CutUtf8(code, kZip);
  return std::string(address.country) + " " + code;
}

Result<std::shared_ptr<const PostalPlaces>> PostalPlaces::Read(const std::string& path) {
  const auto text = ReadFile(path, kPlacesBytes);
  if (!text) return tl::unexpected(text.error());
  auto made = std::make_shared<PostalPlaces>();
  std::string_view rest = *text;
  if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
  const auto fault = [&path](std::size_t row, const std::string& what) {
    return Fail(ErrorCode::kInvalidInput, path, "row " + std::to_string(row) + ": " + what);
  };
  for (std::size_t row = 1; !rest.empty(); ++row) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (Trim(line).empty()) continue;
    std::array<std::string_view, 4> parts;
    const bool split = SplitRow(line, parts);
    if (row == 1) {
      if (split && parts == std::array<std::string_view, 4>{"country", "postal_code", "latitude",
                                                            "longitude"}) {
        continue;
      }
      return fault(row, "must be the head 'country,postal_code,latitude,longitude'");
    }
    if (!split) return fault(row, "must have four values");
    const std::string code = PlainCode(parts[1]);
    if (!IsCountryCode(parts[0]) || code.empty() || code.size() > kCodeLongest) {
      return fault(row, "needs an ISO 3166 country code and a postal code");
    }
    const auto latitude = ParseNumber<double>(parts[2]), longitude = ParseNumber<double>(parts[3]);
    const auto point = latitude && longitude ? PointAt(*latitude, *longitude) : std::nullopt;
    if (!point) return fault(row, "needs a latitude and a longitude in degrees");
    made->places_.push_back({DigestOfCode(parts[0], code), static_cast<float>(point->latitude),
                             static_cast<float>(point->longitude)});
  }
  const auto earlier = [](const Place& a, const Place& b) { return a.code < b.code; };
  std::stable_sort(made->places_.begin(), made->places_.end(), earlier);
  const auto end = std::unique(made->places_.begin(), made->places_.end(),
                               [](const Place& a, const Place& b) { return a.code == b.code; });
  made->places_.erase(end, made->places_.end());
  made->places_.shrink_to_fit();
  return std::shared_ptr<const PostalPlaces>(std::move(made));
}

std::optional<GeoPoint> PostalPlaces::FindCode(std::string_view country,
                                               std::string_view code) const {
  const std::uint64_t digest = DigestOfCode(country, code);
  const auto found = std::lower_bound(
      places_.begin(), places_.end(), digest,
      [](const Place& place, std::uint64_t wanted) { return place.code < wanted; });
  if (found == places_.end() || found->code != digest) return std::nullopt;
  return GeoPoint{found->latitude, found->longitude};
}

std::optional<GeoPoint> PostalPlaces::Find(const Address& address) const {
  const std::string_view country = address.country;
  if (country.empty() || address.postal_code.size() > kCodeLongest) return std::nullopt;
  const std::string code = PlainCode(address.postal_code);
  if (code.empty()) return std::nullopt;
  if (const auto whole = FindCode(country, code)) return whole;
  if (country == "GB") {
    constexpr std::size_t kInward = 3, kLeast = 5;  // "M1 1AA": "M1" and "1AA"
    if (code.size() < kLeast) return std::nullopt;
    return FindCode(country, std::string_view(code).substr(0, code.size() - kInward));
  }
  constexpr std::size_t kLeast = 3;
  for (std::size_t size = code.size() - 1; size >= kLeast && size < code.size(); --size) {
    if (const auto begin = FindCode(country, std::string_view(code).substr(0, size))) return begin;
  }
  return std::nullopt;
}

}  // namespace holdfast
