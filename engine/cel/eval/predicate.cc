#include "engine/cel/eval/predicate.h"

#include <re2/re2.h>

#include "engine/cel/eval/machine.h"
#include "engine/cel/eval/operations.h"
#include "engine/cel/eval/predicate_step.h"

namespace holdfast::cel {
namespace {

inline bool EqualsShort(const Value& v, std::uint64_t packed, std::uint32_t size) {
  return v.size == size && PackText(v.text, size) == packed;
}

}  // namespace

Predicate::Predicate() = default;
Predicate::~Predicate() = default;

// An operand of a step. Outside loops all operands are slots.
#define HOLDFAST_CEL_OPERAND(name) \
  ((kInLoop && step->name##_base == kFields ? frame.fields : slots)[step->name])

// Continues at the step that the condition selects. Each branch has its own jump, so that the
// processor predicts them separately. The empty assembly keeps the compiler from merging them.
#define HOLDFAST_CEL_GO(to)                          \
  {                                                  \
    step = step->to;                                 \
    asm("" : "+r"(step));                            \
    goto* kCode[static_cast<std::size_t>(step->op)]; \
  }
#define HOLDFAST_CEL_BRANCH(condition) \
  if (condition) HOLDFAST_CEL_GO(yes) else HOLDFAST_CEL_GO(no)

#define HOLDFAST_CEL_EXPECT(fits) \
  if (!(fits)) [[unlikely]]       \
    goto open;

// The fast steps. They call no functions that return, so no registers are saved on entry. Slow
// steps are jumped to and jump back here.
template <bool kInLoop>
Predicate::Answer Predicate::RunFrom(const Step* step, const Value* slots, Frame& frame) {
#define HOLDFAST_CEL_LABEL(Name, none) &&L##Name,
  static const void* const kCode[] = {HOLDFAST_CEL_PREDICATE_OPS(HOLDFAST_CEL_LABEL)};
#undef HOLDFAST_CEL_LABEL
  goto* kCode[static_cast<std::size_t>(step->op)];

LYes:
  return Answer::kYes;
LNo:
  return Answer::kNo;

#define HOLDFAST_CEL_ORDER(Name, sign)                                                           \
  LDouble##Name##Constant : {                                                                    \
    const Value& a = HOLDFAST_CEL_OPERAND(a);                                                    \
    HOLDFAST_CEL_EXPECT(a.kind == Kind::kDouble)                                                 \
    HOLDFAST_CEL_BRANCH(a.number sign step->number)                                              \
  }                                                                                              \
  LDouble##Name##Slot : {                                                                        \
    const Value &a = HOLDFAST_CEL_OPERAND(a), &b = HOLDFAST_CEL_OPERAND(b);                      \
    HOLDFAST_CEL_EXPECT(a.kind == Kind::kDouble && b.kind == Kind::kDouble)                      \
    HOLDFAST_CEL_BRANCH(a.number sign b.number)                                                  \
  }                                                                                              \
  LInt##Name##Constant : {                                                                       \
    const Value& a = HOLDFAST_CEL_OPERAND(a);                                                    \
    HOLDFAST_CEL_EXPECT(a.kind == Kind::kInt || a.kind == Kind::kDuration)                       \
    HOLDFAST_CEL_BRANCH(a.integer sign step->integer)                                            \
  }                                                                                              \
  LInt##Name##Slot : {                                                                           \
    const Value &a = HOLDFAST_CEL_OPERAND(a), &b = HOLDFAST_CEL_OPERAND(b);                      \
    HOLDFAST_CEL_EXPECT(a.kind == b.kind && (a.kind == Kind::kInt || a.kind == Kind::kDuration)) \
    HOLDFAST_CEL_BRANCH(a.integer sign b.integer)                                                \
  }
  HOLDFAST_CEL_ORDERS(HOLDFAST_CEL_ORDER)
#undef HOLDFAST_CEL_ORDER

