#include "engine/cli/desk/line_edit.h"

#include "engine/base/limits.h"
#include "engine/base/utf8.h"

namespace holdfast::cli {

bool LineEdit::Press(const Key& key) {
  switch (key.kind) {
    case Key::Kind::kText:
      Insert(key.text);
      return true;
    case Key::Kind::kBackspace: {
      const std::size_t from = Previous();
      text_.erase(from, cursor_ - from);
      cursor_ = from;
      return true;
    }
    case Key::Kind::kDelete:
      text_.erase(cursor_, Next() - cursor_);
      return true;
    case Key::Kind::kLeft:
      cursor_ = Previous();
      return true;
    case Key::Kind::kRight:
      cursor_ = Next();
      return true;
    case Key::Kind::kHome:
      cursor_ = 0;
      return true;
    case Key::Kind::kEnd:
      cursor_ = text_.size();
      return true;
    default:
      return false;
  }
}

void LineEdit::Clear() {
  text_.clear();
  cursor_ = 0;
}

void LineEdit::Insert(char32_t c) {
  constexpr char32_t kLast = 0x10FFFF, kSurrogates = 0xD800, kAfterSurrogates = 0xE000;
  if (c > kLast || (c >= kSurrogates && c < kAfterSurrogates)) return;
  std::string typed;
  AppendUtf8(typed, c);
  if (text_.size() + typed.size() > limits::kLongTextBytes) return;
  text_.insert(cursor_, typed);
  cursor_ += typed.size();
}

std::size_t LineEdit::Previous() const {
  std::size_t before = 0;
  for (std::size_t at = 0; at < cursor_;) {
    before = at;
    NextCodePoint(text_, at);
  }
  return before;
}

std::size_t LineEdit::Next() const {
  std::size_t at = cursor_;
  if (at < text_.size()) NextCodePoint(text_, at);
  return at;
}

}  // namespace holdfast::cli
