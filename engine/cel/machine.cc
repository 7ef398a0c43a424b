#include "engine/cel/machine.h"

#include <re2/re2.h>

#include <cmath>
#include <limits>

namespace holdfast::cel {
namespace {

// Same bytes? Short texts (countries, states, words) are compared without a call.
inline bool SameText(const Value& a, const Value& b) {
  if (a.size != b.size) return false;
  const char* p = a.text;
  const char* q = b.text;
  const std::uint32_t size = a.size;
  if (size > 16) return std::memcmp(p, q, size) == 0;
  if (size >= 8) {
    std::uint64_t head[2], tail[2];
    std::memcpy(&head[0], p, 8);
    std::memcpy(&head[1], q, 8);
    std::memcpy(&tail[0], p + size - 8, 8);
    std::memcpy(&tail[1], q + size - 8, 8);
    return head[0] == head[1] && tail[0] == tail[1];
  }
  if (size >= 4) {
    std::uint32_t head[2], tail[2];
    std::memcpy(&head[0], p, 4);
    std::memcpy(&head[1], q, 4);
    std::memcpy(&tail[0], p + size - 4, 4);
    std::memcpy(&tail[1], q + size - 4, 4);
    return head[0] == head[1] && tail[0] == tail[1];
  }
  for (std::uint32_t i = 0; i < size; ++i) {
    if (p[i] != q[i]) return false;
  }
  return true;
}

inline int CompareText(const Value& a, const Value& b) {
  const std::uint32_t shared = a.size < b.size ? a.size : b.size;
  const int order = shared == 0 ? 0 : std::memcmp(a.text, b.text, shared);
  if (order != 0) return order;
  return a.size < b.size ? -1 : (b.size < a.size ? 1 : 0);
}

// Copied whole: a truth written in parts and read whole soon after would stall the processor.
const Value kBools[2] = {Value::Bool(false), Value::Bool(true)};

// What a step that needs a bool gives when it met something else.
Value Fault(const Value& value) { return value.IsAbsent() ? value : NoOverload(); }

// Of two terms that do not decide && or ||, at least one of them unknown: the facts that were
// missing, with a mark when the other term failed.
Value Undecided(const Value& a, const Value& b, Arena& arena) {
  static constexpr std::uint32_t kFailure[] = {kFailureFact};
  const auto facts_of = [](const Value& v) {
    return v.Is(Kind::kUnknown) || v.Is(Kind::kBool) ? v : Value::Unknown(kFailure, 1);
  };
  return JoinAbsent(facts_of(a), facts_of(b), arena);
}

Value And(const Value& a, const Value& b, Arena& arena) {
  if (a.IsFalse() || b.IsFalse()) return Value::Bool(false);
  if (a.IsTrue() && b.IsTrue()) return Value::Bool(true);
  // An unknown wins over an error here: the missing fact might still decide the matter.
  if (a.Is(Kind::kUnknown) || b.Is(Kind::kUnknown)) return Undecided(a, b, arena);
  return a.IsTrue() ? Fault(b) : Fault(a);
}

Value Or(const Value& a, const Value& b, Arena& arena) {
  if (a.IsTrue() || b.IsTrue()) return Value::Bool(true);
  if (a.IsFalse() && b.IsFalse()) return Value::Bool(false);
  if (a.Is(Kind::kUnknown) || b.Is(Kind::kUnknown)) return Undecided(a, b, arena);
  return a.IsFalse() ? Fault(b) : Fault(a);
}

enum class Relation : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual
};

// Any two values, by what they are.
Value Relate(Relation relation, const Value& a, const Value& b, Arena& arena) {
  if (a.IsAbsent() || b.IsAbsent()) return JoinAbsent(a, b, arena);
  if (relation == Relation::kEqual) return Value::Bool(Equal(a, b));
  if (relation == Relation::kNotEqual) return Value::Bool(!Equal(a, b));
  const int order = Order(a, b);
  if (order == 3) return NoOverload();
  if (order == 2) return Value::Bool(false);
  switch (relation) {
    case Relation::kLess:
      return Value::Bool(order < 0);
    case Relation::kLessEqual:
      return Value::Bool(order <= 0);
    case Relation::kGreater:
      return Value::Bool(order > 0);
    default:
      return Value::Bool(order >= 0);
  }
}

Value Overflow() { return Value::Error("integer overflow"); }
Value TimeRange() { return Value::Error("time out of range"); }

bool ShiftTime(const Value& time, std::int64_t nanos, bool add, Value& out) {
  // Nanoseconds of the sum stay within an int128 by far.
  const __int128 total = static_cast<__int128>(time.integer) * kNanosPerSecond + time.size +
                         (add ? static_cast<__int128>(nanos) : -static_cast<__int128>(nanos));
  __int128 seconds = total / kNanosPerSecond;
  __int128 rest = total % kNanosPerSecond;
  if (rest < 0) {
    rest += kNanosPerSecond;
    --seconds;
  }
  if (seconds < kWideTimeMinSeconds || seconds > kWideTimeMaxSeconds) return false;
  out = Value::Timestamp({static_cast<std::int64_t>(seconds), static_cast<std::uint32_t>(rest)});
  return true;
}

Value TimeDifference(const Value& a, const Value& b) {
  const __int128 nanos =
      (static_cast<__int128>(a.integer) - b.integer) * kNanosPerSecond + a.size - b.size;
  if (nanos > std::numeric_limits<std::int64_t>::max() ||
      nanos < std::numeric_limits<std::int64_t>::min()) {
    return Value::Error("duration out of range");
  }
  return Value::Duration(static_cast<std::int64_t>(nanos));
}

Value Add(const Value& a, const Value& b, Arena& arena) {
  if (a.kind != b.kind) {
    Value sum;
    if (a.Is(Kind::kTimestamp) && b.Is(Kind::kDuration)) {
      return ShiftTime(a, b.integer, true, sum) ? sum : TimeRange();
    }
    if (a.Is(Kind::kDuration) && b.Is(Kind::kTimestamp)) {
      return ShiftTime(b, a.integer, true, sum) ? sum : TimeRange();
    }
    return NoOverload();
  }
  switch (a.kind) {
    case Kind::kInt: {
      std::int64_t sum;
      return __builtin_add_overflow(a.integer, b.integer, &sum) ? Overflow() : Value::Int(sum);
    }
    case Kind::kUint: {
      std::uint64_t sum;
      return __builtin_add_overflow(a.uinteger, b.uinteger, &sum) ? Overflow() : Value::Uint(sum);
    }
    case Kind::kDouble:
      return Value::Double(a.number + b.number);
    case Kind::kDuration: {
      std::int64_t sum;
      return __builtin_add_overflow(a.integer, b.integer, &sum)
                 ? Value::Error("duration out of range")
                 : Value::Duration(sum);
    }
    case Kind::kString:
    case Kind::kBytes: {
      const std::size_t size = std::size_t{a.size} + b.size;
      if (size > std::numeric_limits<std::uint32_t>::max()) return Value::Error("text too long");
      char* bytes = static_cast<char*>(arena.Allocate(size));
      if (a.size > 0) std::memcpy(bytes, a.text, a.size);
      if (b.size > 0) std::memcpy(bytes + a.size, b.text, b.size);
      return Value::Text(a.kind, {bytes, size});
    }
    case Kind::kList: {
      const std::size_t size = std::size_t{a.size} + b.size;
      Value* elements = arena.AllocateArray<Value>(size);
      for (std::uint32_t i = 0; i < a.size; ++i) new (elements + i) Value(a.elements[i]);
      for (std::uint32_t i = 0; i < b.size; ++i) new (elements + a.size + i) Value(b.elements[i]);
      return Value::List(elements, size);
    }
    default:
      return NoOverload();
  }
}

Value Subtract(const Value& a, const Value& b) {
  if (a.Is(Kind::kTimestamp) && b.Is(Kind::kDuration)) {
    Value difference;
    return ShiftTime(a, b.integer, false, difference) ? difference : TimeRange();
  }
  if (a.kind != b.kind) return NoOverload();
  switch (a.kind) {
    case Kind::kInt: {
      std::int64_t result;
      return __builtin_sub_overflow(a.integer, b.integer, &result) ? Overflow()
                                                                   : Value::Int(result);
    }
    case Kind::kUint: {
      std::uint64_t result;
      return __builtin_sub_overflow(a.uinteger, b.uinteger, &result) ? Overflow()
                                                                     : Value::Uint(result);
    }
    case Kind::kDouble:
      return Value::Double(a.number - b.number);
    case Kind::kDuration: {
      std::int64_t result;
      return __builtin_sub_overflow(a.integer, b.integer, &result)
                 ? Value::Error("duration out of range")
                 : Value::Duration(result);
    }
    case Kind::kTimestamp:
      return TimeDifference(a, b);
    default:
      return NoOverload();
  }
}

Value Multiply(const Value& a, const Value& b) {
  if (a.kind != b.kind) return NoOverload();
  switch (a.kind) {
    case Kind::kInt: {
      std::int64_t result;
      return __builtin_mul_overflow(a.integer, b.integer, &result) ? Overflow()
                                                                   : Value::Int(result);
    }
    case Kind::kUint: {
      std::uint64_t result;
      return __builtin_mul_overflow(a.uinteger, b.uinteger, &result) ? Overflow()
                                                                     : Value::Uint(result);
    }
    case Kind::kDouble:
      return Value::Double(a.number * b.number);
    default:
      return NoOverload();
  }
}

Value DivideOrModulo(const Value& a, const Value& b, bool modulo) {
  if (a.kind != b.kind) return NoOverload();
  switch (a.kind) {
    case Kind::kInt:
      if (b.integer == 0) return Value::Error("division by zero");
      if (a.integer == std::numeric_limits<std::int64_t>::min() && b.integer == -1) {
        return Overflow();
      }
      return Value::Int(modulo ? a.integer % b.integer : a.integer / b.integer);
    case Kind::kUint:
      if (b.uinteger == 0) return Value::Error("division by zero");
      return Value::Uint(modulo ? a.uinteger % b.uinteger : a.uinteger / b.uinteger);
    case Kind::kDouble:
      return modulo ? NoOverload() : Value::Double(a.number / b.number);
    default:
      return NoOverload();
  }
}

Value Negate(const Value& a) {
  switch (a.kind) {
    case Kind::kInt:
      if (a.integer == std::numeric_limits<std::int64_t>::min()) return Overflow();
      return Value::Int(-a.integer);
    case Kind::kDouble:
      return Value::Double(-a.number);
    case Kind::kDuration:
      if (a.integer == std::numeric_limits<std::int64_t>::min()) return Overflow();
      return Value::Duration(-a.integer);
    default:
      return NoOverload();
  }
}

Value NoSuchKey(const Value& key, Arena& arena) {
  return Value::Error(arena.Copy("no such key: '" + ToText(key) + "'"));
}

Value Index(const Value& a, const Value& b, Arena& arena) {
  if (a.Is(Kind::kMap)) {
    const Value* found = Find(a, b);
    return found == nullptr ? NoSuchKey(b, arena) : *found;
  }
  if (!a.Is(Kind::kList)) return NoOverload();
  std::uint64_t at = 0;
  switch (b.kind) {
    case Kind::kInt:
      if (b.integer < 0) return Value::Error("index out of range");
      at = static_cast<std::uint64_t>(b.integer);
      break;
    case Kind::kUint:
      at = b.uinteger;
      break;
    case Kind::kDouble:
      if (!(b.number >= 0 && b.number < 4294967296.0) || b.number != std::floor(b.number)) {
        return Value::Error("index out of range");
      }
      at = static_cast<std::uint64_t>(b.number);
      break;
    default:
      return NoOverload();
  }
  return at < a.size ? a.elements[at] : Value::Error("index out of range");
}

Value In(const Value& a, const Value& b) {
  switch (b.kind) {
    case Kind::kList:
      for (const Value& element : b.AsList()) {
        if (Equal(a, element)) return Value::Bool(true);
      }
      return Value::Bool(false);
    case Kind::kMap:
      return Value::Bool(Find(b, a) != nullptr);
    case Kind::kSet:
      if (!a.Is(Kind::kString)) return NoOverload();
      return Value::Bool(b.set->Contains(a.AsText()));
    default:
      return NoOverload();
  }
}

bool IsKey(const Value& v) {
  return v.Is(Kind::kInt) || v.Is(Kind::kUint) || v.Is(Kind::kBool) || v.Is(Kind::kString);
}

// The first of `values` that is absent, joined with the others, or null_value when none is.
bool AnyAbsent(const Value* values, std::size_t count, Arena& arena, Value& out) {
  bool found = false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!values[i].IsAbsent()) continue;
    out = found ? JoinAbsent(out, values[i], arena) : values[i];
    found = true;
  }
  return found;
}

