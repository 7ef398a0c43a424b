// Match: how well two names or two addresses agree.
#pragma once

#include <cstdint>

namespace holdfast {

// kUnknown is never a mismatch: a side is missing, or the two cannot be compared.
enum class MatchGrade : std::uint8_t { kUnknown, kSame, kPlausible, kDifferent };

struct Match {
  MatchGrade grade = MatchGrade::kUnknown;
  double similarity = 0;  // 0 to 1; 0 where the grade is unknown
};

}  // namespace holdfast
