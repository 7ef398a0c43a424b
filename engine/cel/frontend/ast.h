// The syntax tree of an expression: made by the parser, annotated by the checker.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "engine/cel/frontend/type.h"

namespace holdfast::cel {

// Bytes [begin, end) of the expression's text.
struct Range {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

enum class ExprKind : std::uint8_t {
  kLiteral,
  kIdent,
  kSelect,  // args[0].name
  kHas,     // has(args[0].name)
  kCall,    // name(args...), or args[0].name(args[1]...) when has_target
  kList,
  kMap,            // args: key, value, key, value, ...
  kComprehension,  // args: range, then the macro's own
  kBind,           // cel.bind(name, args[0], args[1])
};

// What a comprehension macro does; its arguments after the range and the variables.
enum class Macro : std::uint8_t {
  kAll,                // predicate
  kExists,             // predicate
  kExistsOne,          // predicate
  kMap,                // result, or predicate and result
  kFilter,             // predicate
  kTransformList,      // result, or predicate and result; two variables, like those below
  kTransformMap,       // value, or predicate and value
  kTransformMapEntry,  // map of the new entries, or predicate and that
  kOptMap,             // result; the range is an optional, gone through when it has a value
  kOptFlatMap,         // result, an optional itself
};

// "all", "exists_one", ...; of existsOne with two variables, that.
const char* NameOf(Macro macro, bool two_variables);

// What a name or a call means; set by the checker.
enum class Meaning : std::uint8_t {
  kNone,          // by its syntax alone (a select on a value, a literal)
  kSlot,          // a variable; `index` is its slot
  kOptionalSlot,  // a variable as an optional, none while it is missing: order.?ip
  kLocal,         // a comprehension's variable
  kTypeName,      // a type as a value; `literal` is the canonical name
  kFunction,      // a call of `function`
  kFault,         // unchecked expressions only: fails when it is evaluated, with the text `name`
};

struct Bytes {
  std::string bytes;
};
using Literal =
    std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Bytes>;

struct FunctionDecl;

struct Expr {
  ExprKind kind = ExprKind::kLiteral;
  Range range;
  Literal literal;            // monostate is null
  std::string name;           // of the identifier, field or function; the variable of a macro
  std::string second;         // the second variable of a macro, or empty
  bool has_target = false;    // kCall
  bool leading_dot = false;   // kIdent
  bool optional = false;      // kSelect: args[0].?name
  std::vector<bool> marks;    // kList, kMap: which elements or entries are optional; empty: none
  Macro macro = Macro::kAll;  // kComprehension
  std::vector<std::unique_ptr<Expr>> args;

  // By the checker:
  Type type;
  Meaning meaning = Meaning::kNone;
  int index = -1;
  const FunctionDecl* function = nullptr;

  // By the pack: the slot in which the value is computed once for all rules; -1: none.
  int shared = -1;

  // By the compiler: reads no variable, so it is computed once.
  bool constant = false;
};

// Internal functions: what math.greatest and math.least are parsed into (of one number, two
// numbers, or a list), and sum() by the type of its list, because an empty list has no number to
// show it.
namespace call {
inline constexpr const char* kGreatest = "math.@max";
inline constexpr const char* kLeast = "math.@min";
inline constexpr const char* kSum = "sum";
inline constexpr const char* kSumOfUints = "sum@uint";
inline constexpr const char* kSumOfDoubles = "sum@double";
}  // namespace call

using ExprPtr = std::unique_ptr<Expr>;

// Operators are calls of these names.
namespace op {
inline constexpr const char* kNot = "!_";
inline constexpr const char* kNegate = "-_";
inline constexpr const char* kAdd = "_+_";
inline constexpr const char* kSubtract = "_-_";
inline constexpr const char* kMultiply = "_*_";
inline constexpr const char* kDivide = "_/_";
inline constexpr const char* kModulo = "_%_";
inline constexpr const char* kEqual = "_==_";
inline constexpr const char* kNotEqual = "_!=_";
inline constexpr const char* kLess = "_<_";
inline constexpr const char* kLessEqual = "_<=_";
inline constexpr const char* kGreater = "_>_";
inline constexpr const char* kGreaterEqual = "_>=_";
inline constexpr const char* kIn = "@in";
inline constexpr const char* kAnd = "_&&_";
inline constexpr const char* kOr = "_||_";
inline constexpr const char* kConditional = "_?_:_";
inline constexpr const char* kIndex = "_[_]";
inline constexpr const char* kOptionalIndex = "_[?_]";
}  // namespace op

// The expression as text again, with only the parentheses it needs.
std::string Unparse(const Expr& expr);
// The same as one side of a comparison.
std::string UnparseOperand(const Expr& expr);

}  // namespace holdfast::cel
