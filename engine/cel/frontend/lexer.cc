#include "engine/cel/frontend/lexer.h"

#include <algorithm>

#include "engine/base/utf8.h"

namespace holdfast::cel {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class Lexer {
 public:
  Lexer(std::string_view text, Issues& issues) : text_(text), issues_(issues) {}

  std::vector<Token> Run() {
    while (ok_) {
      SkipBlank();
      if (at_ >= text_.size()) break;
      Next();
    }
    tokens_.push_back({TokenKind::kEnd, {Here(), Here()}, {}});
    return std::move(tokens_);
  }

 private:
  std::uint32_t Here() const { return static_cast<std::uint32_t>(at_); }
  char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void Fault(std::size_t begin, std::string message, std::string help = {}) {
    if (!ok_) return;
    ok_ = false;
    const std::size_t end = begin < text_.size() ? std::max(at_, begin + 1) : begin;
    issues_.push_back({"syntax",
                       {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)},
                       std::move(message),
                       std::move(help)});
  }

  void Push(TokenKind kind, std::size_t begin, std::string value) {
    tokens_.push_back({kind, {static_cast<std::uint32_t>(begin), Here()}, std::move(value)});
  }

  void SkipBlank() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r') {
        ++at_;
      } else if (c == '/' && Peek(1) == '/') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else {
        return;
      }
    }
  }

  void Next() {
    const std::size_t begin = at_;
    const char c = Peek();
    if (StringAhead()) return ReadString();
    if (IsLetter(c)) {
      while (IsLetter(Peek()) || IsDigit(Peek())) ++at_;
      return Push(TokenKind::kIdent, begin, std::string(text_.substr(begin, at_ - begin)));
    }
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return ReadNumber();
    if (c == '`') return ReadQuotedIdent();
    constexpr std::string_view kPairs[] = {"==", "!=", "<=", ">=", "&&", "||"};
    for (const auto pair : kPairs) {
      if (text_.substr(at_, 2) == pair) {
        at_ += 2;
        return Push(TokenKind::kPunct, begin, std::string(pair));
      }
    }
    constexpr std::string_view kSingles = "()[]{}.,?:+-*/%!<>";
    if (kSingles.find(c) != std::string_view::npos) {
      ++at_;
      return Push(TokenKind::kPunct, begin, std::string(1, c));
    }
    std::size_t next = at_;
    NextCodePoint(text_, next);
    const std::string shown(text_.substr(at_, next - at_));
    at_ = next;
    std::string help;
    if (c == '=') help = "compare with '=='";
    if (c == '&') help = "write '&&' for and";
    if (c == '|') help = "write '||' for or";
    Fault(begin, "unexpected character '" + shown + "'", std::move(help));
  }

  void ReadNumber() {
    const std::size_t begin = at_;
    if (Peek() == '0' && Peek(1) == 'x' && HexValue(Peek(2)) >= 0) {
      at_ += 2;
      while (HexValue(Peek()) >= 0) ++at_;
      return FinishWhole(begin);
    }
    while (IsDigit(Peek())) ++at_;
    bool is_double = false;
    if (Peek() == '.' && IsDigit(Peek(1))) {
      is_double = true;
      ++at_;
      while (IsDigit(Peek())) ++at_;
    }
    if (Peek() == 'e' || Peek() == 'E') {
      const std::size_t sign = Peek(1) == '+' || Peek(1) == '-' ? 2 : 1;
      if (IsDigit(Peek(sign))) {
        is_double = true;
        at_ += sign;
        while (IsDigit(Peek())) ++at_;
      }
    }
    if (!is_double) return FinishWhole(begin);
    Push(TokenKind::kDouble, begin, std::string(text_.substr(begin, at_ - begin)));
    CheckNumberEnd(begin);
  }

  void FinishWhole(std::size_t begin) {
    const std::string digits(text_.substr(begin, at_ - begin));
    const bool is_uint = Peek() == 'u' || Peek() == 'U';
    if (is_uint) ++at_;
    Push(is_uint ? TokenKind::kUint : TokenKind::kInt, begin, digits);
    CheckNumberEnd(begin);
  }

  void CheckNumberEnd(std::size_t begin) {
    if (!IsLetter(Peek())) return;
    while (IsLetter(Peek()) || IsDigit(Peek())) ++at_;
    Fault(begin, "'" + std::string(text_.substr(begin, at_ - begin)) + "' is not a number");
  }

  void ReadQuotedIdent() {
    const std::size_t begin = at_++;
    while (IsLetter(Peek()) || IsDigit(Peek()) || Peek() == '.' || Peek() == '/' || Peek() == '-' ||
           Peek() == ' ') {
      ++at_;
    }
    if (Peek() != '`' || at_ == begin + 1) return Fault(begin, "quoted name is not closed by '`'");
    const std::string name(text_.substr(begin + 1, at_ - begin - 1));
    ++at_;
    Push(TokenKind::kQuotedIdent, begin, name);
  }

  // True at a quote, or at a prefix of r and b followed by a quote.
  bool StringAhead() const {
    std::size_t i = 0;
    bool raw = false, bytes = false;
    for (; i < 2; ++i) {
      const char c = Peek(i);
      if ((c == 'b' || c == 'B') && !bytes && !raw) {
        bytes = true;
      } else if ((c == 'r' || c == 'R') && !raw) {
        raw = true;
      } else {
        break;
      }
    }
    return Peek(i) == '"' || Peek(i) == '\'';
  }

  void ReadString() {
    const std::size_t begin = at_;
    bool raw = false, bytes = false;
    while (Peek() != '"' && Peek() != '\'') {
      (Peek() == 'r' || Peek() == 'R' ? raw : bytes) = true;
      ++at_;
    }
    const char quote = Peek();
    const bool triple = Peek(1) == quote && Peek(2) == quote;
    at_ += triple ? 3 : 1;
    std::string value;
    while (true) {
      if (at_ >= text_.size()) return Fault(begin, "text is not closed");
      const char c = Peek();
      if (c == quote && (!triple || (Peek(1) == quote && Peek(2) == quote))) {
        at_ += triple ? 3 : 1;
        return Push(bytes ? TokenKind::kBytes : TokenKind::kString, begin, std::move(value));
      }
      if (c == '\r' || c == '\n') {
        if (!triple) return Fault(begin, "text is not closed on its line");
        at_ += c == '\r' && Peek(1) == '\n' ? 2 : 1;
        value += '\n';
      } else if (c == '\\' && !raw) {
        if (!ReadEscape(bytes, value)) return;
      } else {
        value += c;
        ++at_;
      }
    }
  }

  bool ReadEscape(bool bytes, std::string& value) {
    const std::size_t begin = at_;
    const char c = Peek(1);
    constexpr std::string_view kLetters = "abfnrtv\\?\"'`";
    constexpr std::string_view kValues = "\a\b\f\n\r\t\v\\?\"'`";
    if (const auto found = kLetters.find(c); c != '\0' && found != std::string_view::npos) {
      value += kValues[found];
      at_ += 2;
      return true;
    }
    std::uint32_t code = 0;
    if (c >= '0' && c <= '3') {
      for (std::size_t i = 1; i <= 3; ++i) {
        if (Peek(i) < '0' || Peek(i) > '7') return BadEscape(begin, "needs three octal digits");
        code = code * 8 + static_cast<std::uint32_t>(Peek(i) - '0');
      }
      at_ += 4;
      if (bytes) {
        value += static_cast<char>(code);
      } else {
        AppendUtf8(value, code);
      }
      return true;
    }
    const std::size_t digits = c == 'x' || c == 'X' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits == 0) return BadEscape(begin, "is not known");
    if (bytes && digits > 2) return BadEscape(begin, "is not allowed in bytes");
    for (std::size_t i = 2; i < 2 + digits; ++i) {
      const int digit = HexValue(Peek(i));
      if (digit < 0) return BadEscape(begin, "needs " + std::to_string(digits) + " hex digits");
      code = code * 16 + static_cast<std::uint32_t>(digit);
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
      return BadEscape(begin, "is not a Unicode character");
    }
    at_ += 2 + digits;
    if (bytes) {
      value += static_cast<char>(code);
    } else {
      AppendUtf8(value, code);
    }
    return true;
  }

  bool BadEscape(std::size_t begin, std::string why) {
    at_ = std::min(begin + 2, text_.size());
    Fault(begin, "escape '" + std::string(text_.substr(begin, 2)) + "' " + std::move(why));
    return false;
  }

  std::string_view text_;
  Issues& issues_;
  std::size_t at_ = 0;
  bool ok_ = true;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> Tokenize(std::string_view text, Issues& issues) {
  return Lexer(text, issues).Run();
}

}  // namespace holdfast::cel
