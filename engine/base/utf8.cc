#include "engine/base/utf8.h"

#include "engine/base/check.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace holdfast {
namespace {

bool IsContinuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// Bytes of the well-formed sequence at `p`, or 0. The ranges are table 3-7 of the Unicode Standard.
std::size_t SequenceLength(const unsigned char* p, const unsigned char* end) {
  const unsigned char lead = *p;
  const auto left = static_cast<std::size_t>(end - p);
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return left >= 2 && IsContinuation(p[1]) ? 2 : 0;
  if (lead < 0xF0) {
    if (left < 3 || !IsContinuation(p[1]) || !IsContinuation(p[2])) return 0;
    if (lead == 0xE0 && p[1] < 0xA0) return 0;
    if (lead == 0xED && p[1] > 0x9F) return 0;
    return 3;
  }
  if (lead > 0xF4) return 0;
  if (left < 4 || !IsContinuation(p[1]) || !IsContinuation(p[2]) || !IsContinuation(p[3])) return 0;
  if (lead == 0xF0 && p[1] < 0x90) return 0;
  if (lead == 0xF4 && p[1] > 0x8F) return 0;
  return 4;
}

}  // namespace

bool IsValidUtf8(std::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  const unsigned char* const end = p + text.size();
  while (p < end) {
#if defined(__SSE2__)
    while (end - p >= 64) {
      const auto* block = reinterpret_cast<const __m128i*>(p);
      const __m128i any =
          _mm_or_si128(_mm_or_si128(_mm_loadu_si128(block), _mm_loadu_si128(block + 1)),
                       _mm_or_si128(_mm_loadu_si128(block + 2), _mm_loadu_si128(block + 3)));
      if (_mm_movemask_epi8(any) != 0) break;
      p += 64;
    }
#endif
    if (p >= end) break;
    const std::size_t length = SequenceLength(p, end);
    if (length == 0) return false;
    p += length;
  }
  return true;
}

std::string_view CutUtf8(std::string_view text, std::size_t bytes) {
  HOLDFAST_SLOW_CHECK(IsValidUtf8(text));
  if (text.size() <= bytes) return text;
  while (bytes > 0 && IsContinuation(static_cast<unsigned char>(text[bytes]))) --bytes;
  return text.substr(0, bytes);
}

std::size_t CountCodePoints(std::string_view text) {
  HOLDFAST_SLOW_CHECK(IsValidUtf8(text));
  std::size_t count = 0;
  for (const char c : text) count += IsContinuation(static_cast<unsigned char>(c)) ? 0 : 1;
  return count;
}

char32_t NextCodePoint(std::string_view text, std::size_t& at) {
  HOLDFAST_SLOW_CHECK(at < text.size());
  const auto* p = reinterpret_cast<const unsigned char*>(text.data()) + at;
  const auto* end = reinterpret_cast<const unsigned char*>(text.data()) + text.size();
  const std::size_t length = SequenceLength(p, end);
  at += length == 0 ? 1 : length;
  switch (length) {
    case 1:
      return p[0];
    case 2:
      return static_cast<char32_t>((p[0] & 0x1F) << 6 | (p[1] & 0x3F));
    case 3:
      return static_cast<char32_t>((p[0] & 0x0F) << 12 | (p[1] & 0x3F) << 6 | (p[2] & 0x3F));
    case 4:
      return static_cast<char32_t>((p[0] & 0x07) << 18 | (p[1] & 0x3F) << 12 | (p[2] & 0x3F) << 6 |
                                   (p[3] & 0x3F));
    default:
      return 0xFFFD;
  }
}

void AppendUtf8(std::string& out, char32_t c) {
  HOLDFAST_SLOW_CHECK(c < 0x110000 && (c < 0xD800 || c > 0xDFFF));
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

}  // namespace holdfast
