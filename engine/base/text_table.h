// TextTable: a large set of texts that only grows: all bytes in one row, and a table of where each
// text begins. An entry costs its bytes and 10 to 18 more; finding one costs a hash and, as a rule,
// two reads of memory.
//
// Threads: any number of readers while nobody adds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

class TextTable {
 public:
  // Adds `text`; does nothing when it is there already. REQUIRES: less than 64 KiB, and less than a
  // terabyte in all.
  void Add(std::string_view text);

  bool Contains(std::string_view text) const {
    return !places_.empty() && places_[PlaceOf(text)] != kFree;
  }

  std::size_t size() const { return count_; }

  // Calls `visit` with every text, in the order in which they were added.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (std::size_t at = 0; at < bytes_.size();) {
      const std::string_view text = TextAt(at);
      visit(text);
      at += kLengthBytes + text.size();
    }
  }

 private:
  static constexpr std::size_t kLengthBytes = 2;
  static constexpr int kMarkBits = 24;
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};

  std::string_view TextAt(std::size_t begin) const {
    const auto byte = [&](std::size_t i) {
      return static_cast<std::size_t>(static_cast<unsigned char>(bytes_[begin + i]));
    };
    return {bytes_.data() + begin + kLengthBytes, byte(0) | byte(1) << 8};
  }
  // Where `text` is, or the free place where it belongs.
  std::size_t PlaceOf(std::string_view text) const;
  void Grow();

  std::string bytes_;  // of every text, its length before it
  // Where a text begins, above some bits of its hash, so that other texts are not read; or kFree.
  std::vector<std::uint64_t> places_;
  std::size_t count_ = 0;
};

}  // namespace holdfast
