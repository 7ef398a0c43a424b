#include "engine/base/text_table.h"

#include "engine/base/check.h"
#include "engine/base/hash.h"

namespace holdfast {

std::size_t TextTable::PlaceOf(std::string_view text) const {
  const std::uint64_t hash = Hash64(text);
  const std::uint64_t mark = hash >> (64 - kMarkBits);
  const std::size_t mask = places_.size() - 1;
  for (std::size_t place = hash & mask;; place = (place + 1) & mask) {
    const std::uint64_t taken = places_[place];
    if (taken == kFree) return place;
    const bool same_mark = (taken & ((std::uint64_t{1} << kMarkBits) - 1)) == mark;
    if (same_mark && TextAt(taken >> kMarkBits) == text) return place;
  }
}

void TextTable::Grow() {
  constexpr std::size_t kFirst = 64;
  places_.assign(places_.empty() ? kFirst : places_.size() * 2, kFree);
  const std::size_t mask = places_.size() - 1;
  ForEach([&](std::string_view text) {
    // All texts differ, so each goes to the first free place.
    const std::uint64_t hash = Hash64(text);
    std::size_t place = hash & mask;
    while (places_[place] != kFree) place = (place + 1) & mask;
    const auto begin = static_cast<std::uint64_t>(text.data() - bytes_.data()) - kLengthBytes;
    places_[place] = begin << kMarkBits | hash >> (64 - kMarkBits);
  });
}

void TextTable::Add(std::string_view text) {
  HOLDFAST_CHECK(text.size() < 1 << 16);
  // At most three quarters of the places are used.
  if ((count_ + 1) * 4 > places_.size() * 3) Grow();
  const std::size_t place = PlaceOf(text);
  if (places_[place] != kFree) return;
  const std::uint64_t begin = bytes_.size();
  bytes_ += static_cast<char>(text.size() & 0xFF);
  bytes_ += static_cast<char>(text.size() >> 8);
  bytes_ += text;
  places_[place] = begin << kMarkBits | Hash64(text) >> (64 - kMarkBits);
  ++count_;
}

}  // namespace holdfast
