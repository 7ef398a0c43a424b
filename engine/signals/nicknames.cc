#include "engine/signals/nicknames.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/signals/nicknames_text.h"

namespace holdfast {
namespace {

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

// Name and nickname, sorted. The text has a line "name: nickname ..." for each name.
Pairs MakePairs() {
  Pairs pairs;
  std::string_view rest = kNicknames;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t colon = line.find(": ");
    if (line.starts_with('#') || colon == line.npos) continue;
    const std::string_view name = line.substr(0, colon);
    line.remove_prefix(colon + 2);
    while (!line.empty()) {
      const std::string_view nickname = line.substr(0, line.find(' '));
      pairs.emplace_back(name, nickname);
      line.remove_prefix(std::min(line.size(), nickname.size() + 1));
    }
  }
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

const Pairs& ThePairs() {
  static const Pairs kPairs = MakePairs();
  return kPairs;
}

}  // namespace

bool AreNicknames(std::string_view a, std::string_view b) {
  HOLDFAST_SLOW_CHECK(a == ToLowerAscii(a) && b == ToLowerAscii(b));
  const Pairs& pairs = ThePairs();
  return std::binary_search(pairs.begin(), pairs.end(), std::pair(a, b)) ||
         std::binary_search(pairs.begin(), pairs.end(), std::pair(b, a));
}

std::vector<std::string_view> NicknamesOf(std::string_view name) {
  HOLDFAST_SLOW_CHECK(name == ToLowerAscii(name));
  // Each pair both ways.
  static const Pairs kBoth = [] {
    Pairs both = ThePairs();
    for (const auto& [one, other] : ThePairs()) both.emplace_back(other, one);
    std::sort(both.begin(), both.end());
    both.erase(std::unique(both.begin(), both.end()), both.end());
    return both;
  }();
  std::vector<std::string_view> names;
  for (auto at = std::lower_bound(kBoth.begin(), kBoth.end(), std::pair(name, std::string_view()));
       at != kBoth.end() && at->first == name; ++at) {
    names.push_back(at->second);
  }
  return names;
}

}  // namespace holdfast
