#include "engine/signals/canonical_text.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uspoof.h>
#include <unicode/uversion.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "engine/base/check.h"

namespace holdfast {
namespace {

// Above it are Chinese, Japanese and Korean, and scripts without letters that look Latin.
constexpr UChar32 kFirst = 0x80, kEnd = 0x3000;
constexpr UChar32 kLisu = 0xA4D0, kLisuEnd = 0xA500;  // capitals of Latin shape

bool IsAsciiLetter(UChar32 c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The ASCII character that each character looks like; 0: none.
class LookAlikes {
 public:
  LookAlikes() : table_(static_cast<std::size_t>(kEnd - kFirst + kLisuEnd - kLisu)) {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<USpoofChecker, decltype(&uspoof_close)> checker(uspoof_open(&status),
                                                                          &uspoof_close);
    for (std::size_t i = 0; i < table_.size() && U_SUCCESS(status); ++i) {
      const auto place = static_cast<UChar32>(i);
      const UChar32 c = place < kEnd - kFirst ? kFirst + place : kLisu + place - (kEnd - kFirst);
      icu::UnicodeString seen;
      uspoof_getSkeletonUnicodeString(checker.get(), 0, icu::UnicodeString(c), seen, &status);
      if (seen.length() != 1 || seen[0] <= ' ' || seen[0] >= 0x7F) continue;
      // Unicode takes I, l, 1 and | for one; a capital is a capital I.
      const bool capital = u_isupper(c) || (c >= kLisu && c < kLisuEnd);
      table_[i] = capital && seen[0] == 'l' ? 'I' : static_cast<char>(seen[0]);
    }
    HOLDFAST_CHECK(U_SUCCESS(status));  // without the tables, lists could be evaded
  }

  char Of(UChar32 c) const {
    if (c >= kFirst && c < kEnd) return table_[static_cast<std::size_t>(c - kFirst)];
    if (c < kLisu || c >= kLisuEnd) return 0;
    return table_[static_cast<std::size_t>(kEnd - kFirst + c - kLisu)];
  }

 private:
  std::vector<char> table_;
};

const LookAlikes& TheLookAlikes() {
  static const LookAlikes kAlike;
  return kAlike;
}

bool IsAsciiBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Appends the canonical form of ASCII text. False at the first byte of another character.
bool AppendAscii(std::string_view text, bool fold, std::string& out) {
  bool blank = false;
  for (const char c : text) {
    if (static_cast<signed char>(c) < 0) return false;
    if (IsAsciiBlank(c)) {
      blank = !out.empty();
      continue;
    }
    if (c < ' ' || c == 0x7F) continue;
    if (blank) out += ' ';
    blank = false;
    out += fold ? Lower(c) : c;
  }
  return true;
}

// Writes words one by one, look-alikes replaced where the word poses as a Latin one.
class WordWriter {
 public:
  explicit WordWriter(CanonicalForm form) : form_(form) {}

  icu::UnicodeString Run(const icu::UnicodeString& text) {
    for (int i = 0; i < text.length(); i = text.moveIndex32(i, 1)) Take(text.char32At(i));
    EndWord();
    return std::move(out_);
  }

 private:
  void Take(UChar32 c) {
    if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) return;
    if (u_isUWhiteSpace(c)) {
      EndWord();
      blank_ = !out_.isEmpty();
      return;
    }
    if (u_iscntrl(c)) return;
    if (const std::int32_t digit = u_charDigitValue(c); digit >= 0) c = '0' + digit;
    const bool of_word = (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_M_MASK | U_GC_ND_MASK)) != 0;
    if (of_word) return word_.push_back(c);
    EndWord();
    const char alike = TheLookAlikes().Of(c);
    const bool sign = alike != 0 && !IsAsciiLetter(alike) && !(alike >= '0' && alike <= '9');
    Append(sign ? static_cast<UChar32>(alike) : c);
  }

  void EndWord() {
    bool latin = false, all = true;
    for (const UChar32 c : word_) {
      latin = latin || IsAsciiLetter(c);
      if (u_isalpha(c)) all = all && (IsAsciiLetter(c) || IsAsciiLetter(TheLookAlikes().Of(c)));
    }
    const bool poses = latin || (all && form_ != CanonicalForm::kName);
    for (const UChar32 c : word_) {
      const char alike = poses ? TheLookAlikes().Of(c) : '\0';
      Append(alike != 0 ? static_cast<UChar32>(alike) : c);
    }
    word_.clear();
  }

  void Append(UChar32 c) {
    if (blank_) out_.append(u' ');
    blank_ = false;
    out_.append(form_ == CanonicalForm::kText ? c : u_foldCase(c, U_FOLD_CASE_DEFAULT));
  }

  const CanonicalForm form_;
  std::vector<UChar32> word_;
  icu::UnicodeString out_;
  bool blank_ = false;
};

// One round for a text that is not ASCII.
void Fold(CanonicalForm form, std::string& text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfkd = icu::Normalizer2::getNFKDInstance(status);
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status)) return;
  const auto read = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  const icu::UnicodeString written =
      nfc->normalize(WordWriter(form).Run(nfkd->normalize(read, status)), status);
  text.clear();
  if (U_SUCCESS(status)) written.toUTF8String(text);
}

}  // namespace

void CanonicalText(std::string_view text, CanonicalForm form, std::string& out) {
  out.clear();
  if (AppendAscii(text, form != CanonicalForm::kText, out)) return;
  out = text;
  Fold(form, out);
  // Lower case may have another look-alike than the capital, and a mark may be left out: the
  // second round finds nothing more.
  Fold(form, out);
}

std::string CanonicalText(std::string_view text, CanonicalForm form) {
  std::string out;
  CanonicalText(text, form, out);
  return out;
}

bool IsWrittenPlainly(std::string_view text) {
  const auto is_plain = [](char c) { return c >= ' ' && c < 0x7F; };
  if (std::all_of(text.begin(), text.end(), is_plain)) return true;
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status)) return false;
  const auto letters = [nfc, &status](std::string_view utf8) {
    const auto read = icu::UnicodeString::fromUTF8(
        icu::StringPiece(utf8.data(), static_cast<std::int32_t>(utf8.size())));
    icu::UnicodeString out;
    for (int i = 0; i < read.length(); i = read.moveIndex32(i, 1)) {
      if (!u_isUWhiteSpace(read.char32At(i))) out.append(read.char32At(i));
    }
    return nfc->normalize(out, status);
  };
  const bool same = letters(text) == letters(CanonicalText(text, CanonicalForm::kText));
  return same && U_SUCCESS(status);
}

std::string CanonicalTextVersion() {
  UVersionInfo version;
  u_getVersion(version);
  char text[U_MAX_VERSION_STRING_LENGTH];
  u_versionToString(version, text);
  return text;
}

void CanonicalPhone(std::string_view text, std::string& out) {
  CanonicalText(text, CanonicalForm::kText, out);
  constexpr std::string_view kTrunk = "(0)";
  const bool international = out.find('+') < out.find_first_of("0123456789") ||
                             out.find("00") == out.find_first_of("0123456789");
  if (const std::size_t at = out.find(kTrunk); international && at != out.npos) {
    out.erase(at, kTrunk.size());
  }
  std::erase_if(out, [](char c) { return c < '0' || c > '9'; });
  if (!international || out.empty()) return;
  if (out.starts_with("00")) out.erase(0, 2);
  out.insert(0, 1, '+');
}

}  // namespace holdfast
