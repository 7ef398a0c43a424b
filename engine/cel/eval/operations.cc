#include "engine/cel/eval/operations.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/cel/eval/machine.h"

namespace holdfast::cel {
namespace {

// The result of && or || when neither term decides it and at least one is unknown: the facts that
// were missing, with a mark if the other term failed.
Value Undecided(const Value& a, const Value& b, Arena& arena) {
  static constexpr std::uint32_t kFailure[] = {kFailureFact};
  const auto facts_of = [](const Value& v) {
    return v.Is(Kind::kUnknown) || v.Is(Kind::kBool) ? v : Value::Unknown(kFailure, 1);
  };
  return JoinAbsent(facts_of(a), facts_of(b), arena);
}

Value Overflow() { return Value::Error("integer overflow"); }
Value TimeRange() { return Value::Error("time out of range"); }

bool ShiftTime(const Value& time, std::int64_t nanos, bool add, Value& out) {
  // The sum in nanoseconds always fits into an int128.
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

Value NoSuchKey(const Value& map, const Value& key, Arena& arena) {
  if (map.open_fact != 0) {
    auto* fact = arena.AllocateArray<std::uint32_t>(1);
    *fact = map.open_fact - 1U;
    return Value::Unknown(fact, 1);
  }
  return Value::Error(arena.Copy("no such key: '" + ToText(key) + "'"));
}

bool IsKey(const Value& v) {
  return v.Is(Kind::kInt) || v.Is(Kind::kUint) || v.Is(Kind::kBool) || v.Is(Kind::kString);
}

bool IsIndex(const Value& v) { return v.IsNumber(); }

// Converts a number to an index of a list. False: it is not an index.
bool ToPlace(const Value& v, std::uint64_t& at) {
  switch (v.kind) {
    case Kind::kInt:
      at = static_cast<std::uint64_t>(v.integer);
      return v.integer >= 0;
    case Kind::kUint:
      at = v.uinteger;
      return true;
    default:
      if (!(v.number >= 0 && v.number < 4294967296.0) || v.number != std::floor(v.number)) {
        return false;
      }
      at = static_cast<std::uint64_t>(v.number);
      return true;
  }
}

constexpr std::string_view kNoFields = "a value without fields";

bool IsContainer(const Value& v) { return v.Is(Kind::kMap) || v.Is(Kind::kOptional); }

}  // namespace

Value ToValue(const Literal& literal) {
  switch (literal.index()) {
    case 1:
      return Value::Bool(std::get<1>(literal));
    case 2:
      return Value::Int(std::get<2>(literal));
    case 3:
      return Value::Uint(std::get<3>(literal));
    case 4:
      return Value::Double(std::get<4>(literal));
    case 5:
      return Value::String(std::get<5>(literal));
    case 6:
      return Value::Bytes(std::get<6>(literal).bytes);
    default:
      return Value::Null();
  }
}

Value And(const Value& a, const Value& b, Arena& arena) {
  if (a.IsFalse() || b.IsFalse()) return Value::Bool(false);
  if (a.IsTrue() && b.IsTrue()) return Value::Bool(true);
  // An unknown outranks an error here, because the missing fact may still decide the result.
  if (a.Is(Kind::kUnknown) || b.Is(Kind::kUnknown)) return Undecided(a, b, arena);
  return a.IsTrue() ? Fault(b) : Fault(a);
}

Value Or(const Value& a, const Value& b, Arena& arena) {
  if (a.IsTrue() || b.IsTrue()) return Value::Bool(true);
  if (a.IsFalse() && b.IsFalse()) return Value::Bool(false);
  if (a.Is(Kind::kUnknown) || b.Is(Kind::kUnknown)) return Undecided(a, b, arena);
  return a.IsFalse() ? Fault(b) : Fault(a);
}

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

Value Index(const Value& a, const Value& b, Arena& arena) {
  if (a.Is(Kind::kOptional)) return OptionalIndex(a, b, arena);
  if (a.Is(Kind::kMap)) {
    const Value* found = Find(a, b);
    return found == nullptr ? NoSuchKey(a, b, arena) : *found;
  }
  if (!a.Is(Kind::kList)) return NoOverload();
  std::uint64_t at = 0;
  if (!IsIndex(b)) return NoOverload();
  if (!ToPlace(b, at) || at >= a.size) return Value::Error("index out of range");
  return a.elements[at];
}

Value OptionalIndex(const Value& a, const Value& b, Arena& arena) {
  switch (a.kind) {
    case Kind::kOptional:
      return a.size == 0 ? Value::None() : OptionalIndex(*a.elements, b, arena);
    case Kind::kMap: {
      const Value* found = Find(a, b);
      return found == nullptr ? Value::None() : Value::Optional(*found);
    }
    case Kind::kList: {
      std::uint64_t at = 0;
      if (!IsIndex(b)) return NoOverload();
      return ToPlace(b, at) && at < a.size ? OptionalOf(a.elements[at], arena) : Value::None();
    }
    default:
      return NoOverload();
  }
}

Value Select(const Value& a, const Value& name, Arena& arena) {
  if (a.Is(Kind::kMap)) {
    const Value* found = Find(a, name);
    return found == nullptr ? NoSuchKey(a, name, arena) : *found;
  }
  return a.Is(Kind::kOptional) && (a.size == 0 || IsContainer(*a.elements))
             ? OptionalIndex(a, name, arena)
             : Value::Error(kNoFields);
}

Value HasKey(const Value& a, const Value& name, Arena& arena) {
  if (a.Is(Kind::kMap)) return Value::Bool(Find(a, name) != nullptr);
  if (!a.Is(Kind::kOptional)) return Value::Error(kNoFields);
  return a.size == 0 ? Value::Bool(false) : HasKey(*a.elements, name, arena);
}

Value Field(const Value& a, std::size_t field, Arena& arena) {
  if (a.Is(Kind::kRecord)) return a.elements[field];
  return a.Is(Kind::kOptional) ? OptionalField(a, field, arena) : NoOverload();
}

Value OptionalField(const Value& a, std::size_t field, Arena& arena) {
  if (a.Is(Kind::kRecord)) return OptionalOf(a.elements[field], arena);
  if (!a.Is(Kind::kOptional)) return NoOverload();
  return a.size == 0 ? Value::None() : OptionalField(*a.elements, field, arena);
}

Value HasField(const Value& a, std::size_t field) {
  if (a.Is(Kind::kRecord)) return Value::Bool(!a.elements[field].IsAbsent());
  if (!a.Is(Kind::kOptional)) return NoOverload();
  return a.size == 0 ? Value::Bool(false) : HasField(*a.elements, field);
}

Value OptionalOf(const Value& fact, Arena& arena) {
  if (fact.Is(Kind::kUnknown)) return Value::None();
  if (fact.Is(Kind::kError)) return fact;
  return Value::Optional(*new (arena.AllocateArray<Value>(1)) Value(fact));
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

bool AnyAbsent(const Value* values, std::size_t count, Arena& arena, Value& out) {
  bool found = false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!values[i].IsAbsent()) continue;
    out = found ? JoinAbsent(out, values[i], arena) : values[i];
    found = true;
  }
  return found;
}

Value MakeList(const Value* values, std::size_t count, const bool* optional, Arena& arena) {
  Value absent;
  if (AnyAbsent(values, count, arena, absent)) return absent;
  Value* elements = arena.AllocateArray<Value>(count);
  std::size_t size = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Value* value = values + i;
    if (optional != nullptr && optional[i]) {
      if (!value->Is(Kind::kOptional)) return NoOverload();
      if (value->size == 0) continue;
      value = value->elements;
    }
    new (elements + size++) Value(*value);
  }
  return Value::List(elements, size);
}

