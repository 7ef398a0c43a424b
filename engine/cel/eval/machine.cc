#include "engine/cel/eval/machine.h"

#include <re2/re2.h>

#include "engine/cel/eval/operations.h"

namespace holdfast::cel {
namespace {

// Copied as a whole: a bool written in parts and read as a whole soon after stalls the processor.
const Value kBools[2] = {Value::Bool(false), Value::Bool(true)};

// The total size in bytes of the texts among a call's arguments.
std::uint64_t SizeOfTexts(const Value* values, std::size_t count) {
  std::uint64_t bytes = 1;
  for (std::size_t i = 0; i < count; ++i) {
    if (values[i].Is(Kind::kString) || values[i].Is(Kind::kBytes)) bytes += values[i].size;
  }
  return bytes;
}

// The memory that a call's result uses.
std::uint64_t SizeOfResult(const Value& result) {
  if (result.Is(Kind::kString) || result.Is(Kind::kBytes)) return result.size;
  return result.Is(Kind::kList) ? std::uint64_t{result.size} * sizeof(Value) : 0;
}

}  // namespace

Value Machine::RunSteps(const Program& program, const Value* slots) {
  const ExclusiveUse::Scope use(use_);
  if (temps_.size() < static_cast<std::size_t>(program.temps_)) {
    temps_.resize(static_cast<std::size_t>(program.temps_));
  }
  Value* const temps = temps_.data();
  const Value* const spaces[3] = {temps, slots, program.constants_.data()};
  const Step* const first = program.steps_.data();
  const Step* step = first;
  std::uint32_t iterations_left = limits_.iterations;
  std::uint64_t bytes_left = limits_.bytes;

  const auto at = [&spaces](Operand operand) -> const Value& {
    return spaces[operand >> 14][operand & kNumberMask];
  };
  // Charges memory for the next result. False: the limit is used up.
  const auto spend = [&bytes_left](std::uint64_t bytes) {
    if (bytes > bytes_left) return false;
    bytes_left -= bytes;
    return true;
  };
  // Charges the bytes that a call or a search may read.
  std::uint64_t scans_left = limits_.scanned;
  const auto scan = [&scans_left](std::uint64_t work) {
    if (work > scans_left) return false;
    scans_left -= work;
    return true;
  };
  const auto too_much = [] { return Value::Error("the expression takes too much work"); };
  const auto too_large = [] { return Value::Error("the expression makes too much data"); };

  // dst = a && b, or a || b.
  const auto logic = [&](bool is_and) __attribute__((always_inline)) {
    const Value &a = at(step->a), &b = at(step->b);
    Value& dst = temps[step->dst];
    if (a.kind == Kind::kBool && b.kind == Kind::kBool) [[likely]] {
      dst = kBools[is_and ? a.boolean && b.boolean : a.boolean || b.boolean];
    } else {
      dst = is_and ? And(a, b, arena_) : Or(a, b, arena_);
    }
  };

#define HOLDFAST_CEL_FAST(fits_kind, fast, relation) \
  const bool fits = a.kind == b.kind && (fits_kind); \
  Value& dst = temps[step->dst];                     \
  if (fits) [[likely]] {                             \
    dst = kBools[fast];                              \
  } else {                                           \
    dst = Relate(Relation::relation, a, b, arena_);  \
  }

#define HOLDFAST_CEL_CASES(Name, sign, Suffix, after)                                              \
  case Op::k##Name##Int##Suffix: {                                                                 \
    const Value &a = at(step->a), &b = at(step->b);                                                \
    HOLDFAST_CEL_FAST((a.kind == Kind::kInt || a.kind == Kind::kDuration),                         \
                      a.integer sign b.integer, k##Name)                                           \
    after                                                                                          \
  }                                                                                                \
  case Op::k##Name##Double##Suffix: {                                                              \
    const Value &a = at(step->a), &b = at(step->b);                                                \
    HOLDFAST_CEL_FAST(a.kind == Kind::kDouble, a.number sign b.number, k##Name)                    \
    after                                                                                          \
  }                                                                                                \
  case Op::k##Name##Text##Suffix: {                                                                \
    const Value &a = at(step->a), &b = at(step->b);                                                \
    constexpr bool kIsEquality =                                                                   \
        Relation::k##Name == Relation::kEqual || Relation::k##Name == Relation::kNotEqual;         \
    HOLDFAST_CEL_FAST(a.kind == Kind::kString,                                                     \
                      (kIsEquality ? (SameText(a, b) ? 0 : 1) : CompareText(a, b))sign 0, k##Name) \
    after                                                                                          \
  }                                                                                                \
  case Op::k##Name##Any##Suffix: {                                                                 \
    const Value &a = at(step->a), &b = at(step->b);                                                \
    Value& dst = temps[step->dst];                                                                 \
    dst = Relate(Relation::k##Name, a, b, arena_);                                                 \
    after                                                                                          \
  }

#define HOLDFAST_CEL_NEXT \
  ++step;                 \
  break;
#define HOLDFAST_CEL_IF_FALSE                           \
  step = dst.IsFalse() ? first + step->jump : step + 1; \
  break;
#define HOLDFAST_CEL_IF_TRUE                           \
  step = dst.IsTrue() ? first + step->jump : step + 1; \
  break;
#define HOLDFAST_CEL_RELATION(Name, sign, ...)                     \
  HOLDFAST_CEL_CASES(Name, sign, , HOLDFAST_CEL_NEXT)              \
  HOLDFAST_CEL_CASES(Name, sign, JumpFalse, HOLDFAST_CEL_IF_FALSE) \
  HOLDFAST_CEL_CASES(Name, sign, JumpTrue, HOLDFAST_CEL_IF_TRUE)

#define HOLDFAST_CEL_DOUBLES(Name, sign, slow)                              \
  case Op::k##Name##Double: {                                               \
    const Value &a = at(step->a), &b = at(step->b);                         \
    Value& dst = temps[step->dst];                                          \
    if (a.kind == Kind::kDouble && b.kind == Kind::kDouble) [[likely]] {    \
      dst = Value::Double(a.number sign b.number);                          \
    } else {                                                                \
      dst = a.IsAbsent() || b.IsAbsent() ? JoinAbsent(a, b, arena_) : slow; \
    }                                                                       \
    ++step;                                                                 \
    break;                                                                  \
  }

// A step whose two operands must both be known.
#define HOLDFAST_CEL_STRICT(OpName, result)                                                \
  case Op::OpName: {                                                                       \
    const Value &a = at(step->a), &b = at(step->b);                                        \
    temps[step->dst] = a.IsAbsent() || b.IsAbsent() ? JoinAbsent(a, b, arena_) : (result); \
    ++step;                                                                                \
    break;                                                                                 \
  }

