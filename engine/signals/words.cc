#include "engine/signals/words.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/signals/han_readings.h"

namespace holdfast {
namespace {

constexpr std::size_t kBytes = 256, kLetters = 24;

// What a letter becomes: up to two plain letters. With a caron, s, z and c are spelled S, Z and C.
struct Plain {
  char letters[2] = {};
  char spelled = 0;  // instead of the first letter, where it sounds otherwise
};

constexpr std::size_t kTable = 0x2000;

std::array<Plain, kTable> MakeTable() {
  std::array<Plain, kTable> table;
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfkd = icu::Normalizer2::getNFKDInstance(status);
  for (std::size_t c = 0x80; c < kTable && U_SUCCESS(status); ++c) {
    const auto letter = static_cast<UChar32>(c);
    if (!u_isalpha(letter)) continue;
    icu::UnicodeString parts;
    if (!nfkd->getDecomposition(u_tolower(letter), parts)) continue;
    Plain plain;
    std::size_t count = 0;
    for (int i = 0; i < parts.length(); ++i) {
      const UChar part = parts[i];
      if (part >= 'a' && part <= 'z' && count < 2) plain.letters[count++] = static_cast<char>(part);
      constexpr UChar kCaron = 0x30C, kCircumflex = 0x302;
      const char base = plain.letters[0];
      if (part == kCaron && base == 's') plain.spelled = 'S';
      if (part == kCaron && base == 'z') plain.spelled = 'Z';
      if (part == kCaron && base == 'c') plain.spelled = 'C';
      if (part == kCircumflex && base == 's') plain.spelled = 'S';  // of ICU, for Cyrillic shcha
      if (part == kCircumflex && base == 'd') plain.spelled = 'J';  // for Serbian dzhe
    }
    table[c] = plain;
  }
  // Letters that are not a base letter with a mark.
  constexpr std::pair<char16_t, const char*> kOthers[] = {
      {u'ß', "ss"}, {u'ø', "o"}, {u'ł', "l"}, {u'æ', "ae"}, {u'œ', "oe"}, {u'đ', "d"}, {u'ð', "d"},
      {u'þ', "th"}, {u'ı', "i"}, {u'ħ', "h"}, {u'ŋ', "ng"}, {u'ə', "a"},  {u'ĸ', "k"}};
  for (const auto& [c, letters] : kOthers) {
    const Plain plain{{letters[0], letters[1]}, c == u'đ' ? 'J' : '\0'};
    table[c] = plain;
    table[static_cast<std::size_t>(u_toupper(c))] = plain;
  }
  return table;
}

Plain PlainOf(UChar32 c) {
  static const std::array<Plain, kTable> kPlain = MakeTable();
  if (c >= 'A' && c <= 'Z') return {{static_cast<char>(c - 'A' + 'a')}, 0};
  if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) return {{static_cast<char>(c)}, 0};
  constexpr UChar32 kWide = 0xFF01 - 0x21;  // letters as wide as Chinese ones
  if (c > 0xFF00 && c < 0xFF5F) return PlainOf(c - kWide);
  return c >= 0x80 && c < static_cast<UChar32>(kTable) ? kPlain[static_cast<std::size_t>(c)]
                                                       : Plain{};
}

// None for Latin letters and for characters that are not letters.
Hearing HearingOf(UChar32 c) {
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(c, &status)) {
    case USCRIPT_COMMON:
    case USCRIPT_INHERITED:
    case USCRIPT_LATIN:
      return Hearing::kLatin;
    case USCRIPT_ARABIC:
    case USCRIPT_SYRIAC:
      return Hearing::kArabic;
    case USCRIPT_HEBREW:
      return Hearing::kHebrew;
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
      return Hearing::kKana;
    case USCRIPT_HAN:
      return Hearing::kHan;
    case USCRIPT_HANGUL:
      return Hearing::kHangul;
    default:
      return Hearing::kAlphabet;
  }
}

// Converts a word into lower-case Latin letters with marks, by ICU.
void RomaniseWhole(icu::UnicodeString& word) {
  thread_local const std::unique_ptr<icu::Transliterator> kToLatin = [] {
    UErrorCode status = U_ZERO_ERROR;
    return std::unique_ptr<icu::Transliterator>(
        icu::Transliterator::createInstance("Any-Latin; Lower; NFC", UTRANS_FORWARD, status));
  }();
  if (kToLatin != nullptr) kToLatin->transliterate(word);
}

// The reading of a Chinese character. Empty: unknown.
std::string_view ReadingOf(UChar32 c) {
  static const std::vector<std::string_view> kReadings = [] {
    std::vector<std::string_view> readings;
    for (std::string_view rest = kHanReadings; !rest.empty();) {
      readings.push_back(rest.substr(0, rest.find('\n')));
      rest.remove_prefix(readings.back().size() + 1);
    }
    return readings;
  }();
  constexpr UChar32 kFirst = 0x3400;
  const auto at = static_cast<std::size_t>(c - kFirst);
  return c >= kFirst && at < kReadings.size() ? kReadings[at] : std::string_view();
}