Value MakeMap(const Value* values, std::size_t entries, const bool* optional, Arena& arena) {
  Value absent;
  if (AnyAbsent(values, entries * 2, arena, absent)) return absent;
  MapEntry* made = arena.AllocateArray<MapEntry>(entries);
  std::size_t size = 0;
  for (std::size_t i = 0; i < entries; ++i) {
    const Value& key = values[2 * i];
    const Value* value = values + 2 * i + 1;
    if (!IsKey(key)) return Value::Error("unsupported key type");
    if (Find(Value::Map(made, size), key) != nullptr) return Value::Error("repeated key");
    if (optional != nullptr && optional[i]) {
      if (!value->Is(Kind::kOptional)) return NoOverload();
      if (value->size == 0) continue;
      value = value->elements;
    }
    new (made + size++) MapEntry{key, *value};
  }
  return Value::Map(made, size);
}

Value JoinMaps(const Value& a, const Value& b, Arena& arena) {
  MapEntry* made = arena.AllocateArray<MapEntry>(std::size_t{a.size} + b.size);
  std::uninitialized_copy(a.entries, a.entries + a.size, made);
  for (std::uint32_t i = 0; i < b.size; ++i) {
    if (Find(a, b.entries[i].key) != nullptr) return Value::Error("repeated key");
    new (made + a.size + i) MapEntry(b.entries[i]);
  }
  return Value::Map(made, std::size_t{a.size} + b.size);
}

}  // namespace holdfast::cel
