// ConstantTexts: the texts of a constant list, for `in`.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.h"

namespace holdfast::cel {

// A text of at most eight bytes as a number: with the size, its overlapping ends are the text.
inline constexpr std::size_t kPackedBytes = 8;
inline std::uint64_t PackText(const char* text, std::size_t size) {
  if (size >= 4) {
    std::uint32_t head, tail;
    std::memcpy(&head, text, 4);
    std::memcpy(&tail, text + size - 4, 4);
    return head | std::uint64_t{tail} << 32;
  }
  if (size == 0) return 0;
  const auto byte = [text](std::size_t at) {
    return std::uint64_t{static_cast<unsigned char>(text[at])};
  };
  return byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16;
}

class ConstantTexts {
 public:
  explicit ConstantTexts(const std::vector<std::string>& texts);

  bool Contains(std::string_view text) const {
    return text.size() > kPackedBytes ? ContainsLong(text)
                                      : ContainsShort(text.data(), text.size());
  }
  // REQUIRES: at most kPackedBytes.
  bool ContainsShort(const char* text, std::size_t size) const {
    HOLDFAST_SLOW_CHECK(size <= kPackedBytes);
    const std::uint64_t packed = PackText(text, size);
    for (std::size_t place = PlaceOf(packed);; place = (place + 1) & mask_) {
      const Short& mine = short_[place];
      if (mine.packed == packed && mine.size == size) return true;
      if (mine.size == kNone) return false;
    }
  }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  struct Short {
    std::uint64_t packed = 0;
    std::uint32_t size = kNone;
  };
  // Fibonacci hashing: the top bits of a product mix all of its factor.
  std::size_t PlaceOf(std::uint64_t packed) const {
    return static_cast<std::size_t>((packed * 0x9E3779B97F4A7C15ULL) >> shift_);
  }
  bool ContainsLong(std::string_view text) const;

  // Open addressing; at most half of either table is taken.
  std::vector<Short> short_;
  int shift_ = 63;
  std::size_t mask_ = 0;
  std::vector<std::string> long_;
  std::vector<std::uint32_t> long_places_;  // index + 1 in long_, or 0
};

}  // namespace holdfast::cel
