// Parser: tokens to a syntax tree, macros expanded.
//
// Grammar (precedence low to high):
//   expr        = or ["?" or ":" expr]
//   or          = and {"||" and}
//   and         = relation {"&&" relation}
//   relation    = addition {("<" | "<=" | ">" | ">=" | "==" | "!=" | "in") addition}
//   addition    = multiplication {("+" | "-") multiplication}
//   multiplication = unary {("*" | "/" | "%") unary}
//   unary       = member | "!" {"!"} member | "-" {"-"} member
//   member      = primary {"." ["?"] name | "." name "(" args ")" | "[" ["?"] expr "]"}
//   primary     = ["."] name ["(" args ")"] | "(" expr ")" | list | map | ["-"] number | literal
#pragma once

#include <cstddef>
#include <string_view>

#include "engine/cel/frontend/ast.h"
#include "engine/cel/frontend/issue.h"

namespace holdfast::cel {

struct ParseLimits {
  std::size_t text_bytes = 100'000;
  int depth = 250;  // nested expressions; also fields and calls in a row
};

// The tree of `text`, or null with at least one issue (code syntax or limit).
ExprPtr Parse(std::string_view text, Issues& issues, const ParseLimits& limits = {});

}  // namespace holdfast::cel
