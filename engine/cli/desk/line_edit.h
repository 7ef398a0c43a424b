// LineEdit: a line of text that is being typed, with a cursor.
#pragma once

#include <string>
#include <string_view>

#include "engine/cli/ui/key.h"

namespace holdfast::cli {

class LineEdit {
 public:
  // True when the key belongs to editing. A text that would exceed limits::kLongTextBytes is left
  // as it is.
  bool Press(const Key& key);
  void Clear();

  const std::string& text() const { return text_; }
  // The part of the text before the cursor.
  std::string_view before() const { return std::string_view(text_).substr(0, cursor_); }

 private:
  void Insert(char32_t c);
  std::size_t Previous() const;
  std::size_t Next() const;

  std::string text_;        // UTF-8
  std::size_t cursor_ = 0;  // in bytes, before a code point or at the end
};

}  // namespace holdfast::cli
