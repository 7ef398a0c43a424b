#include "engine/signals/postal_codes.h"

#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/enum_names.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/signals/postal_codes_text.h"
#include "engine/signals/words.h"

namespace holdfast {
namespace {

std::string Folded(std::string_view text) {
  std::string folded;
  for (const Word& word : WordsOf(text, Digits::kDigits)) folded += word.letters;
  return folded;
}

// A code in the form of the patterns: upper case, with ASCII for full-width letters and digits,
// without Japan's postal mark.
std::string Written(std::string_view given) {
  std::string code;
  for (std::size_t at = 0; at < given.size();) {
    constexpr char32_t kWideFirst = 0xFF01, kWideLast = 0xFF5E, kWide = 0xFEE0, kSign = 0x3012;
    char32_t c = NextCodePoint(given, at);
    if (c == kSign) continue;
    if (c >= kWideFirst && c <= kWideLast) c -= kWide;
    if (c >= 'a' && c <= 'z') c -= 'a' - 'A';
    AppendUtf8(code, c);
  }
  return std::string(Trim(code));
}

struct Region {
  std::string_view pattern, names;
  std::vector<std::string> folded;
  std::unique_ptr<RE2> begins;
};

// Prepared when the first code of the country is checked.
struct Country {
  std::string_view pattern;
  std::vector<Region> regions;
  std::unique_ptr<RE2> whole;
  std::once_flag made;

  void Make() {
    whole = std::make_unique<RE2>(std::string(pattern), RE2::Quiet);
    for (Region& region : regions) {
      region.begins = std::make_unique<RE2>(std::string(region.pattern), RE2::Quiet);
      std::string_view rest = region.names;
      while (!rest.empty()) {
        const std::string_view name = rest.substr(0, rest.find('|'));
        region.folded.push_back(Folded(name));
        rest.remove_prefix(std::min(rest.size(), name.size() + 1));
      }
    }
  }

  // True when a code of that region can begin this way, or no region has the name.
  bool BeginsIn(std::string_view region_name, const std::string& code) const {
    const std::string name = Folded(region_name);
    bool known = false;
    for (const Region& region : regions) {
      if (std::find(region.folded.begin(), region.folded.end(), name) == region.folded.end()) {
        continue;
      }
      known = true;
      re2::StringPiece rest(code);
      if (RE2::Consume(&rest, *region.begins)) return true;
    }
    return !known;
  }
};

using Countries = std::map<std::string_view, Country>;

Countries MakeCountries() {
  Countries countries;
  std::string_view rest = kPostalCodes;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t tab = line.find('\t');
    if (line.starts_with('#') || tab == line.npos) continue;
    Country& country = countries[line.substr(0, tab)];
    line.remove_prefix(tab + 1);
    const std::size_t names = line.find('\t');
    if (names == line.npos) {
      country.pattern = line;
    } else {
      country.regions.push_back({line.substr(0, names), line.substr(names + 1), {}, nullptr});
    }
  }
  return countries;
}

}  // namespace

std::string_view NameOf(PostalFit fit) {
  constexpr std::string_view kNames[] = {"unknown", "fits", "other_country", "other_region"};
  return NameIn(kNames, fit);
}

PostalFit CheckPostalCode(const Address& address) {
  static Countries kCountries = MakeCountries();
  const auto found = kCountries.find(address.country);
  constexpr std::size_t kLongest = 32;
  const std::string_view given = Trim(address.postal_code);
  if (given.empty() || found == kCountries.end()) return PostalFit::kUnknown;
  if (given.size() > kLongest) return PostalFit::kOtherCountry;
  Country& country = found->second;
  std::call_once(country.made, [&country] { country.Make(); });
  std::string code = Written(given);
  const auto fits = [&country](const std::string& text) {
    return RE2::FullMatch(text, *country.whole);
  };
  // Removes a country prefix, as on number plates or by ISO: "F-75001", "SE-111 22". Restores a
  // leading zero that a spreadsheet removed.
  const std::size_t dash = code.find('-');
  if (!fits(code) && (dash == 1 || dash == 2)) code.erase(0, dash + 1);
  if (!fits(code) && fits("0" + code)) code.insert(0, "0");
  if (!fits(code)) return PostalFit::kOtherCountry;
  std::string_view region_name = address.region;
  if (region_name.starts_with(std::string(address.country) + "-")) region_name.remove_prefix(3);
  return country.BeginsIn(region_name, code) ? PostalFit::kFits : PostalFit::kOtherRegion;
}

}  // namespace holdfast
