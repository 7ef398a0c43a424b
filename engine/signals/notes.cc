#include "engine/signals/notes.h"

#include <re2/re2.h>

#include <algorithm>

#include "engine/base/text.h"

namespace holdfast {
namespace {

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<signed char>(c) < 0;
}

// Lower case, one blank for anything that is neither letter nor digit; apostrophes go.
std::string Evened(std::string_view text) {
  std::string evened;
  evened.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    constexpr std::string_view kApostrophe = "\u2019";
    if (c == '\'') continue;
    if (text.substr(i).starts_with(kApostrophe)) {
      i += kApostrophe.size() - 1;
      continue;
    }
    if (IsWordByte(c)) {
      evened += c;
    } else if (!evened.empty() && evened.back() != ' ') {
      evened += ' ';
    }
  }
  if (evened.ends_with(' ')) evened.pop_back();
  return evened;
}

// Chinese, Japanese and Thai put no blanks between words.
bool HasBlanks(std::string_view phrase) {
  const auto first = static_cast<unsigned char>(phrase.front());
  return first < 0xE0 || (first > 0xE0 && first < 0xE3) || first > 0xE9;
}

}  // namespace

std::string_view NameOf(NoteSense sense) {
  constexpr std::string_view kNames[] = {"urges", "other_address", "other_product", "negation"};
  return kNames[static_cast<std::size_t>(sense)];
}

// Of each sense one pattern of all its phrases; null where there are none.
struct NotePhrases::Patterns {
  std::array<std::unique_ptr<RE2>, kNoteSenses> of;
};

NotePhrases::NotePhrases() = default;
NotePhrases::~NotePhrases() = default;

void NotePhrases::Add(NoteSense sense, std::string_view phrase) {
  std::string evened = Evened(phrase);
  if (evened.empty()) return;
  if (phrase.ends_with('*')) evened += '*';
  phrases_[static_cast<std::size_t>(sense)].push_back(std::move(evened));
}

void NotePhrases::Seal() {
  patterns_ = std::make_unique<Patterns>();
  for (std::size_t i = 0; i < kNoteSenses; ++i) {
    if (phrases_[i].empty()) continue;
    // A negation stands at the end of what is before the phrase.
    const bool negation = static_cast<NoteSense>(i) == NoteSense::kNegation;
    std::string pattern;
    for (const std::string& phrase : phrases_[i]) {
      const bool open = phrase.ends_with('*');
      const std::string text =
          RE2::QuoteMeta(std::string_view(phrase).substr(0, phrase.size() - (open ? 1 : 0)));
      if (!pattern.empty()) pattern += '|';
      pattern += HasBlanks(phrase) ? "(?:^| )" + text + (open ? "" : "(?: |$)") : text;
    }
    if (negation) pattern = "(?:" + pattern + ") ?$";
    patterns_->of[i] = std::make_unique<RE2>(pattern, RE2::Quiet);
  }
}

bool NotePhrases::IsNegated(std::string_view before) const {
  const auto& negation = patterns_->of[static_cast<std::size_t>(NoteSense::kNegation)];
  constexpr std::size_t kNear = 32;
  const std::size_t from = before.size() > kNear ? before.size() - kNear : 0;
  return negation != nullptr && RE2::PartialMatch(before.substr(from), *negation);
}

bool NotePhrases::Says(NoteSense sense, std::string_view note) const {
  const auto& pattern = patterns_->of[static_cast<std::size_t>(sense)];
  if (pattern == nullptr || note.empty()) return false;
  constexpr std::size_t kRead = 4096;
  const std::string text = Evened(note.substr(0, kRead));
  re2::StringPiece match;
  for (std::size_t at = 0; at < text.size();) {
    if (!pattern->Match(text, at, text.size(), RE2::UNANCHORED, &match, 1)) return false;
    const auto begin = static_cast<std::size_t>(match.data() - text.data());
    if (!IsNegated(std::string_view(text).substr(0, begin))) return true;
    // The blank behind it may be the one before the next.
    at = begin + std::max<std::size_t>(1, match.size() - 1);
  }
  return false;
}

}  // namespace holdfast
