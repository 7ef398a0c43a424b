// Names: do two names mean the same person?
//
// Method: case, punctuation and titles are dropped, the rest is compared word by word in any
// order. same: the same words. plausible: a whole word is shared, or the words of one side are
// initials of the other's. different: neither.
// Limits: letters beyond ASCII are compared only for equality; where they differ the answer is
// unknown, never different. Spelling variants and nicknames are not recognised.
#pragma once

#include <string_view>

#include "engine/signals/match.h"

namespace holdfast {

MatchGrade CompareNames(std::string_view a, std::string_view b);

}  // namespace holdfast
