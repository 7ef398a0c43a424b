// Functions on numbers: extremes, rounding, bits.
#include <cmath>
#include <limits>

#include "engine/cel/eval/operations.h"
#include "engine/cel/frontend/ast.h"
#include "engine/cel/frontend/environment.h"

namespace holdfast::cel {
namespace {

using Args = std::span<const Value>;

// The greatest (kSign 1) or least (-1) of one number, two numbers or a list of them; the first of
// equals. NaN loses to every number.
template <int kSign>
Value Extreme(Args args, Arena&) {
  if (args.size() == 1 && args[0].Is(Kind::kList)) args = args[0].AsList();
  if (args.empty()) return Value::Error("the list is empty");
  const Value* best = nullptr;
  for (const Value& value : args) {
    if (!value.IsNumber()) return NoOverload();
    if (best == nullptr) {
      best = &value;
      continue;
    }
    const int order = Order(value, *best);
    const bool best_is_nan = best->Is(Kind::kDouble) && std::isnan(best->number);
    if (order == kSign || (order == 2 && best_is_nan)) best = &value;
  }
  return *best;
}

template <double (*kRound)(double)>
Value Rounded(Args args, Arena&) {
  if (!args[0].Is(Kind::kDouble)) return NoOverload();
  return Value::Double(kRound(args[0].number));
}

double Ceil(double d) { return std::ceil(d); }
double Floor(double d) { return std::floor(d); }
double Round(double d) { return std::round(d); }  // half away from zero
double Trunc(double d) { return std::trunc(d); }
double Root(double d) { return std::sqrt(d); }

Value Abs(Args args, Arena&) {
  const Value& v = args[0];
  switch (v.kind) {
    case Kind::kInt:
      if (v.integer == std::numeric_limits<std::int64_t>::min()) {
        return Value::Error("integer overflow");
      }
      return Value::Int(v.integer < 0 ? -v.integer : v.integer);
    case Kind::kUint:
      return v;
    case Kind::kDouble:
      return Value::Double(std::fabs(v.number));
    default:
      return NoOverload();
  }
}

Value Sign(Args args, Arena&) {
  const Value& v = args[0];
  switch (v.kind) {
    case Kind::kInt:
      return Value::Int(v.integer > 0 ? 1 : v.integer < 0 ? -1 : 0);
    case Kind::kUint:
      return Value::Uint(v.uinteger > 0 ? 1 : 0);
    case Kind::kDouble:
      // Zero and NaN are their own sign.
      return v.number > 0 ? Value::Double(1) : v.number < 0 ? Value::Double(-1) : v;
    default:
      return NoOverload();
  }
}

template <bool (*kTest)(double)>
Value Is(Args args, Arena&) {
  if (!args[0].Is(Kind::kDouble)) return NoOverload();
  return Value::Bool(kTest(args[0].number));
}

bool IsNan(double d) { return std::isnan(d); }
bool IsInfinite(double d) { return std::isinf(d); }
bool IsFinite(double d) { return std::isfinite(d); }

// Of two ints or two uints, bit by bit.
template <std::uint64_t (*kBits)(std::uint64_t, std::uint64_t)>
Value Bits(Args args, Arena&) {
  if (args[0].kind != args[1].kind) return NoOverload();
  const std::uint64_t bits = kBits(args[0].uinteger, args[1].uinteger);
  if (args[0].Is(Kind::kUint)) return Value::Uint(bits);
  return args[0].Is(Kind::kInt) ? Value::Int(static_cast<std::int64_t>(bits)) : NoOverload();
}

std::uint64_t BitAnd(std::uint64_t a, std::uint64_t b) { return a & b; }
std::uint64_t BitOr(std::uint64_t a, std::uint64_t b) { return a | b; }
std::uint64_t BitXor(std::uint64_t a, std::uint64_t b) { return a ^ b; }

Value BitNot(Args args, Arena&) {
  if (args[0].Is(Kind::kUint)) return Value::Uint(~args[0].uinteger);
  return args[0].Is(Kind::kInt) ? Value::Int(~args[0].integer) : NoOverload();
}

// Bits shifted out are lost, zeros come in, for ints too.
template <bool kLeft>
Value Shift(Args args, Arena&) {
  const Value &value = args[0], &by = args[1];
  if ((!value.Is(Kind::kInt) && !value.Is(Kind::kUint)) || !by.Is(Kind::kInt)) return NoOverload();
  if (by.integer < 0) return Value::Error("a shift by less than 0 bits");
  std::uint64_t bits = 0;
  if (by.integer < 64) bits = kLeft ? value.uinteger << by.integer : value.uinteger >> by.integer;
  return value.Is(Kind::kUint) ? Value::Uint(bits) : Value::Int(static_cast<std::int64_t>(bits));
}

// The sum of a list of numbers of one type; `zero` is that of the empty list.
Value SumFrom(const Value& zero, const Value& list, Arena& arena) {
  if (!list.Is(Kind::kList)) return NoOverload();
  Value sum = zero;
  for (const Value& value : list.AsList()) {
    if (!value.IsNumber()) return NoOverload();
    // In a list of dynamic type, the first number determines the type of the sum.
    sum = &value == list.elements ? value : Add(sum, value, arena);
    if (sum.IsAbsent()) return sum;
  }
  return sum;
}
Value Sum(Args args, Arena& arena) { return SumFrom(Value::Int(0), args[0], arena); }
Value SumOfUints(Args args, Arena& arena) { return SumFrom(Value::Uint(0), args[0], arena); }
Value SumOfDoubles(Args args, Arena& arena) { return SumFrom(Value::Double(0), args[0], arena); }

// The mean of a list of numbers as a double. Whole numbers are added without rounding.
Value Average(Args args, Arena&) {
  if (!args[0].Is(Kind::kList)) return NoOverload();
  const auto list = args[0].AsList();
  if (list.empty()) return Value::Error("the list is empty");
  __int128 whole = 0;
  double decimal = 0;
  for (const Value& value : list) {
    switch (value.kind) {
      case Kind::kInt:
        whole += value.integer;
        break;
      case Kind::kUint:
        whole += value.uinteger;
        break;
      case Kind::kDouble:
        decimal += value.number;
        break;
      default:
        return NoOverload();
    }
  }
  return Value::Double((static_cast<double>(whole) + decimal) / static_cast<double>(list.size()));
}

// The greatest or least number of a list.
template <int kSign>
Value ExtremeOfList(Args args, Arena& arena) {
  return args[0].Is(Kind::kList) ? Extreme<kSign>(args, arena) : NoOverload();
}

void AddOfLists(Environment& e) {
  const auto add = [&e](const char* name, Function function) {
    e.AddFunction(name, {"list(int).() int", "list(uint).() uint", "list(double).() double"},
                  function);
  };
  add(call::kSum, &Sum);
  e.Describe(call::kSum, "the sum of a list of numbers, 0 of an empty one; fails if it overflows",
             "order.items.map(i, i.quantity).sum() > 20");
  e.AddFunction(call::kSumOfUints, {"list(uint).() uint"}, &SumOfUints);
  e.AddFunction(call::kSumOfDoubles, {"list(double).() double"}, &SumOfDoubles);
  e.AddFunction("avg", {"list(int).() double", "list(uint).() double", "list(double).() double"},
                &Average);
  e.Describe("avg", "the mean of a list of numbers; fails if the list is empty",
             "order.items.map(i, i.unit_price_base).avg() > 200.0");
  add("min", &ExtremeOfList<-1>);
  e.Describe("min", "the least of a list of numbers; fails if the list is empty",
             "order.items.map(i, i.unit_price_base).min() < 1.0");
  add("max", &ExtremeOfList<1>);
  e.Describe("max", "the greatest of a list of numbers; fails if the list is empty",
             "order.items.map(i, i.quantity).max() >= 10");
}

void AddExtreme(Environment& e, const char* name, Function function) {
  e.AddFunction(
      name,
      {"(int) int", "(uint) uint", "(double) double", "(int, int) int", "(uint, uint) uint",
       "(double, double) double", "(int, uint) dyn", "(int, double) dyn", "(uint, int) dyn",
       "(uint, double) dyn", "(double, int) dyn", "(double, uint) dyn", "(list(int)) int",
       "(list(uint)) uint", "(list(double)) double", "(list(dyn)) dyn"},
      function);
}

}  // namespace

void AddMathFunctions(Environment& e) {
  AddOfLists(e);
  AddExtreme(e, call::kGreatest, &Extreme<1>);
  e.Describe(call::kGreatest, "the greatest of numbers or of a list of numbers",
             "math.greatest(order.total_base, buyer.spend) > 1000.0");
  AddExtreme(e, call::kLeast, &Extreme<-1>);
  e.Describe(call::kLeast, "the least of numbers or of a list of numbers",
             "math.least(order.items.map(i, i.unit_price_base)) < 1.0");
  struct Rounding {
    const char* name;
    Function function;
    const char* meaning;
    const char* example;
  };
  for (const Rounding& r : {Rounding{"math.ceil", &Rounded<&Ceil>, "rounded up",
                                     "math.ceil(order.total) == order.total"},
                            Rounding{"math.floor", &Rounded<&Floor>, "rounded down",
                                     "math.floor(order.total / 100.0) == 5.0"},
                            Rounding{"math.round", &Rounded<&Round>, "rounded, half away from zero",
                                     "math.round(order.total) == 100.0"},
                            Rounding{"math.trunc", &Rounded<&Trunc>, "without its fraction",
                                     "math.trunc(order.total) == 99.0"},
                            Rounding{"math.sqrt", &Rounded<&Root>, "the square root",
                                     "math.sqrt(order.total_base) > 30.0"}}) {
    e.AddFunction(r.name, {"(double) double"}, r.function);
    e.Describe(r.name, r.meaning, r.example);
  }
  e.AddFunction("math.abs", {"(int) int", "(uint) uint", "(double) double"}, &Abs);
  e.Describe("math.abs", "without its sign", "math.abs(order.total - payment.amount) > 0.005");
  e.AddFunction("math.sign", {"(int) int", "(uint) uint", "(double) double"}, &Sign);
  e.Describe("math.sign", "-1, 0 or 1", "math.sign(order.total) == 1.0");
  e.AddFunction("math.isNaN", {"(double) bool"}, &Is<&IsNan>);
  e.Describe("math.isNaN", "whether it is not a number", "math.isNaN(order.total / 0.0)");
  e.AddFunction("math.isInf", {"(double) bool"}, &Is<&IsInfinite>);
  e.Describe("math.isInf", "is it infinite?", "math.isInf(order.total / 0.0)");
  e.AddFunction("math.isFinite", {"(double) bool"}, &Is<&IsFinite>);
  e.Describe("math.isFinite", "is it a number, and finite?", "math.isFinite(order.total)");
  for (const auto& [name, function] :
       {std::pair{"math.bitAnd", &Bits<&BitAnd>}, std::pair{"math.bitOr", &Bits<&BitOr>},
        std::pair{"math.bitXor", &Bits<&BitXor>}}) {
    e.AddFunction(name, {"(int, int) int", "(uint, uint) uint"}, function);
  }
  e.Describe("math.bitAnd", "bits that both have", "math.bitAnd(order.quantity, 1) == 1");
  e.Describe("math.bitOr", "bits that either has", "math.bitOr(order.quantity, 1) == 3");
  e.Describe("math.bitXor", "bits that exactly one of the two has",
             "math.bitXor(order.quantity, 1) == 2");
  e.AddFunction("math.bitNot", {"(int) int", "(uint) uint"}, &BitNot);
  e.Describe("math.bitNot", "all bits inverted", "math.bitNot(order.quantity) == -2");
  e.AddFunction("math.bitShiftLeft", {"(int, int) int", "(uint, int) uint"}, &Shift<true>);
  e.Describe("math.bitShiftLeft", "shifted to the left, zeros behind",
             "math.bitShiftLeft(order.quantity, 1) > 10");
  e.AddFunction("math.bitShiftRight", {"(int, int) int", "(uint, int) uint"}, &Shift<false>);
  e.Describe("math.bitShiftRight", "shifted to the right, zeros before",
             "math.bitShiftRight(order.quantity, 1) > 10");
}

}  // namespace holdfast::cel
