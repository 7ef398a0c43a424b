// Names: do two names mean the same person, or the same business?
//
// Method: both become words (see words.h) without titles and legal forms; words are paired with
// those most like them, in any order. same: every word that says who it is has its pair, and all
// pairs are the same words. plausible: the pairs are alike (a typo, a nickname, an initial), or one
// side says less than the other. different: each side has a word that the other lacks, or nothing
// agrees. unknown: a side is missing, or only initials, or what the script does not tell: Chinese
// characters against another script are never called different.
// Limits: given and family names are not told apart: "Friedrich Hans" is "Hans Friedrich".
#pragma once

#include <string_view>

#include "engine/signals/match.h"

namespace holdfast {

Match CompareNames(std::string_view a, std::string_view b);

}  // namespace holdfast
