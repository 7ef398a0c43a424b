// Coding: numbers and texts as bytes, for what is kept on disk. Fixed numbers are written most
// significant byte first, so that keys made of them sort as the numbers do.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast {

inline void PutBig64(std::uint64_t number, std::string& out) {
  char bytes[8];
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(number >> (56 - 8 * i));
  out.append(bytes, sizeof bytes);
}

// Seven bits a byte, the least significant first.
inline void PutVarint(std::uint64_t number, std::string& out) {
  char bytes[10];
  std::size_t size = 0;
  for (; number >= 0x80; number >>= 7) bytes[size++] = static_cast<char>(number | 0x80);
  bytes[size++] = static_cast<char>(number);
  out.append(bytes, size);
}

// Small numbers of either sign in few bytes.
inline void PutSigned(std::int64_t number, std::string& out) {
  PutVarint(static_cast<std::uint64_t>(number) << 1 ^ static_cast<std::uint64_t>(number >> 63),
            out);
}

inline void PutDouble(double number, std::string& out) {
  PutBig64(std::bit_cast<std::uint64_t>(number), out);
}

// The size, then the bytes.
inline void PutText(std::string_view text, std::string& out) {
  PutVarint(text.size(), out);
  out += text;
}

// Reads what the functions above wrote. After a read beyond the end everything reads as nothing,
// and ok() is false.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t Byte() {
    if (rest_.empty()) return Broken();
    const auto byte = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }

  std::uint64_t Big64() {
    if (rest_.size() < 8) return Broken();
    std::uint64_t number = 0;
    for (int i = 0; i < 8; ++i) number = number << 8 | Byte();
    return number;
  }

  std::uint64_t Varint() {
    std::uint64_t number = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t byte = Byte();
      number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return number;
    }
    return Broken();
  }

  std::int64_t Signed() {
    const std::uint64_t number = Varint();
    return static_cast<std::int64_t>(number >> 1 ^ (~(number & 1) + 1));
  }

  double Double() { return std::bit_cast<double>(Big64()); }

  std::string_view Text() { return Bytes(Varint()); }

  std::string_view Bytes(std::uint64_t size) {
    if (size > rest_.size()) {
      Broken();
      return {};
    }
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }

  // All that is left.
  std::string_view Rest() { return Bytes(rest_.size()); }

  // A count of things that take at least one byte each.
  std::size_t Count() {
    const std::uint64_t count = Varint();
    return count > rest_.size() ? Broken() : count;
  }

  // What was read makes no sense: nothing more is read.
  void Fail() { Broken(); }

  bool ok() const { return ok_; }
  // Everything was read, and nothing was missing.
  bool Done() const { return ok_ && rest_.empty(); }

 private:
  std::uint8_t Broken() {
    ok_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace holdfast
