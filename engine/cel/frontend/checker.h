// Checker: sets the type and meaning of every node of a tree, and reports errors.
#pragma once

#include "engine/cel/frontend/ast.h"
#include "engine/cel/frontend/environment.h"
#include "engine/cel/frontend/issue.h"

namespace holdfast::cel {

enum class Checking : std::uint8_t {
  // Every name must be declared and every type must fit.
  kStrict,
  // What does not fit fails when it is evaluated, and only if it is. For the language's own tests;
  // Holdfast checks every rule strictly.
  kLenient,
};

// Annotates `expr`. Returns the type of the whole, dyn where there were issues.
Type Check(Expr& expr, const Environment& environment, Checking checking, Issues& issues);

// `name`'s nearest declared variable, for a help line; empty when none is near. `path` is the whole
// dotted name as written.
std::string_view NearestVariable(const Environment& environment, std::string_view path);

}  // namespace holdfast::cel
