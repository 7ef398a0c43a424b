// Match: how well two names or two addresses agree.
#pragma once

#include <cstdint>

namespace holdfast {

// kUnknown is never a mismatch: a side is missing, or the two cannot be compared.
enum class MatchGrade : std::uint8_t { kUnknown, kSame, kPlausible, kDifferent };

}  // namespace holdfast