LTextShort : {
  const Value& a = HOLDFAST_CEL_OPERAND(a);
  HOLDFAST_CEL_EXPECT(a.kind == Kind::kString)
  HOLDFAST_CEL_BRANCH(EqualsShort(a, step->packed, step->size))
}
LTextSlot : {
  const Value &a = HOLDFAST_CEL_OPERAND(a), &b = HOLDFAST_CEL_OPERAND(b);
  HOLDFAST_CEL_EXPECT(a.kind == Kind::kString && b.kind == Kind::kString)
  if (a.size > kShortText) goto heavy;
  HOLDFAST_CEL_BRANCH(SameText(a, b))
}
LBool : {
  const Value& a = HOLDFAST_CEL_OPERAND(a);
  HOLDFAST_CEL_EXPECT(a.kind == Kind::kBool)
  HOLDFAST_CEL_BRANCH(a.boolean)
}
LHas : {
  const Value& a = HOLDFAST_CEL_OPERAND(a);
  HOLDFAST_CEL_EXPECT(a.kind != Kind::kUnread)
  HOLDFAST_CEL_BRANCH(!a.IsAbsent())
}
LInTexts : {
  const Value& a = HOLDFAST_CEL_OPERAND(a);
  HOLDFAST_CEL_EXPECT(a.kind == Kind::kString)
  if (a.size > kPackedBytes) goto heavy;
  HOLDFAST_CEL_BRANCH(step->list->ContainsShort(a.text, a.size))
}
LStartsWithShort : {
  const Value& a = HOLDFAST_CEL_OPERAND(a);
  HOLDFAST_CEL_EXPECT(a.kind == Kind::kString)
  HOLDFAST_CEL_BRANCH(a.size >= step->size && PackText(a.text, step->size) == step->packed)
}
LEndsWithShort : {
  const Value& a = HOLDFAST_CEL_OPERAND(a);
  HOLDFAST_CEL_EXPECT(a.kind == Kind::kString)
  HOLDFAST_CEL_BRANCH(a.size >= step->size &&
                      PackText(a.text + a.size - step->size, step->size) == step->packed)
}
LAge : {
  const Value &a = HOLDFAST_CEL_OPERAND(a), &b = HOLDFAST_CEL_OPERAND(b);
  HOLDFAST_CEL_EXPECT(a.kind == Kind::kTimestamp && b.kind == Kind::kTimestamp)
  std::int64_t nanos = 0;
  HOLDFAST_CEL_EXPECT(!__builtin_mul_overflow(a.integer - b.integer, kNanosPerSecond, &nanos))
  HOLDFAST_CEL_EXPECT(!__builtin_add_overflow(
      nanos, static_cast<std::int64_t>(a.size) - static_cast<std::int64_t>(b.size), &nanos))
  HOLDFAST_CEL_BRANCH(step->range.Holds(nanos))
}
LSize : {
  const Value& a = HOLDFAST_CEL_OPERAND(a);
  HOLDFAST_CEL_EXPECT(a.kind == Kind::kList || a.kind == Kind::kMap)
  HOLDFAST_CEL_BRANCH(step->range.Holds(a.size))
}
LAdd : {
  const Value &a = HOLDFAST_CEL_OPERAND(a), &b = HOLDFAST_CEL_OPERAND(b);
  HOLDFAST_CEL_EXPECT(a.kind == Kind::kDouble && b.kind == Kind::kDouble)
  HOLDFAST_CEL_BRANCH(step->numbers.Holds(a.number + b.number))
}
LSubtract : {
  const Value &a = HOLDFAST_CEL_OPERAND(a), &b = HOLDFAST_CEL_OPERAND(b);
  HOLDFAST_CEL_EXPECT(a.kind == Kind::kDouble && b.kind == Kind::kDouble)
  HOLDFAST_CEL_BRANCH(step->numbers.Holds(a.number - b.number))
}
LMultiply : {
  const Value &a = HOLDFAST_CEL_OPERAND(a), &b = HOLDFAST_CEL_OPERAND(b);
  HOLDFAST_CEL_EXPECT(a.kind == Kind::kDouble && b.kind == Kind::kDouble)
  HOLDFAST_CEL_BRANCH(step->numbers.Holds(a.number * b.number))
}
LDivide : {
  const Value &a = HOLDFAST_CEL_OPERAND(a), &b = HOLDFAST_CEL_OPERAND(b);
  HOLDFAST_CEL_EXPECT(a.kind == Kind::kDouble && b.kind == Kind::kDouble)
  HOLDFAST_CEL_BRANCH(step->numbers.Holds(a.number / b.number))
}
LPerPiece : {
  const Value &a = HOLDFAST_CEL_OPERAND(a), &b = HOLDFAST_CEL_OPERAND(b);
  HOLDFAST_CEL_EXPECT(a.kind == Kind::kDouble && (b.kind == Kind::kList || b.kind == Kind::kMap))
  HOLDFAST_CEL_BRANCH(step->numbers.Holds(a.number / static_cast<double>(b.size)))
}

