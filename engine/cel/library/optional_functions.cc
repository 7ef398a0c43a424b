// Functions on optional values, which facts that may be missing have.
#include "engine/cel/frontend/environment.h"

namespace holdfast::cel {
namespace {

using Args = std::span<const Value>;

Value Of(Args args, Arena& arena) {
  return Value::Optional(*new (arena.AllocateArray<Value>(1)) Value(args[0]));
}

// True for the zero value of the type: 0, false, '', an empty list.
bool IsZero(const Value& v) {
  switch (v.kind) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
      return !v.boolean;
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDuration:
      return v.integer == 0;
    case Kind::kDouble:
      return v.number == 0;
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kList:
    case Kind::kMap:
    case Kind::kOptional:
      return v.size == 0;
    case Kind::kTimestamp:
      return v.integer == 0 && v.size == 0;
    default:
      return false;
  }
}

Value OfNonZero(Args args, Arena& arena) {
  return IsZero(args[0]) ? Value::None() : Of(args, arena);
}

Value None(Args, Arena&) { return Value::None(); }

Value HasValue(Args args, Arena&) {
  if (!args[0].Is(Kind::kOptional)) return NoOverload();
  return Value::Bool(args[0].size == 1);
}

Value ValueOf(Args args, Arena&) {
  if (!args[0].Is(Kind::kOptional)) return NoOverload();
  return args[0].size == 1 ? *args[0].elements : Value::Error("the optional has no value");
}

}  // namespace

void AddOptionalFunctions(Environment& e) {
  e.AddFunction("optional.of", {"(A) optional_type(A)"}, &Of);
  e.Describe("optional.of", "an optional with a value", "optional.of(order.id).hasValue()");
  e.AddFunction("optional.ofNonZeroValue", {"(A) optional_type(A)"}, &OfNonZero);
  e.Describe("optional.ofNonZeroValue", "none for 0, false, '' and what is empty",
             "optional.ofNonZeroValue(order.quantity).hasValue()");
  e.AddFunction("optional.none", {"() optional_type(A)"}, &None);
  e.Describe("optional.none", "an optional without a value", "order.?ip == optional.none()");
  e.AddFunction("hasValue", {"optional_type(A).() bool"}, &HasValue);
  e.Describe("hasValue", "whether the optional has a value", "order.?ip.hasValue()");
  e.AddFunction("value", {"optional_type(A).() A"}, &ValueOf);
  e.Describe("value", "the optional's value; fails when it has none",
             "order.?ip.hasValue() && order.?ip.value() == '192.0.2.7'");
  // These two evaluate their argument only when they need it; the machine has a step for them.
  e.AddFunction("or", {"optional_type(A).(optional_type(A)) optional_type(A)"}, nullptr);
  e.Describe("or", "the optional, or another one when it has no value",
             "order.?buyer.phone.or(order.?shipping.phone).hasValue()");
  e.AddFunction("orValue", {"optional_type(A).(A) A"}, nullptr);
  e.Describe("orValue", "the optional's value, or another value when it has none",
             "order.?ip.orValue('') == ''");
}

}  // namespace holdfast::cel
