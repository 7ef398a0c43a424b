// Hashes: fast ones for tables, SHA-256 for what must be provable.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast {

// XXH3, 64 bits. Stable across runs and machines; part of stored formats.
std::uint64_t Hash64(std::string_view bytes);

// SHA-256 over the concatenation of what Add received.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Add(std::string_view bytes);
  // 64 lower-case hexadecimal digits. Ends the use of this object.
  std::string Hex();

 private:
  void* context_;
};

// SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);

}  // namespace holdfast