  while (true) {
    switch (step->op) {
      default:
        __builtin_unreachable();
      case Op::kReturn:
        return at(step->a);
      case Op::kMove:
        temps[step->dst] = at(step->a);
        ++step;
        break;
      case Op::kJump:
        step = first + step->jump;
        break;
      case Op::kJumpFalse:
        step = at(step->a).IsFalse() ? first + step->jump : step + 1;
        break;
      case Op::kJumpTrue:
        step = at(step->a).IsTrue() ? first + step->jump : step + 1;
        break;
      case Op::kCondition: {
        const Value& a = at(step->a);
        if (a.IsTrue()) {
          step += 2;
        } else if (a.IsFalse()) {
          step = first + step->jump;
        } else {
          temps[step->dst] = Fault(a);
          ++step;
        }
        break;
      }
      case Op::kAnd:
        logic(true);
        ++step;
        break;
      case Op::kOr:
        logic(false);
        ++step;
        break;
      case Op::kAndJumpFalse:
        logic(true);
        step = temps[step->dst].IsFalse() ? first + step->jump : step + 1;
        break;
      case Op::kOrJumpTrue:
        logic(false);
        step = temps[step->dst].IsTrue() ? first + step->jump : step + 1;
        break;
      case Op::kNot: {
        const Value& a = at(step->a);
        temps[step->dst] = a.Is(Kind::kBool) ? kBools[!a.boolean] : Fault(a);
        ++step;
        break;
      }
      case Op::kNegate: {
        const Value& a = at(step->a);
        temps[step->dst] = a.IsAbsent() ? a : Negate(a);
        ++step;
        break;
      }

        HOLDFAST_CEL_RELATIONS(HOLDFAST_CEL_RELATION)

        HOLDFAST_CEL_DOUBLES(Add, +, Add(a, b, arena_))
        HOLDFAST_CEL_DOUBLES(Subtract, -, Subtract(a, b))
        HOLDFAST_CEL_DOUBLES(Multiply, *, Multiply(a, b))
        HOLDFAST_CEL_DOUBLES(Divide, /, DivideOrModulo(a, b, false))

      case Op::kSubtractTime: {
        const Value &a = at(step->a), &b = at(step->b);
        Value& dst = temps[step->dst];
        std::int64_t seconds, nanos;
        if (a.kind == Kind::kTimestamp && b.kind == Kind::kTimestamp &&
            !__builtin_mul_overflow(a.integer - b.integer, kNanosPerSecond, &seconds) &&
            !__builtin_add_overflow(
                seconds, static_cast<std::int64_t>(a.size) - static_cast<std::int64_t>(b.size),
                &nanos)) [[likely]] {
          dst = Value::Duration(nanos);
        } else {
          dst = a.IsAbsent() || b.IsAbsent() ? JoinAbsent(a, b, arena_) : Subtract(a, b);
        }
        ++step;
        break;
      }
      case Op::kAdd: {
        const Value &a = at(step->a), &b = at(step->b);
        Value& dst = temps[step->dst];
        const bool makes = a.Is(Kind::kString) || a.Is(Kind::kBytes) || a.Is(Kind::kList);
        const std::uint64_t unit = a.Is(Kind::kList) ? sizeof(Value) : 1;
        if (a.IsAbsent() || b.IsAbsent()) {
          dst = JoinAbsent(a, b, arena_);
        } else if (makes && !spend((std::uint64_t{a.size} + b.size) * unit)) {
          dst = too_large();
        } else {
          dst = Add(a, b, arena_);
        }
        ++step;
        break;
      }
        HOLDFAST_CEL_STRICT(kSubtract, Subtract(a, b))
        HOLDFAST_CEL_STRICT(kMultiply, Multiply(a, b))
        HOLDFAST_CEL_STRICT(kDivide, DivideOrModulo(a, b, false))
        HOLDFAST_CEL_STRICT(kModulo, DivideOrModulo(a, b, true))
        HOLDFAST_CEL_STRICT(kIndex, Index(a, b, arena_))
        HOLDFAST_CEL_STRICT(kIn, scan(b.Is(Kind::kSet) ? 1 : b.size) ? In(a, b) : too_much())

      case Op::kSize: {
        const Value& a = at(step->a);
        temps[step->dst] = a.Is(Kind::kList) || a.Is(Kind::kMap) ? Value::Int(a.size) : Fault(a);
        ++step;
        break;
      }
      case Op::kIntToDouble: {
        const Value& a = at(step->a);
        temps[step->dst] = a.Is(Kind::kInt) ? Value::Double(static_cast<double>(a.integer))
                           : a.IsAbsent()   ? a
                                            : NoOverload();
        ++step;
        break;
      }
      case Op::kSelect: {
        const Value& a = at(step->a);
        temps[step->dst] = a.IsAbsent() ? a : Select(a, at(step->b), arena_);
        ++step;
        break;
      }
      case Op::kField: {
        const Value& a = at(step->a);
        const auto field = static_cast<std::size_t>(step->jump);
        temps[step->dst] = a.Is(Kind::kRecord) ? a.elements[field]
                           : a.IsAbsent()      ? a
                                               : Field(a, field, arena_);
        ++step;
        break;
      }
      case Op::kOptionalSlot:
        temps[step->dst] = OptionalOf(at(step->a), arena_);
        ++step;
        break;
      case Op::kOptionalSelect: {
        const Value& a = at(step->a);
        const bool fits = a.Is(Kind::kMap) || a.Is(Kind::kOptional);
        temps[step->dst] = fits ? OptionalIndex(a, at(step->b), arena_) : Fault(a);
        ++step;
        break;
      }
      case Op::kOptionalField: {
        const Value& a = at(step->a);
        temps[step->dst] =
            a.IsAbsent() ? a : OptionalField(a, static_cast<std::size_t>(step->jump), arena_);
        ++step;
        break;
      }
        HOLDFAST_CEL_STRICT(kOptionalIndex, OptionalIndex(a, b, arena_))
      case Op::kOrElse:
      case Op::kOrValueElse: {
        const Value& a = at(step->a);
        if (a.Is(Kind::kOptional) && a.size == 0) {
          ++step;
          break;
        }
        if (!a.Is(Kind::kOptional)) {
          temps[step->dst] = Fault(a);
        } else {
          temps[step->dst] = step->op == Op::kOrElse ? a : *a.elements;
        }
        step = first + step->jump;
        break;
      }
      case Op::kOpen: {
        const Value& a = at(step->a);
        if (a.Is(Kind::kOptional) && a.size == 1) {
          temps[step->dst] = *a.elements;
          ++step;
        } else {
          temps[step->b] = a.Is(Kind::kOptional) ? a : Fault(a);
          step = first + step->jump;
        }
        break;
      }
      case Op::kWrap: {
        const Value& a = at(step->a);
        temps[step->dst] =
            a.IsAbsent() ? a : Value::Optional(*new (arena_.AllocateArray<Value>(1)) Value(a));
        ++step;
        break;
      }
      case Op::kHasSlot:
        temps[step->dst] = Value::Bool(!at(step->a).IsAbsent());
        ++step;
        break;
      case Op::kHasKey: {
        const Value& a = at(step->a);
        temps[step->dst] = a.IsAbsent() ? a : HasKey(a, at(step->b), arena_);
        ++step;
        break;
      }
      case Op::kHasField: {
        const Value& a = at(step->a);
        temps[step->dst] = a.IsAbsent() ? a : HasField(a, static_cast<std::size_t>(step->jump));
        ++step;
        break;
      }
      case Op::kInTexts:
      case Op::kInTextsJumpFalse: {
        const Value& a = at(step->a);
        Value& dst = temps[step->dst];
        if (a.Is(Kind::kString)) [[likely]] {
          dst = kBools[program.text_lists_[step->b].Contains(a.AsText())];
        } else {
          dst = a.IsAbsent() ? a : Value::Bool(false);
        }
        step = step->op == Op::kInTextsJumpFalse && dst.IsFalse() ? first + step->jump : step + 1;
        break;
      }
      case Op::kSizeToDouble: {
        const Value& a = at(step->a);
        temps[step->dst] = a.Is(Kind::kList) || a.Is(Kind::kMap)
                               ? Value::Double(static_cast<double>(a.size))
                               : Fault(a);
        ++step;
        break;
      }
      case Op::kMatches: {
        const Value& a = at(step->a);
        Value& dst = temps[step->dst];
        if (a.Is(Kind::kString) && !scan(a.size)) {
          dst = too_much();
        } else if (a.Is(Kind::kString)) {
          const auto& pattern = *program.patterns_[static_cast<std::size_t>(step->jump)];
          dst = Value::Bool(RE2::PartialMatch(re2::StringPiece(a.text, a.size), pattern));
        } else {
          dst = Fault(a);
        }
        ++step;
        break;
      }
      case Op::kMakeList:
      case Op::kMakeMap: {
        const bool is_list = step->op == Op::kMakeList;
        const bool* marks = step->jump == 0
                                ? nullptr
                                : program.marks_[static_cast<std::size_t>(step->jump - 1)].get();
        if (!spend(step->b * (is_list ? sizeof(Value) : sizeof(MapEntry)))) {
          temps[step->dst] = too_large();
        } else {
          temps[step->dst] = is_list ? MakeList(temps + step->a, step->b, marks, arena_)
                                     : MakeMap(temps + step->a, step->b, marks, arena_);
        }
        ++step;
        break;
      }
      case Op::kIterate: {
        const Value& a = at(step->a);
        if (a.Is(Kind::kList) || a.Is(Kind::kMap)) {
          temps[step->dst] = Value::Int(0);
          ++step;
        } else {
          temps[step->b] = Fault(a);
          step = first + step->jump;
        }
        break;
      }
      case Op::kNext:
      case Op::kNextPair: {
        const Value& range = at(step->a);
        Value& index = temps[step->b];
        if (index.integer >= static_cast<std::int64_t>(range.size)) {
          step = first + step->jump;
          break;
        }
        if (iterations_left-- == 0) return Value::Error("too many iterations");
        const auto i = static_cast<std::size_t>(index.integer++);
        const bool is_list = range.Is(Kind::kList);
        if (step->op == Op::kNext) {
          temps[step->dst] = is_list ? range.elements[i] : range.entries[i].key;
        } else {
          temps[step->dst] =
              is_list ? Value::Int(static_cast<std::int64_t>(i)) : range.entries[i].key;
          temps[step->dst + 1] = is_list ? range.elements[i] : range.entries[i].value;
        }
        ++step;
        break;
      }
      case Op::kBuildMap: {
        const Value& range = at(step->a);
        if (!spend(std::uint64_t{range.size} * sizeof(MapEntry))) return too_large();
        temps[step->dst] = Value::Map(arena_.AllocateArray<MapEntry>(range.size), 0);
        ++step;
        break;
      }
      case Op::kAppendEntry: {
        const Value &key = at(step->a), &value = at(step->b);
        Value& dst = temps[step->dst];
        if (value.IsAbsent()) {
          dst = value;
          step = first + step->jump;
        } else {
          new (const_cast<MapEntry*>(dst.entries) + dst.size++) MapEntry{key, value};
          ++step;
        }
        break;
      }
      case Op::kAppendEntries: {
        const Value& a = at(step->a);
        Value& dst = temps[step->dst];
        if (!a.Is(Kind::kMap)) {
          dst = Fault(a);
        } else if (!spend((std::uint64_t{dst.size} + a.size) * sizeof(MapEntry))) {
          dst = too_large();
        } else {
          dst = JoinMaps(dst, a, arena_);
        }
        step = dst.IsAbsent() ? first + step->jump : step + 1;
        break;
      }
      case Op::kBuild: {
        const Value& range = at(step->a);
        if (!spend(std::uint64_t{range.size} * sizeof(Value))) return too_large();
        temps[step->dst] = Value::List(arena_.AllocateArray<Value>(range.size), 0);
        ++step;
        break;
      }
      case Op::kAppend: {
        const Value& a = at(step->a);
        Value& dst = temps[step->dst];
        if (a.IsAbsent()) {
          dst = a;
          step = first + step->jump;
        } else {
          // The list was made by kBuild for this loop alone, with room for every element.
          new (const_cast<Value*>(dst.elements) + dst.size++) Value(a);
          ++step;
        }
        break;
      }
      case Op::kAppendIf: {
        const Value& a = at(step->a);
        Value& dst = temps[step->dst];
        if (!a.Is(Kind::kBool)) {
          dst = Fault(a);
          step = first + step->jump;
          break;
        }
        if (a.boolean) new (const_cast<Value*>(dst.elements) + dst.size++) Value(at(step->b));
        ++step;
        break;
      }
      case Op::kRequire: {
        const Value& a = at(step->a);
        if (a.Is(Kind::kBool)) {
          ++step;
        } else {
          temps[step->dst] = Fault(a);
          step = first + step->jump;
        }
        break;
      }
      case Op::kCount: {
        const Value& a = at(step->a);
        Value& dst = temps[step->dst];
        if (a.Is(Kind::kBool)) {
          dst.integer += a.boolean ? 1 : 0;
          ++step;
        } else {
          dst = Fault(a);
          step = first + step->jump;
        }
        break;
      }
      case Op::kIsOne: {
        Value& dst = temps[step->dst];
        if (dst.Is(Kind::kInt)) dst = Value::Bool(dst.integer == 1);
        ++step;
        break;
      }
      case Op::kCall: {
        const Value* from = temps + step->a;
        Value& dst = temps[step->dst];
        Value absent;
        if (AnyAbsent(from, step->b, arena_, absent)) {
          dst = absent;
        } else if (!scan(SizeOfTexts(from, step->b))) {
          dst = too_much();
        } else {
          dst = program.functions_[static_cast<std::size_t>(step->jump)]({from, step->b}, arena_);
          if (!spend(SizeOfResult(dst))) dst = too_large();
        }
        ++step;
        break;
      }
    }
  }
#undef HOLDFAST_CEL_FAST
#undef HOLDFAST_CEL_CASES
#undef HOLDFAST_CEL_NEXT
#undef HOLDFAST_CEL_IF_FALSE
#undef HOLDFAST_CEL_IF_TRUE
#undef HOLDFAST_CEL_RELATION
#undef HOLDFAST_CEL_DOUBLES
#undef HOLDFAST_CEL_STRICT
}

}  // namespace holdfast::cel
