// Sketch: estimates how many different values were added. It takes one kilobyte for any number.
//
// HyperLogLog (Flajolet et al., 2007) with 1,024 registers: the standard error is 1.04 / sqrt(1024)
// = 3.25 %. Small numbers are estimated from the empty registers (linear counting), which is more
// precise. Values are 64-bit digests whose bits are evenly spread.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "engine/base/coding.h"

namespace holdfast {

class Sketch {
 public:
  void Add(std::uint64_t digest);
  // Adds all values that were added to `other`.
  void Merge(const Sketch& other);
  std::int64_t Estimate() const;

  void Encode(std::string& out) const;
  static Sketch Decode(ByteReader& in);

 private:
  static constexpr int kBits = 10;
  std::array<std::uint8_t, 1 << kBits> registers_{};
};

}  // namespace holdfast
