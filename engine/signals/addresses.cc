#include "engine/signals/addresses.h"

#include <string>
#include <string_view>

#include "engine/base/text.h"

namespace holdfast {
namespace {

std::string Plain(std::string_view text) {
  std::string plain;
  for (const char c : ToLowerAscii(text)) {
    const bool keep = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
    if (keep) plain += c;
  }
  return plain;
}

enum class Part { kUnknown, kSame, kDifferent };

Part Compare(std::string_view a, std::string_view b) {
  const std::string left = Plain(a), right = Plain(b);
  if (left.empty() || right.empty()) return Part::kUnknown;
  return left == right ? Part::kSame : Part::kDifferent;
}

}  // namespace

MatchGrade CompareAddresses(const Address& a, const Address& b) {
  if (!a.Given() || !b.Given()) return MatchGrade::kUnknown;
  const Part country = Compare(a.country, b.country);
  if (country == Part::kDifferent) return MatchGrade::kDifferent;
  const Part postal = Compare(a.postal_code, b.postal_code);
  const Part city = Compare(a.city, b.city);
  const Part line = Compare(a.line1, b.line1);
  if (postal == Part::kDifferent && city == Part::kDifferent) return MatchGrade::kDifferent;
  if (postal == Part::kUnknown && city == Part::kUnknown && line == Part::kUnknown) {
    return MatchGrade::kUnknown;
  }
  if (postal == Part::kSame && line == Part::kSame && city != Part::kDifferent) {
    return MatchGrade::kSame;
  }
  return MatchGrade::kPlausible;
}

}  // namespace holdfast
