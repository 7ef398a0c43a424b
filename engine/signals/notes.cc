#include "engine/signals/notes.h"

#include <re2/re2.h>
#include <unicode/uchar.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/enum_names.h"
#include "engine/base/utf8.h"

namespace holdfast {
namespace {

constexpr std::size_t kLongest = 4096;            // of a note
constexpr std::int64_t kPatternBytes = 64 << 20;  // of all phrases of a sense

// Letters that look the same.
constexpr std::u32string_view kCyrillic = U"аеорсухіѕјһԁ";
constexpr std::string_view kLatin = "aeopcyxisjhd";

bool IsLatin(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Replaces punctuation, because it ends a clause.
constexpr char kClause = '.';

// Lower case, with one blank for blanks and symbols and one kClause for punctuation. Apostrophes
// and invisible characters are removed.
std::string Evened(std::string_view text) {
  std::string evened;
  evened.reserve(text.size());
  const auto between = [&evened](char c) {
    if (evened.empty() || evened.back() == kClause) return;
    if (evened.back() == ' ') {
      evened.back() = c == kClause ? kClause : ' ';
    } else {
      evened += c;
    }
  };
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      evened += c;
      ++at;
      continue;
    }
    char32_t point = NextCodePoint(text, at);
    constexpr char32_t kWideFirst = 0xFF01, kWideLast = 0xFF5E, kWide = 0xFEE0;
    if (point >= kWideFirst && point <= kWideLast) point -= kWide;
    const auto letter = static_cast<UChar32>(point);
    const bool mark = (U_GET_GC_MASK(letter) & U_GC_M_MASK) != 0;
    if (point == '\'' || point == 0x2019 || u_charType(letter) == U_FORMAT_CHAR) continue;
    if (u_isalnum(letter) || mark) {
      const auto lower = static_cast<char32_t>(u_tolower(letter));
      // A Cyrillic letter within a Latin word is a disguise.
      const bool in_latin =
          (!evened.empty() && IsLatin(evened.back())) || (at < text.size() && IsLatin(text[at]));
      const std::size_t alike = in_latin ? kCyrillic.find(lower) : kCyrillic.npos;
      if (alike != kCyrillic.npos) {
        evened += kLatin[alike];
      } else {
        AppendUtf8(evened, lower);
      }
    } else {
      between(u_ispunct(letter) ? kClause : ' ');
    }
  }
  while (evened.ends_with(' ') || evened.ends_with(kClause)) evened.pop_back();
  return evened;
}

// Chinese, Japanese and Thai put no blanks between words.
bool HasBlanks(std::string_view phrase) {
  const auto first = static_cast<unsigned char>(phrase.front());
  return first < 0xE0 || (first > 0xE0 && first < 0xE3) || first > 0xE9;
}

}  // namespace

std::string_view NameOf(NoteSense sense) {
  constexpr std::string_view kNames[] = {"urges", "other_address", "other_product", "negation",
                                         "calm"};
  return NameIn(kNames, sense);
}

// One pattern with all phrases of each sense. Null: there are none.
struct NotePhrases::Patterns {
  std::array<std::unique_ptr<RE2>, kNoteSenses> of;
};

NotePhrases::NotePhrases() = default;
NotePhrases::~NotePhrases() = default;

bool NotePhrases::Add(NoteSense sense, std::string_view phrase) {
  HOLDFAST_CHECK(patterns_ == nullptr);
  std::string evened = Evened(phrase);
  if (evened.empty()) return false;
  if (phrase.ends_with('*')) evened += '*';
  phrases_[static_cast<std::size_t>(sense)].push_back(std::move(evened));
  return true;
}

bool NotePhrases::Seal() {
  patterns_ = std::make_unique<Patterns>();
  for (std::size_t i = 0; i < kNoteSenses; ++i) {
    if (phrases_[i].empty()) continue;
    // A negation is at the end of the text before the phrase.
    const bool negation = i >= static_cast<std::size_t>(NoteSense::kNegation);
    std::string pattern;
    for (const std::string& phrase : phrases_[i]) {
      const bool open = phrase.ends_with('*');
      const std::string text =
          RE2::QuoteMeta(std::string_view(phrase).substr(0, phrase.size() - (open ? 1 : 0)));
      if (!pattern.empty()) pattern += '|';
      pattern += HasBlanks(phrase) ? "(?:^|[ .])" + text + (open ? "" : "(?:[ .]|$)") : text;
    }
    if (negation) pattern = "(?:" + pattern + ")$";
    RE2::Options options(RE2::Quiet);
    options.set_max_mem(kPatternBytes);
    patterns_->of[i] = std::make_unique<RE2>(pattern, options);
    if (!patterns_->of[i]->ok()) return false;
  }
  return true;
}

bool NotePhrases::IsNegated(NoteSense sense, std::string_view before) const {
  constexpr std::size_t kNear = 32;
  const std::string_view near = before.substr(before.size() > kNear ? before.size() - kNear : 0);
  const auto ends_so = [&](NoteSense negation) {
    const auto& pattern = patterns_->of[static_cast<std::size_t>(negation)];
    return pattern != nullptr && RE2::PartialMatch(near, *pattern);
  };
  return ends_so(NoteSense::kNegation) || (sense == NoteSense::kUrges && ends_so(NoteSense::kCalm));
}

std::optional<bool> NotePhrases::Says(NoteSense sense, std::string_view note) const {
  HOLDFAST_CHECK(patterns_ != nullptr);
  const auto& pattern = patterns_->of[static_cast<std::size_t>(sense)];
  if (pattern == nullptr || note.empty()) return false;
  if (note.size() > kLongest) return std::nullopt;
  const std::string text = Evened(note);
  re2::StringPiece match;
  for (std::size_t at = 0; at < text.size();) {
    if (!pattern->Match(text, at, text.size(), RE2::UNANCHORED, &match, 1)) return false;
    const auto begin = static_cast<std::size_t>(match.data() - text.data());
    const bool new_clause = text[begin] == kClause;
    if (new_clause || !IsNegated(sense, std::string_view(text).substr(0, begin))) return true;
    // The blank after a match may be the one before the next match.
    at = begin + std::max<std::size_t>(1, match.size() - 1);
  }
  return false;
}

}  // namespace holdfast
