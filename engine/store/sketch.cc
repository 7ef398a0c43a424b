#include "engine/store/sketch.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace holdfast {

void Sketch::Add(std::uint64_t digest) {
  std::uint8_t& mine = registers_[digest >> (64 - kBits)];
  // The added last bit limits the rank when all other bits are zero.
  const int rank = std::countl_zero(digest << kBits | 1ULL << (kBits - 1)) + 1;
  mine = std::max(mine, static_cast<std::uint8_t>(rank));
}

void Sketch::Merge(const Sketch& other) {
  for (std::size_t i = 0; i < registers_.size(); ++i) {
    registers_[i] = std::max(registers_[i], other.registers_[i]);
  }
}

std::int64_t Sketch::Estimate() const {
  const double size = static_cast<double>(registers_.size());
  double sum = 0;
  std::size_t empty = 0;
  for (const std::uint8_t rank : registers_) {
    sum += std::ldexp(1.0, -rank);
    empty += rank == 0 ? 1 : 0;
  }
  const double raw = 0.7213 / (1 + 1.079 / size) * size * size / sum;
  if (raw <= 2.5 * size && empty > 0) {
    return std::llround(size * std::log(size / static_cast<double>(empty)));
  }
  return std::llround(raw);
}

// The registers that are not empty, each as the distance from the last one and its rank. A full
// sketch has two bytes per register.
void Sketch::Encode(std::string& out) const {
  PutVarint(static_cast<std::uint64_t>(
                std::count_if(registers_.begin(), registers_.end(), [](auto r) { return r != 0; })),
            out);
  std::size_t last = 0;
  for (std::size_t i = 0; i < registers_.size(); ++i) {
    if (registers_[i] == 0) continue;
    PutVarint(i - last, out);
    out += static_cast<char>(registers_[i]);
    last = i;
  }
}

Sketch Sketch::Decode(ByteReader& in) {
  Sketch sketch;
  std::size_t at = 0;
  for (std::size_t left = in.Count(); left > 0 && in.ok(); --left) {
    at += in.Varint();
    if (at >= sketch.registers_.size()) {
      in.Bytes(~0ULL);  // damaged
      break;
    }
    sketch.registers_[at] = in.Byte();
  }
  return sketch;
}

}  // namespace holdfast