// As RomaniseWhole, but Chinese characters one by one.
void Romanise(icu::UnicodeString& word, Hearing hearing) {
  if (hearing != Hearing::kHan) return RomaniseWhole(word);
  icu::UnicodeString read;
  for (int i = 0; i < word.length(); i = word.moveIndex32(i, 1)) {
    const std::string_view reading = ReadingOf(word.char32At(i));
    read.append(icu::UnicodeString::fromUTF8(
        icu::StringPiece(reading.data(), static_cast<std::int32_t>(reading.size()))));
  }
  word = std::move(read);
}

// Digits that look like letters, within a word of letters.
char LetterFor(char digit) {
  constexpr std::string_view kDigits = "0134579", kFor = "oleastg";
  const std::size_t at = kDigits.find(digit);
  return at == kDigits.npos ? digit : kFor[at];
}

// Collects words.
class Reader {
 public:
  Reader(std::string_view text, Digits digits, std::size_t most) : digits_(digits), most_(most) {
    const std::string_view first = text.substr(0, kBytes);
    const char* bytes = first.data();
    const auto size = static_cast<std::int32_t>(first.size());
    for (std::int32_t i = 0; i < size && words_.size() < most_;) {
      UChar32 c;
      U8_NEXT(bytes, i, size, c);
      Take(c);
    }
    Flush();
  }

  std::vector<Word> words() { return std::move(words_); }

 private:
  void Take(UChar32 c) {
    if (c < 0) return Flush();
    if (c < 0x80) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (plain) return Add(PlainOf(c));
      if (c != '\'' && c != '`') Flush();
      return;
    }
    constexpr UChar32 kApostrophe = 0x2019, kProlonged = 0x30FC;
    const bool mark = (U_GET_GC_MASK(c) & (U_GC_M_MASK | U_GC_LM_MASK | U_GC_CF_MASK)) != 0;
    if ((mark && c != kProlonged && !(native_.length() > 0)) || c == kApostrophe) return;
    if (!mark && !u_isalpha(c)) return Flush();
    // Thai: a sign that silences the letter before it, and a letter that only carries a vowel.
    constexpr UChar32 kSilencer = 0x0E4C, kCarrier = 0x0E2D;
    if (c == kSilencer && native_.length() > 0) return void(native_.truncate(native_.length() - 1));
    if (c == kCarrier && native_.isEmpty()) return;
    const Hearing hearing = mark ? hearing_ : HearingOf(c);
    if (hearing == Hearing::kLatin) return Add(PlainOf(c));
    // A different script starts a new word. The two scripts of Japanese belong together.
    if (!letters_.empty() || (native_.length() > 0 && hearing != hearing_)) Flush();
    hearing_ = hearing;
    // Romanising letters costs a hundred times as much as reading them.
    if (++romanised_ <= kLetters) native_.append(c);
  }

  void Add(const Plain& plain) {
    if (native_.length() > 0) Flush();
    if (plain.letters[0] == 0 || letters_.size() + 1 >= kLetters) return;
    for (const char letter : plain.letters) {
      if (letter != 0) letters_ += letter;
    }
    spelled_ += plain.spelled != 0 ? plain.spelled : plain.letters[0];
    if (plain.letters[1] != 0) spelled_ += plain.letters[1];
  }

  // Names are romanised syllable by syllable; "ng" at the end of one is one sound.
  void AddSyllables(const icu::UnicodeString& word) {
    for (int i = 0; i < word.length(); ++i) {
      icu::UnicodeString syllable(word[i]);
      RomaniseWhole(syllable);
      for (int at = 0; at < syllable.length(); ++at) Add(PlainOf(syllable[at]));
      if (!syllable.endsWith(u"ng", 2) || spelled_.size() < 2) continue;
      spelled_.pop_back();
      spelled_.back() = 'N';
    }
  }

  void Flush() {
    Hearing hearing = Hearing::kLatin;
    if (native_.length() > 0) {
      hearing = hearing_;
      icu::UnicodeString native = native_;
      native_.remove();
      if (hearing == Hearing::kHangul) {
        AddSyllables(native);
        native.remove();
      }
      Romanise(native, hearing);
      // Kana that ICU cannot join, as in "ji~yo".
      if (hearing == Hearing::kKana) {
        for (int at; (at = native.indexOf(u'~')) >= 0;) {
          native.remove(at > 0 ? at - 1 : at, at > 0 ? 2 : 1);
        }
      }
      for (int i = 0; i < native.length(); ++i) Add(PlainOf(native.char32At(i)));
    }
    if (letters_.empty()) return;
    const bool number = letters_.find_first_not_of("0123456789") == letters_.npos;
    if (!number && digits_ == Digits::kLetters) {
      for (std::string* text : {&letters_, &spelled_}) {
        for (char& c : *text) c = LetterFor(c);
      }
    }
    if (words_.size() < most_) {
      words_.push_back({letters_, SoundsOf(spelled_, hearing), hearing});
    }
    letters_.clear();
    spelled_.clear();
  }

  const Digits digits_;
  const std::size_t most_;
  std::vector<Word> words_;
  std::string letters_, spelled_;
  std::size_t romanised_ = 0;  // letters of other scripts so far
  icu::UnicodeString native_;  // of a word in another script
  Hearing hearing_ = Hearing::kLatin;
};