LAnyText:
  return RunElements<Op::kAnyText>(step, slots, frame);
LCountText:
  return RunElements<Op::kCountText>(step, slots, frame);
LAnyInt:
  return RunElements<Op::kAnyInt>(step, slots, frame);
LCountInt:
  return RunElements<Op::kCountInt>(step, slots, frame);
LAnyDouble:
  return RunElements<Op::kAnyDouble>(step, slots, frame);
LCountDouble:
  return RunElements<Op::kCountDouble>(step, slots, frame);
LAnyBool:
  return RunElements<Op::kAnyBool>(step, slots, frame);
LCountBool:
  return RunElements<Op::kCountBool>(step, slots, frame);

LTextLong:
LInSet:
LStartsWith:
LEndsWith:
LContains:
LMatches:
LLoop:
LTerm:
heavy:
  return RunHeavy<kInLoop>(step, slots, frame);

open:
  return OpenAt(step, slots, frame);
}

Predicate::Answer Predicate::OpenAt(const Step* step, const Value* slots, Frame& frame) {
  // An operand has an unexpected type.
  for (const auto& [base, number] : {std::pair{step->a_base, step->a}, {step->b_base, step->b}}) {
    if (base != kSlots || slots[number].kind != Kind::kUnread) continue;
    frame.unread = static_cast<int>(number);
    break;
  }
  return Answer::kOpen;
}

// True when field `v` of an element satisfies the loop's condition.
template <Predicate::Op kOp>
bool Predicate::Fulfils(const Value& v, const FieldLoop& loop) {
  switch (kOp) {
    case Op::kAnyText:
    case Op::kCountText:
      return EqualsShort(v, loop.packed, loop.size);
    case Op::kAnyInt:
    case Op::kCountInt:
      return loop.range.Holds(v.integer);
    case Op::kAnyDouble:
    case Op::kCountDouble:
      return loop.numbers.Holds(v.number);
    default:
      return v.boolean;
  }
}

template <Predicate::Op kOp>
Predicate::Answer Predicate::RunElements(const Step* step, const Value* slots, Frame& frame) {
  constexpr bool kAny =
      kOp == Op::kAnyText || kOp == Op::kAnyInt || kOp == Op::kAnyDouble || kOp == Op::kAnyBool;
  constexpr Kind kWanted = kOp == Op::kAnyText || kOp == Op::kCountText       ? Kind::kString
                           : kOp == Op::kAnyInt || kOp == Op::kCountInt       ? Kind::kInt
                           : kOp == Op::kAnyDouble || kOp == Op::kCountDouble ? Kind::kDouble
                                                                              : Kind::kBool;
  const Value& list = slots[step->a];
  const FieldLoop& loop = *step->loop;
  bool yes = false;
  if (list.kind != Kind::kList) [[unlikely]]
    return OpenAt(step, slots, frame);
  std::int64_t count = 0;
  for (const Value *e = list.elements, *end = e + list.size; e != end; ++e) {
    // Loops are made only over lists whose elements are records of one type.
    if (e->kind != Kind::kRecord) [[unlikely]]
      return Answer::kOpen;
    const Value& v = e->elements[loop.field];
    if (v.kind != kWanted) [[unlikely]]
      return Answer::kOpen;
    const bool counts = Fulfils<kOp>(v, loop) != loop.negate;
    if (kAny && counts) {
      yes = true;
      break;
    }
    count += counts ? 1 : 0;
  }
  if (!kAny) yes = loop.counts.Holds(count);
  const Step* next = yes ? step->yes : step->no;
  if (next->op <= Op::kNo) return next->op == Op::kYes ? Answer::kYes : Answer::kNo;
  return RunFrom<false>(next, slots, frame);
}

