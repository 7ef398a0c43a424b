#include "engine/cel/eval/constant_texts.h"

#include <bit>

#include "engine/base/hash.h"

namespace holdfast::cel {

ConstantTexts::ConstantTexts(const std::vector<std::string>& texts) {
  const std::size_t places = std::bit_ceil(texts.size() * 2 + 2);
  shift_ = 64 - std::countr_zero(places);
  mask_ = places - 1;
  short_.resize(places);
  long_places_.assign(places, 0);
  for (const std::string& text : texts) {
    if (Contains(text)) continue;
    if (text.size() > kPackedBytes) {
      std::size_t place = Hash64(text) & mask_;
      while (long_places_[place] != 0) place = (place + 1) & mask_;
      long_.push_back(text);
      long_places_[place] = static_cast<std::uint32_t>(long_.size());
      continue;
    }
    const std::uint64_t packed = PackText(text.data(), text.size());
    std::size_t place = PlaceOf(packed);
    while (short_[place].size != kNone) place = (place + 1) & mask_;
    short_[place] = {packed, static_cast<std::uint32_t>(text.size())};
  }
}

bool ConstantTexts::ContainsLong(std::string_view text) const {
  for (std::size_t place = Hash64(text) & mask_; long_places_[place] != 0;
       place = (place + 1) & mask_) {
    if (long_[long_places_[place] - 1] == text) return true;
  }
  return false;
}

}  // namespace holdfast::cel
