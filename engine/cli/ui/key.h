// Key: one key that was typed at a full-screen program.
#pragma once

#include <cstdint>

namespace holdfast::cli {

struct Key {
  enum class Kind : std::uint8_t {
    kNone,  // no key was typed in the time of the wait
    kText,
    kEnter,
    kEscape,
    kBackspace,
    kDelete,
    kTab,
    kUp,
    kDown,
    kLeft,
    kRight,
    kPageUp,
    kPageDown,
    kHome,
    kEnd,
    kResize,  // the terminal has another size
    kGone,    // the terminal is closed
  };

  Kind kind = Kind::kNone;
  char32_t text = 0;  // of kText: the code point

  static Key Text(char32_t c) { return {Kind::kText, c}; }
};

}  // namespace holdfast::cli
