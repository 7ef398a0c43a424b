// What the fuzz targets of the expression language do with their bytes; the suite runs the same on
// a small corpus and on seeded noise. A finding aborts with a message.
#pragma once

#include <string_view>

namespace holdfast::fuzz {

// `text` as an expression: the lexer, parser, checker and compiler survive it, and what they accept
// means the same after Unparse.
void FuzzFront(std::string_view text);

// `bytes` choose an expression and the facts that it reads: the predicate, the machine and a plain
// walk of the tree agree on its value. False when there was nothing to compare: the types did not
// fit, or a limit was reached.
bool FuzzMachine(std::string_view bytes);

// `bytes` choose two conditions and facts that are all known: what logic says of the conditions is
// true of these facts.
void FuzzLogic(std::string_view bytes);

}  // namespace holdfast::fuzz
