// Text: small helpers on strings that several layers share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

// What some programs put before a UTF-8 text.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// ASCII lower case; other bytes stay.
std::string ToLowerAscii(std::string_view text);

// ASCII letters in lower case, one blank for blanks and ASCII signs, none at the ends: "12, Oak
// ST." gives "12 oak st". Other bytes stay.
std::string EvenedAscii(std::string_view text);

// Upper case of ASCII letters, '_' for everything else that is not a letter or digit:
// "payer-not-holder" gives "PAYER_NOT_HOLDER".
std::string ToConstantName(std::string_view text);

// Without leading and trailing blanks and tabs, CR and LF.
std::string_view Trim(std::string_view text);

// The candidate nearest to `wrong` by edits (an exchange of neighbours counts one), if it is near
// enough to be what was meant: at most a third of its length. Empty when none is.
std::string_view DidYouMean(std::string_view wrong,
                            const std::vector<std::string_view>& candidates);

// "a, b or c", at most `limit` of them.
std::string OrList(const std::vector<std::string_view>& words, std::size_t limit = 12);

// A decimal with thousands separated: 1234567 gives "1,234,567".
std::string Grouped(unsigned long long number);

// The same of a decimal: "-12345.60" is "-12,345.60".
std::string GroupedAmount(std::string_view decimal);

// A text that was given, for an error: in quotes, and shortened.
std::string Shown(std::string_view value);

// A span of time for people, rounded, in at most two parts: "37 minutes", "1 day 8 hours".
std::string DurationInWords(std::int64_t nanos);

// Shortest decimal that reads back as `value`, without an exponent for magnitudes in
// [1e-6, 1e21); "NaN", "Infinity", "-Infinity".
std::string FormatDouble(double value);

}  // namespace holdfast
