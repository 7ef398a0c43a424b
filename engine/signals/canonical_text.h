// CanonicalText: one form for texts that people read as the same text.
//
// Letters that are written otherwise (full width, ligatures, composed or not) become the usual ones
// (NFKC), digits of other scripts 0 to 9, blanks and line ends one blank; what is not seen (zero
// width, bidi marks, control characters) is left out. Letters of other scripts that look like a
// Latin one (Cyrillic "а", Greek "ο") become it where a word poses as a Latin one: where it also
// has Latin letters, or has nothing else than such letters. Other words keep their script.
//
// ASCII characters are never replaced, except for blanks and, where stated, case: 1 and l, 0 and O
// stay different.
//
// Source: the look-alikes are those of Unicode's confusables (UTS 39), as ICU has them. Stored
// state names the version of ICU and is made from the log again under another one;
// tests/signals/canonical_text_test.cc pins a sample.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast {

enum class CanonicalForm : std::uint8_t {
  kText,   // case counts
  kEmail,  // in lower case
  kName,  // in lower case; a word that is all look-alikes keeps its script, as a name may ("Оса")
};

// Idempotent. Allocates nothing for ASCII when `out` is large enough. Bytes that are not UTF-8
// become U+FFFD.
void CanonicalText(std::string_view text, CanonicalForm form, std::string& out);
std::string CanonicalText(std::string_view text, CanonicalForm form);

// True when the canonical text is the same text but for case, blanks, and how letters are composed:
// nothing was left out, and nothing looks like something else.
bool IsWrittenPlainly(std::string_view text);

// The version of the tables that canonical texts depend on.
std::string CanonicalTextVersion();

// The digits of a phone number, behind a '+' when it begins with one or with "00"; a "(0)" behind
// the code of a country is left out. A number without the code of its country stays without.
void CanonicalPhone(std::string_view text, std::string& out);

}  // namespace holdfast
