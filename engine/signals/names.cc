#include "engine/signals/names.h"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/base/text.h"

namespace holdfast {
namespace {

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

bool IsTitle(std::string_view word) {
  constexpr std::string_view kTitles[] = {"mr",   "mrs", "ms", "miss", "dr",
                                          "prof", "sir", "jr", "sr"};
  return std::find(std::begin(kTitles), std::end(kTitles), word) != std::end(kTitles);
}

// Lower-case words without titles, sorted.
std::vector<std::string> Words(std::string_view name) {
  std::vector<std::string> words;
  std::string word;
  const auto flush = [&] {
    if (!word.empty() && !IsTitle(word)) words.push_back(word);
    word.clear();
  };
  for (const char c : ToLowerAscii(name)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
    if (letter) {
      word += c;
    } else if (c != '\'') {
      flush();
    }
  }
  flush();
  std::sort(words.begin(), words.end());
  return words;
}

// Is each of `few` a word of `many`, or the initial of one?
bool Covers(const std::vector<std::string>& many, const std::vector<std::string>& few) {
  return std::all_of(few.begin(), few.end(), [&](const std::string& word) {
    return std::any_of(many.begin(), many.end(), [&](const std::string& other) {
      return other == word || (word.size() == 1 && other[0] == word[0]) ||
             (other.size() == 1 && other[0] == word[0]);
    });
  });
}

}  // namespace

MatchGrade CompareNames(std::string_view a, std::string_view b) {
  const auto left = Words(a), right = Words(b);
  if (left.empty() || right.empty()) return MatchGrade::kUnknown;
  if (left == right) return MatchGrade::kSame;
  if (!IsAscii(a) || !IsAscii(b)) return MatchGrade::kUnknown;
  const bool shared = std::any_of(left.begin(), left.end(), [&](const std::string& word) {
    return word.size() > 1 && std::find(right.begin(), right.end(), word) != right.end();
  });
  if (shared) return MatchGrade::kPlausible;
  // Only initials to go by ("J S" against "John Smith"): neither the same nor different.
  return Covers(left, right) || Covers(right, left) ? MatchGrade::kPlausible
                                                    : MatchGrade::kDifferent;
}

}  // namespace holdfast
