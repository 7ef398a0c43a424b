// Words: a name as words in plain Latin letters, whatever script it is written in.
//
// Latin letters lose their marks (é to e, ß to ss), other scripts are brought into Latin by ICU's
// Any-Latin. Case, punctuation and digits that stand for letters (Ig0r) are evened out.
// Limits: what a text has beyond its first 256 bytes, or 24 letters of a word, is not looked
// at; nor are letters of other scripts behind the first 24. Bytes that are no UTF-8 separate words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/signals/sounds.h"

namespace holdfast {

struct Word {
  std::string letters;  // a-z and 0-9
  std::string sounds;   // see SoundsOf
  Hearing hearing = Hearing::kLatin;

  bool initial() const { return letters.size() == 1 && hearing == Hearing::kLatin; }
};

// In names digits within a word stand for letters; in addresses they are digits.
enum class Digits : std::uint8_t { kLetters, kDigits };

// At most `most` words.
std::vector<Word> WordsOf(std::string_view text, Digits digits = Digits::kLetters,
                          std::size_t most = 8);

// Appends the letters of WordsOf(text, Digits::kDigits, most) to `words`. Costs little for ASCII.
void AppendLetters(std::string_view text, std::size_t most, std::vector<std::string>& words);

// 0 to 1: how alike two words are, written or spoken. From 0.72 they may well be the same word,
// from 0.86 they are. Initials are alike to what they begin.
double Alike(const Word& a, const Word& b);

// How alike two texts in plain Latin letters are written: 1 less the changes, insertions, omissions
// and exchanges of neighbours a letter of the longer one. 0 for what is certain to be less than
// `least`, which costs less.
double AlikeInWriting(std::string_view a, std::string_view b, double least = 0);

}  // namespace holdfast
