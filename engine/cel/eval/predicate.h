// Predicate: a condition as branching code for the usual case, in which everything it reads is
// known and of the type that it was checked for.
//
// It never guesses. Where a fact is missing, a value is of another kind or something fails, it
// leaves the condition open, and the machine decides; what it does answer, the machine would answer
// too. That lets it test cheap terms before costly ones and stop at the first that decides.
//
// Immutable once compiled; any number of threads may run it at once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/base/arena.h"
#include "engine/cel/eval/constant_texts.h"
#include "engine/cel/eval/value.h"
#include "engine/cel/frontend/ast.h"

namespace re2 {
class RE2;
}

namespace holdfast::cel {

class Machine;
class Program;

// What reading a slot costs, in comparisons of two numbers: how the host weighs its facts.
using SlotCost = std::function<int(int slot)>;

class Predicate {
 public:
  enum class Answer : std::uint8_t { kNo, kYes, kOpen };

  // Null when the condition has no part that is faster this way.
  static std::unique_ptr<const Predicate> Compile(const Expr& expr, const SlotCost& cost);

  ~Predicate();

  // What a run carries along.
  struct Frame {
    Machine& machine;  // runs the parts that have no code of their own
    // After kOpen: a slot that is Kind::kUnread and was needed, or -1 when there was another
    // reason.
    int unread = -1;
    const Value* fields;  // of the element that the loop is at, if one is running

    explicit Frame(Machine& machine_) : machine(machine_) {}  // NOLINT: fields is set by loops
  };

  Answer Run(const Value* slots, Frame& frame) const {
    return RunFrom<false>(entry_, slots, frame);
  }

 private:
  friend class PredicateCompiler;

  // Comparisons exist by relation, type, and what the slot is compared with.
#define HOLDFAST_CEL_ORDERS(X) \
  X(Less, <) X(LessEqual, <=) X(Greater, >) X(GreaterEqual, >=) X(Equal, ==)
#define HOLDFAST_CEL_ORDER_OPS(X, Name) \
  X(Double##Name##Constant, ) X(Double##Name##Slot, ) X(Int##Name##Constant, ) X(Int##Name##Slot, )
#define HOLDFAST_CEL_PREDICATE_OPS(X)                                            \
  X(Yes, )                                                                       \
  X(No, )                                                                        \
  HOLDFAST_CEL_ORDER_OPS(X, Less)                                                \
  HOLDFAST_CEL_ORDER_OPS(X, LessEqual)                                           \
  HOLDFAST_CEL_ORDER_OPS(X, Greater)                                             \
  HOLDFAST_CEL_ORDER_OPS(X, GreaterEqual)                                        \
  HOLDFAST_CEL_ORDER_OPS(X, Equal)                                               \
  X(TextShort, )       /* a == text of at most 8 bytes */                        \
  X(TextLong, )        /* a == longer text */                                    \
  X(TextSlot, )        /* a == b */                                              \
  X(Bool, )            /* a */                                                   \
  X(Has, )             /* is a known */                                          \
  X(InTexts, )         /* a in constant list */                                  \
  X(InSet, )           /* a in set b */                                          \
  X(StartsWithShort, ) /* a.startsWith(text of at most 8 bytes) */               \
  X(EndsWithShort, )                                                             \
  X(StartsWith, )                                                                \
  X(EndsWith, )                                                                  \
  X(Contains, )                                                                  \
  X(Matches, ) /* a.matches(constant pattern) */                                 \
  X(Age, )     /* timestamp a - timestamp b, in a range */                       \
  X(Size, )    /* size of list or map a, in a range */                           \
  X(Add, )     /* double a + double b, in a range */                             \
  X(Subtract, )                                                                  \
  X(Multiply, )                                                                  \
  X(Divide, )                                                                    \
  X(PerPiece, )  /* double a / size of list or map b, in a range */              \
  X(AnyText, )   /* has an element of list a a field that equals a short text */ \
  X(CountText, ) /* is the count of those in a range */                          \
  X(AnyInt, )                                                                    \
  X(CountInt, )                                                                  \
  X(AnyDouble, )                                                                 \
  X(CountDouble, )                                                               \
  X(AnyBool, )                                                                   \
  X(CountBool, )                                                                 \
  X(Loop, ) /* the same with any condition on elements */                        \
  X(Term, ) /* what has no code of its own: runs a program */
  enum class Op : std::uint8_t {
#define HOLDFAST_CEL_OP(Name, none) k##Name,
    HOLDFAST_CEL_PREDICATE_OPS(HOLDFAST_CEL_OP)
#undef HOLDFAST_CEL_OP
  };

  struct Step;
  struct FieldLoop;

  Predicate();
  template <bool kInLoop>
  static Answer RunFrom(const Step* step, const Value* slots, Frame& frame);
  template <bool kInLoop>
  static Answer RunHeavy(const Step* step, const Value* slots, Frame& frame);
  template <Op kOp>
  static Answer RunElements(const Step* step, const Value* slots, Frame& frame);
  template <Op kOp>
  static bool Fulfils(const Value& field, const FieldLoop& loop);
  static Answer RunLoop(const Step* step, const Value* slots, Frame& frame);
  // kOpen because of an operand of `step`.
  static Answer OpenAt(const Step* step, const Value* slots, Frame& frame);

  std::vector<Step> steps_;
  const Step* entry_ = nullptr;
  // What steps point to.
  Arena arena_;
  std::vector<std::unique_ptr<ConstantTexts>> lists_;
  std::vector<std::unique_ptr<re2::RE2>> patterns_;
  std::vector<std::unique_ptr<FieldLoop>> loops_;
  std::vector<std::unique_ptr<Program>> terms_;
};

}  // namespace holdfast::cel
