// Lexer: the text of an expression as tokens, literals decoded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/frontend/ast.h"
#include "engine/cel/frontend/issue.h"

namespace holdfast::cel {

enum class TokenKind : std::uint8_t {
  kEnd,
  kIdent,        // text
  kQuotedIdent,  // `a-b`, only after a dot
  kInt,          // text: the digits, sign not included, base prefix included
  kUint,
  kDouble,
  kString,  // text: the decoded value
  kBytes,
  kPunct,  // text: the operator or bracket
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Range range;
  std::string text;
  bool Is(std::string_view punct) const { return kind == TokenKind::kPunct && text == punct; }
};

// The tokens of `text`, the last one kEnd. On a fault, one issue and the tokens before it.
std::vector<Token> Tokenize(std::string_view text, Issues& issues);

}  // namespace holdfast::cel
