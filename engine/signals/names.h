// Names: compares two names of persons or businesses.
//
// Method: both become words (see words.h) without titles and legal forms; words are paired with
// those most like them, in any order. same: every word that says who it is has its pair, and all
// pairs are the same words, maybe in another spelling (Müller, Mueller). plausible: the pairs are
// alike (a typo, a nickname, an initial), one side says less than the other, or a business has a
// person's family name. different: each side has a word that the other lacks, or nothing
// agrees. unknown: a side is missing, or only initials, or what the script does not tell: Chinese
// characters against another script are never called different.
// Limits: given and family names are not told apart: "Friedrich Hans" is "Hans Friedrich". Mario
// and Maria are one typo apart, hence plausible.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/signals/match.h"
#include "engine/signals/words.h"

namespace holdfast {

Match CompareNames(std::string_view a, std::string_view b);

// The distinctive words of a name: without titles, legal forms, initials and particles such as
// "van". At most 8.
std::vector<Word> TellingWords(std::string_view name);

// The similarity, from 0 to 1, of two words as parts of names: that of Alike; 0.88 for nicknames.
// Words with 0.72 or more may be the same.
double AlikeInNames(const Word& a, const Word& b);

// The shortest spelling of a word, the same for Mueller and Müller, and for Filip and Philipp.
std::string Spelling(const Word& word);

}  // namespace holdfast