template <bool kInLoop>
Predicate::Answer Predicate::RunHeavy(const Step* step, const Value* slots, Frame& frame) {
  const Value& a = HOLDFAST_CEL_OPERAND(a);
  bool yes = false;
  switch (step->op) {
    case Op::kTextSlot: {
      const Value& b = HOLDFAST_CEL_OPERAND(b);
      yes = SameText(a, b);
      break;
    }
    case Op::kInSet: {
      const Value& b = HOLDFAST_CEL_OPERAND(b);
      if (a.kind != Kind::kString || b.kind != Kind::kSet) return OpenAt(step, slots, frame);
      yes = b.set->Contains(a.AsText());
      break;
    }
    case Op::kLoop: {
      const Answer answer = RunLoop(step, slots, frame);
      if (answer == Answer::kOpen) return answer;
      yes = answer == Answer::kYes;
      break;
    }
    case Op::kTerm: {
      for (const int slot : step->program->slots()) {
        if (slots[slot].kind != Kind::kUnread) continue;
        frame.unread = slot;
        return Answer::kOpen;
      }
      const Value value = frame.machine.RunSteps(*step->program, slots);
      if (!value.Is(Kind::kBool)) return Answer::kOpen;
      yes = value.boolean;
      break;
    }
    default: {
      if (a.kind != Kind::kString) return OpenAt(step, slots, frame);
      const std::string_view text = a.AsText();
      const std::string_view wanted(step->text, step->size);
      yes = step->op == Op::kInTexts      ? step->list->Contains(text)
            : step->op == Op::kTextLong   ? text == wanted
            : step->op == Op::kStartsWith ? text.starts_with(wanted)
            : step->op == Op::kEndsWith   ? text.ends_with(wanted)
            : step->op == Op::kContains
                ? text.find(wanted) != std::string_view::npos
                : step->pattern->Match(re2::StringPiece(a.text, a.size), 0, a.size,
                                       re2::RE2::UNANCHORED, nullptr, 0);
    }
  }
  return RunFrom<kInLoop>(yes ? step->yes : step->no, slots, frame);
}

Predicate::Answer Predicate::RunLoop(const Step* step, const Value* slots, Frame& frame) {
  const Value& list = slots[step->a];
  if (list.kind != Kind::kList) return OpenAt(step, slots, frame);
  const FieldLoop& loop = *step->loop;
  std::int64_t count = 0;
  for (const Value& element : list.AsList()) {
    if (element.kind != Kind::kRecord) return Answer::kOpen;
    frame.fields = element.elements;
    const Answer answer = RunFrom<true>(loop.body, slots, frame);
    if (answer == Answer::kOpen) return answer;
    if ((answer == Answer::kYes) == loop.negate) continue;
    ++count;
    if (!loop.counted) break;
  }
  const bool yes = loop.counted ? loop.counts.Holds(count) : count > 0;
  return yes ? Answer::kYes : Answer::kNo;
}

#undef HOLDFAST_CEL_OPERAND
#undef HOLDFAST_CEL_BRANCH
#undef HOLDFAST_CEL_GO
#undef HOLDFAST_CEL_EXPECT

template Predicate::Answer Predicate::RunFrom<false>(const Step*, const Value*, Frame&);

}  // namespace holdfast::cel
