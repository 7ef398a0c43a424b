// Writes how Chinese characters are read, as ICU says: a header with one line a character, from
// U+3400 to U+9FFF, empty where it has no reading. Run by the build: asking ICU costs 9 us a
// character, which an order must not.
#include <unicode/translit.h>

#include <cstdio>
#include <memory>
#include <string>

int main() {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::Transliterator> to_latin(
      icu::Transliterator::createInstance("Any-Latin; Lower; NFC", UTRANS_FORWARD, status));
  if (to_latin == nullptr) {
    std::fprintf(stderr, "ICU has no Any-Latin: %s\n", u_errorName(status));
    return 1;
  }
  std::printf(
      "// Made by engine/signals/generate/han_readings.cc.\n#pragma once\n\n"
      "#include <string_view>\n\nnamespace holdfast {\n\n"
      "inline constexpr std::string_view kHanReadings =\n");
  constexpr UChar32 kFirst = 0x3400, kLast = 0x9FFF;
  for (UChar32 c = kFirst; c <= kLast; ++c) {
    icu::UnicodeString reading(c);
    to_latin->transliterate(reading);
    std::string text;
    if (reading.char32At(0) != c) reading.toUTF8String(text);
    std::printf("    \"%s\\n\"\n", text.c_str());
  }
  std::printf("    ;\n\n}  // namespace holdfast\n");
  return 0;
}
