// Sounds: how alike two words are when they are spoken, across spellings and scripts.
//
// A word in Latin letters, or one that was brought into them, becomes a row of sounds ("tsch" and
// "ch" are one). Two rows are aligned at the least cost: what a script cannot write costs little
// (Arabic has no p and few vowels, Japanese no l and no bare consonants), what it can costs much.
//
// Source: the classes follow the consonant chart of the IPA; the costs were set on pairs of names
// in Latin and in Cyrillic, Arabic, Japanese and Chinese script (Merhav and Ash 2018), for the most
// recall at one false match in a thousand. docs/signals.md has the figures.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast {

// How names of another script came into Latin letters. Scripts that write about what is heard share
// kAlphabet.
enum class Hearing : std::uint8_t {
  kLatin,
  kAlphabet,
  kArabic,  // and Persian, Urdu, Syriac
  kHebrew,
  kKana,
  kHan,
  kHangul,
};

// The sounds of a word in lower-case Latin letters, at most 24; `hearing` says where they come
// from. Letters: those of the alphabet, and S Z C J N (as in ship, measure, chip, jam, sing). In
// `word` S, Z and C stand for s, z and c with a caron, which spell those sounds.
std::string SoundsOf(std::string_view word, Hearing hearing);

// 0: nothing in common, 1: the same. Symmetric for kLatin; elsewhere `other` is of that script.
double Alike(std::string_view latin, std::string_view other, Hearing hearing);

}  // namespace holdfast