// The bytes of the texts among the arguments of a call.
std::uint64_t SizeOfTexts(const Value* values, std::size_t count) {
  std::uint64_t bytes = 1;
  for (std::size_t i = 0; i < count; ++i) {
    if (values[i].Is(Kind::kString) || values[i].Is(Kind::kBytes)) bytes += values[i].size;
  }
  return bytes;
}

Value MakeMap(const Value* values, std::size_t entries, Arena& arena) {
  Value absent;
  if (AnyAbsent(values, entries * 2, arena, absent)) return absent;
  MapEntry* made = arena.AllocateArray<MapEntry>(entries);
  for (std::size_t i = 0; i < entries; ++i) {
    const Value& key = values[2 * i];
    if (!IsKey(key)) return Value::Error("unsupported key type");
    if (Find(Value::Map(made, i), key) != nullptr) return Value::Error("repeated key");
    new (made + i) MapEntry{key, values[2 * i + 1]};
  }
  return Value::Map(made, entries);
}

}  // namespace

Value Machine::Run(const Program& program, const Value* slots) {
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
  // Charges memory that the next result takes; false when the run has used up its share.
  const auto spend = [&bytes_left](std::uint64_t bytes) {
    if (bytes > bytes_left) return false;
    bytes_left -= bytes;
    return true;
  };
  // Charges what a call or a search may have to go through.
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

// A step with two operands that must both be there.
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
        Value& dst = temps[step->dst];
        if (a.Is(Kind::kMap)) {
          const Value* found = Find(a, at(step->b));
          dst = found == nullptr ? NoSuchKey(at(step->b), arena_) : *found;
        } else {
          dst = a.IsAbsent() ? a : Value::Error("a value without fields");
        }
        ++step;
        break;
      }
      case Op::kField: {
        const Value& a = at(step->a);
        temps[step->dst] = a.Is(Kind::kRecord) ? a.elements[step->jump] : Fault(a);
        ++step;
        break;
      }
      case Op::kHasSlot:
        temps[step->dst] = Value::Bool(!at(step->a).IsAbsent());
        ++step;
        break;
      case Op::kHasKey: {
        const Value& a = at(step->a);
        temps[step->dst] = a.Is(Kind::kMap) ? Value::Bool(Find(a, at(step->b)) != nullptr)
                           : a.IsAbsent()   ? a
                                            : Value::Error("a value without fields");
        ++step;
        break;
      }
      case Op::kHasField: {
        const Value& a = at(step->a);
        temps[step->dst] =
            a.Is(Kind::kRecord) ? Value::Bool(!a.elements[step->jump].IsAbsent()) : Fault(a);
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
      case Op::kMakeList: {
        const Value* from = temps + step->a;
        Value& dst = temps[step->dst];
        Value absent;
        if (AnyAbsent(from, step->b, arena_, absent)) {
          dst = absent;
        } else if (!spend(step->b * sizeof(Value))) {
          dst = too_large();
        } else {
          Value* elements = arena_.AllocateArray<Value>(step->b);
          for (std::uint16_t i = 0; i < step->b; ++i) new (elements + i) Value(from[i]);
          dst = Value::List(elements, step->b);
        }
        ++step;
        break;
      }
      case Op::kMakeMap:
        temps[step->dst] = spend(step->b * sizeof(MapEntry))
                               ? MakeMap(temps + step->a, step->b, arena_)
                               : too_large();
        ++step;
        break;
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
      case Op::kNext: {
        const Value& range = at(step->a);
        Value& index = temps[step->b];
        if (index.integer >= static_cast<std::int64_t>(range.size)) {
          step = first + step->jump;
          break;
        }
        if (iterations_left-- == 0) return Value::Error("too many iterations");
        const auto i = static_cast<std::size_t>(index.integer++);
        temps[step->dst] = range.Is(Kind::kList) ? range.elements[i] : range.entries[i].key;
        ++step;
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