// Similarities of sounds from which two words of a script may be, or are, the same. Each is about
// as certain as the corresponding value for Latin letters.
struct Bounds {
  double may, are;
};

Bounds BoundsOf(Hearing hearing) {
  switch (hearing) {
    case Hearing::kArabic:
    case Hearing::kHebrew:
      return {.62, .80};
    case Hearing::kKana:
      return {.66, .85};
    case Hearing::kHan:
      return {.68, .86};
    case Hearing::kHangul:
      return {.66, .82};
    default:
      return {.60, .74};
  }
}

constexpr double kMay = .72, kAre = .86;

// Converts a similarity of sounds to the common scale.
double Scaled(double alike, Hearing hearing) {
  const Bounds bounds = BoundsOf(hearing);
  if (alike >= bounds.are) return kAre + (1 - kAre) * (alike - bounds.are) / (1 - bounds.are);
  if (alike >= bounds.may) {
    return kMay + (kAre - kMay) * (alike - bounds.may) / (bounds.are - bounds.may);
  }
  return kMay * alike / bounds.may;
}

}  // namespace

std::vector<Word> WordsOf(std::string_view text, Digits digits, std::size_t most) {
  return Reader(text, digits, most).words();
}

void AppendLetters(std::string_view text, std::size_t most, std::vector<std::string>& words) {
  text = text.substr(0, kBytes);
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!ascii) {
    for (Word& word : WordsOf(text, Digits::kDigits, most)) {
      words.push_back(std::move(word.letters));
    }
    return;
  }
  // By the same rules as Reader.
  std::string letters;
  for (std::size_t i = 0, count = 0; i <= text.size() && count < most; ++i) {
    const char letter = i < text.size() ? PlainOf(text[i]).letters[0] : '\0';
    if (letter != 0) {
      if (letters.size() + 1 < kLetters) letters += letter;
    } else if ((i == text.size() || (text[i] != '\'' && text[i] != '`')) && !letters.empty()) {
      words.push_back(letters);
      letters.clear();
      ++count;
    }
  }
}

double AlikeInWriting(std::string_view a, std::string_view b, double least) {
  a = a.substr(0, 2 * kLetters);
  b = b.substr(0, 2 * kLetters);
  if (a.empty() || b.empty()) return 0;
  const auto longest = static_cast<double>(std::max(a.size(), b.size()));
  const auto most = static_cast<int>((1 - least) * longest + 1e-9);
  // Optimal string alignment.
  std::array<std::uint8_t, 2 * kLetters + 1> before{}, last{}, row{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<std::uint8_t>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<std::uint8_t>(i);
    int best = row[0];
    for (std::size_t j = 1; j <= b.size(); ++j) {
      int cost = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost = std::min(cost, before[j - 2] + 1);
      }
      row[j] = static_cast<std::uint8_t>(cost);
      best = std::min(best, cost);
    }
    // A swap may still start in the row above.
    if (best > most + 1) return 0;
    before = last;
    last = row;
  }
  return 1 - static_cast<double>(last[b.size()]) / longest;
}

double Alike(const Word& a, const Word& b) {
  if (a.letters == b.letters) return 1;
  if (a.initial() || b.initial()) {
    const bool begins = a.letters[0] == b.letters[0] ||
                        (!a.sounds.empty() && !b.sounds.empty() && a.sounds[0] == b.sounds[0]);
    return begins ? .8 : 0;
  }
  if (a.hearing == b.hearing) {
    const std::size_t least = std::min(a.letters.size(), b.letters.size());
    const std::size_t most = std::max(a.letters.size(), b.letters.size());
    if (2 * least < most) return 0;
    const double written = AlikeInWriting(a.letters, b.letters);
    if (written == 0) return 0;
    const double spoken = Scaled(Alike(a.sounds, b.sounds, Hearing::kLatin), Hearing::kLatin);
    return std::max(written, (written + spoken) / 2);
  }
  const bool swap = a.hearing != Hearing::kLatin;
  const Word &latin = swap ? b : a, &other = swap ? a : b;
  return Scaled(Alike(latin.sounds, other.sounds, other.hearing), other.hearing);
}

}  // namespace holdfast
