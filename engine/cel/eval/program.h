// Program: a compiled expression: a flat run of steps over slots, constants and temporaries.
//
// Immutable once compiled; any number of threads may run it at once, each on a Machine of its own.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/arena.h"
#include "engine/cel/eval/constant_texts.h"
#include "engine/cel/eval/predicate.h"
#include "engine/cel/eval/value.h"
#include "engine/cel/frontend/environment.h"
#include "engine/cel/frontend/issue.h"

namespace re2 {
class RE2;
}

namespace holdfast::cel {

// The steps of the machine. Comparisons exist for each pair of a relation and a type that is known
// when the rule is compiled, alone, and fused with a jump when the result is false or true: most
// rules are a few comparisons joined by && and ||.
#define HOLDFAST_CEL_RELATIONS(X, ...) \
  X(Equal, ==, __VA_ARGS__)            \
  X(NotEqual, !=, __VA_ARGS__)         \
  X(Less, <, __VA_ARGS__)              \
  X(LessEqual, <=, __VA_ARGS__)        \
  X(Greater, >, __VA_ARGS__)           \
  X(GreaterEqual, >=, __VA_ARGS__)

enum class Op : std::uint16_t {
  kReturn,        // result = a
  kMove,          // dst = a
  kJump,          // go to jump
  kJumpFalse,     // if a is false go to jump
  kJumpTrue,      // if a is true go to jump
  kCondition,     // a true: skip one step; false: go to jump; else dst = a's fault, next step
  kAnd,           // dst = a && b
  kOr,            // dst = a || b
  kAndJumpFalse,  // dst = a && b; if that is false go to jump
  kOrJumpTrue,    // dst = a || b; if that is true go to jump
  kNot,
  kNegate,
#define HOLDFAST_CEL_COMPARE(Name, sign, ...)                                        \
  k##Name##Int, k##Name##Double, k##Name##Text, k##Name##Any, k##Name##IntJumpFalse, \
      k##Name##DoubleJumpFalse, k##Name##TextJumpFalse, k##Name##AnyJumpFalse,       \
      k##Name##IntJumpTrue, k##Name##DoubleJumpTrue, k##Name##TextJumpTrue, k##Name##AnyJumpTrue,
  HOLDFAST_CEL_RELATIONS(HOLDFAST_CEL_COMPARE)
#undef HOLDFAST_CEL_COMPARE
      kAddDouble,
  kSubtractDouble,
  kMultiplyDouble,
  kDivideDouble,
  kSubtractTime,  // timestamp - timestamp
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kSize,  // of a list or a map
  kIntToDouble,
  kSizeToDouble,    // double(size(a)) of a list or a map
  kIndex,           // dst = a[b]
  kSelect,          // dst = a.(text b), of a map
  kField,           // dst = field number `jump` of record a
  kOptionalSlot,    // dst = the optional of slot a, none when it is missing
  kOptionalSelect,  // dst = a.?(text b), of a map
  kOptionalField,   // dst = the optional of field number `jump` of record a
  kOptionalIndex,   // dst = a[?b]
  kOrElse,       // a has a value: dst = a, go to jump; none: next; else dst = its fault, go to jump
  kOrValueElse,  // the same with dst = its value
  kOpen,         // dst = the value of optional a; none: b = none, go to jump; else b = its fault
  kWrap,         // dst = optional with value a
  kHasSlot,      // dst = is slot a known
  kHasKey,       // dst = has a the key b
  kHasField,     // dst = is field number `jump` of record a known
  kIn,           // dst = a in b
  kInTexts,      // dst = a in constant text list number b
  kInTextsJumpFalse,  // the same; if that is false go to jump
  kMatches,           // dst = a matches constant pattern number `jump`
  kMakeList,          // dst = list of b temporaries from temporary a; marks `jump` - 1, 0: none
  kMakeMap,           // dst = map of b keys and values in turn from temporary a; likewise
  kIterate,      // start over range a with index dst; not a list or map: b = its fault, go to jump
  kNext,         // dst = next of range a at index b; none left: go to jump
  kNextPair,     // dst = index or key of next, temporary dst + 1 its value; likewise
  kBuild,        // dst = empty list with room for range a
  kAppend,       // append a to list dst; a absent: dst = a, go to jump
  kBuildMap,     // dst = empty map with room for range a
  kAppendEntry,  // append key a with value b to map dst; b absent: dst = b, go to jump
  kAppendEntries,  // append the entries of map a to map dst; a no map: dst = its fault, go to jump
  kAppendIf,       // append b to list dst if a is true; a no bool: dst = its fault, go to jump
  kRequire,        // a no bool: dst = its fault, go to jump
  kCount,          // dst + 1 if a is true; a no bool: dst = its fault, go to jump
  kIsOne,          // dst = (dst == 1), unless dst is absent
  kCall,           // dst = function number `jump` of b temporaries from temporary a
};

// Where an operand lies: the space in the two top bits, the number below.
using Operand = std::uint16_t;
inline constexpr Operand kTempSpace = 0 << 14;
inline constexpr Operand kSlotSpace = 1 << 14;
inline constexpr Operand kConstantSpace = 2 << 14;
inline constexpr Operand kNumberMask = (1 << 14) - 1;

struct Step {
  Op op;
  std::uint16_t dst = 0;  // a temporary's number
  Operand a = 0;
  Operand b = 0;
  std::int32_t jump = 0;  // a step's number, or what the op says
};

class Program {
 public:
  Program();
  ~Program();
  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;

  // Slots that a run may read, ascending.
  const std::vector<int>& slots() const { return slots_; }
  int temps() const { return temps_; }

 private:
  friend class Compiler;
  friend Program Compile(Expr&, Issues&, const SlotCost&);
  friend class Machine;
  std::vector<Step> steps_;
  std::vector<Value> constants_;
  Arena arena_;  // what constants refer to
  std::vector<Function> functions_;
  std::vector<std::unique_ptr<re2::RE2>> patterns_;
  std::vector<ConstantTexts> text_lists_;
  std::vector<std::unique_ptr<bool[]>> marks_;
  std::vector<int> slots_;
  int temps_ = 0;
  std::unique_ptr<const Predicate> predicate_;  // of conditions, or null
};

// Compiles a tree that Check has annotated. An issue of code "limit" when it is too large. `cost`
// weighs slots; without it, reading one costs as much as comparing two numbers.
Program Compile(Expr& expr, Issues& issues, const SlotCost& cost = {});

}  // namespace holdfast::cel
