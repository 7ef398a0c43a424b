// The standard library: conversions, text, sizes, times. Operators are declared here and computed
// by the machine.
#include <re2/re2.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/base/time.h"
#include "engine/base/utf8.h"
#include "engine/cel/frontend/ast.h"
#include "engine/cel/frontend/environment.h"

namespace holdfast::cel {
namespace {

using Args = std::span<const Value>;

constexpr double kTwo63 = 9223372036854775808.0;
constexpr double kTwo64 = 18446744073709551616.0;

Value RangeError() { return Value::Error("out of range"); }

// ---- conversions --------------------------------------------------------------------------------

template <typename T>
bool ParseWhole(std::string_view text, T& out) {
  // Like Go's strconv: an optional sign (of signed types), decimal digits, nothing else.
  if (std::is_signed_v<T> && text.size() > 1 && text[0] == '+' && text[1] != '-') {
    text.remove_prefix(1);
  }
  const auto parsed = ParseNumber<T>(text);
  out = parsed.value_or(0);
  return parsed.has_value();
}

Value ToInt(Args args, Arena&) {
  const Value& v = args[0];
  switch (v.kind) {
    case Kind::kInt:
      return v;
    case Kind::kUint:
      if (v.uinteger > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return RangeError();
      }
      return Value::Int(static_cast<std::int64_t>(v.uinteger));
    case Kind::kDouble:
      if (!(v.number > -kTwo63 && v.number < kTwo63)) return RangeError();
      return Value::Int(static_cast<std::int64_t>(v.number));
    case Kind::kString: {
      std::int64_t value = 0;
      if (!ParseWhole(v.AsText(), value)) return Value::Error("not a whole number");
      return Value::Int(value);
    }
    case Kind::kTimestamp:
    case Kind::kDuration:
      return Value::Int(v.integer);
    default:
      return NoOverload();
  }
}

Value ToUint(Args args, Arena&) {
  const Value& v = args[0];
  switch (v.kind) {
    case Kind::kUint:
      return v;
    case Kind::kInt:
      return v.integer < 0 ? RangeError() : Value::Uint(static_cast<std::uint64_t>(v.integer));
    case Kind::kDouble:
      if (!(v.number >= 0 && v.number < kTwo64)) return RangeError();
      return Value::Uint(static_cast<std::uint64_t>(v.number));
    case Kind::kString: {
      std::uint64_t value = 0;
      if (!ParseWhole(v.AsText(), value)) return Value::Error("not a whole number");
      return Value::Uint(value);
    }
    default:
      return NoOverload();
  }
}

Value ToDouble(Args args, Arena&) {
  const Value& v = args[0];
  switch (v.kind) {
    case Kind::kDouble:
      return v;
    case Kind::kInt:
      return Value::Double(static_cast<double>(v.integer));
    case Kind::kUint:
      return Value::Double(static_cast<double>(v.uinteger));
    case Kind::kString: {
      std::string_view text = v.AsText();
      const std::string lower = ToLowerAscii(text);
      const bool negative = !lower.empty() && lower.front() == '-';
      const std::string_view word = std::string_view(lower).substr(
          !lower.empty() && (negative || lower.front() == '+') ? 1 : 0);
      if (word == "nan" && lower.size() == 3) {
        return Value::Double(std::numeric_limits<double>::quiet_NaN());
      }
      if (word == "inf" || word == "infinity") {
        const double inf = std::numeric_limits<double>::infinity();
        return Value::Double(negative ? -inf : inf);
      }
      if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
      double value = 0;
      const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
      if (parsed.ptr != text.data() + text.size() || parsed.ec == std::errc::invalid_argument) {
        return Value::Error("not a number");
      }
      if (parsed.ec == std::errc::result_out_of_range) {
        // A number that is too small becomes zero, one that is too large is an error. strtod tells
        // which.
        value = std::strtod(std::string(text).c_str(), nullptr);
        if (std::isinf(value)) return RangeError();
      }
      return Value::Double(value);
    }
    default:
      return NoOverload();
  }
}

Value ToBool(Args args, Arena&) {
  const Value& v = args[0];
  if (v.Is(Kind::kBool)) return v;
  if (!v.Is(Kind::kString)) return NoOverload();
  const std::string_view text = v.AsText();
  for (const auto word : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == word) return Value::Bool(true);
  }
  for (const auto word : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == word) return Value::Bool(false);
  }
  return Value::Error("not true or false");
}

Value ToString(Args args, Arena& arena) {
  const Value& v = args[0];
  switch (v.kind) {
    case Kind::kString:
      return v;
    case Kind::kBytes:
      if (!IsValidUtf8(v.AsText())) return Value::Error("bytes are not UTF-8");
      return Value::String(v.AsText());
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
    case Kind::kTimestamp:
    case Kind::kDuration:
    case Kind::kIp:
    case Kind::kCidr:
      return Value::String(arena.Copy(ToText(v)));
    default:
      return NoOverload();
  }
}

Value ToBytes(Args args, Arena&) {
  const Value& v = args[0];
  if (!v.Is(Kind::kString) && !v.Is(Kind::kBytes)) return NoOverload();
  return Value::Bytes(v.AsText());
}

Value ToTimestamp(Args args, Arena&) {
  const Value& v = args[0];
  if (v.Is(Kind::kTimestamp)) return v;
  if (v.Is(Kind::kInt)) {
    if (v.integer < kWideTimeMinSeconds || v.integer > kWideTimeMaxSeconds) return RangeError();
    return Value::Timestamp({v.integer, 0});
  }
  if (!v.Is(Kind::kString)) return NoOverload();
  const auto time = ParseRfc3339(v.AsText());
  if (!time) return Value::Error("not an RFC 3339 time in range");
  return Value::Timestamp(*time);
}

Value ToDuration(Args args, Arena&) {
  const Value& v = args[0];
  if (v.Is(Kind::kDuration)) return v;
  if (v.Is(Kind::kInt)) return Value::Duration(v.integer);
  if (!v.Is(Kind::kString)) return NoOverload();
  const auto nanos = ParseDuration(v.AsText());
  if (!nanos) return Value::Error("not a duration in range");
  return Value::Duration(*nanos);
}

Value ToDyn(Args args, Arena&) { return args[0]; }
Value TypeOf(Args args, Arena&) { return Value::Type(TypeNameOf(args[0])); }

// ---- text ---------------------------------------------------------------------------------------

Value Size(Args args, Arena&) {
  const Value& v = args[0];
  switch (v.kind) {
    case Kind::kString:
      return Value::Int(static_cast<std::int64_t>(CountCodePoints(v.AsText())));
    case Kind::kBytes:
    case Kind::kList:
    case Kind::kMap:
      return Value::Int(v.size);
    default:
      return NoOverload();
  }
}

bool BothText(Args args) { return args[0].Is(Kind::kString) && args[1].Is(Kind::kString); }

Value Contains(Args args, Arena&) {
  if (!BothText(args)) return NoOverload();
  return Value::Bool(args[0].AsText().find(args[1].AsText()) != std::string_view::npos);
}
Value StartsWith(Args args, Arena&) {
  if (!BothText(args)) return NoOverload();
  return Value::Bool(args[0].AsText().starts_with(args[1].AsText()));
}
Value EndsWith(Args args, Arena&) {
  if (!BothText(args)) return NoOverload();
  return Value::Bool(args[0].AsText().ends_with(args[1].AsText()));
}

// For computed patterns. For constant ones the compiler has its own step.
Value Matches(Args args, Arena&) {
  if (!BothText(args)) return NoOverload();
  RE2::Options options(RE2::Quiet);
  const std::string_view pattern = args[1].AsText();
  const RE2 regex(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!regex.ok()) return Value::Error("bad regular expression");
  const std::string_view text = args[0].AsText();
  return Value::Bool(RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), regex));
}

// ---- times --------------------------------------------------------------------------------------

enum class Part : std::uint8_t {
  kYear,
  kMonth,
  kDayOfYear,
  kDayOfMonth,
  kDate,
  kDayOfWeek,
  kHours,
  kMinutes,
  kSeconds,
  kMilliseconds,
};

Value PartOfTime(WideTime time, std::int64_t offset, Part part) {
  const CivilTime civil = ToCivil(time.seconds + offset);
  switch (part) {
    case Part::kYear:
      return Value::Int(civil.year);
    case Part::kMonth:
      return Value::Int(civil.month - 1);
    case Part::kDayOfYear:
      return Value::Int(civil.year_day - 1);
    case Part::kDayOfMonth:
      return Value::Int(civil.day - 1);
    case Part::kDate:
      return Value::Int(civil.day);
    case Part::kDayOfWeek:
      return Value::Int(civil.weekday);
    case Part::kHours:
      return Value::Int(civil.hour);
    case Part::kMinutes:
      return Value::Int(civil.minute);
    case Part::kSeconds:
      return Value::Int(civil.second);
    case Part::kMilliseconds:
      return Value::Int(time.nanos / 1'000'000);
  }
  return NoOverload();
}

Value PartOfDuration(std::int64_t nanos, Part part) {
  switch (part) {
    case Part::kHours:
      return Value::Int(nanos / (3600 * kNanosPerSecond));
    case Part::kMinutes:
      return Value::Int(nanos / (60 * kNanosPerSecond));
    case Part::kSeconds:
      return Value::Int(nanos / kNanosPerSecond);
    case Part::kMilliseconds:
      return Value::Int(nanos % kNanosPerSecond / 1'000'000);
    default:
      return NoOverload();
  }
}

template <Part kPart>
Value GetPart(Args args, Arena&) {
  if (args[0].Is(Kind::kDuration) && args.size() == 1)
    return PartOfDuration(args[0].integer, kPart);
  if (!args[0].Is(Kind::kTimestamp)) return NoOverload();
  std::int64_t offset = 0;
  if (args.size() == 2) {
    if (!args[1].Is(Kind::kString)) return NoOverload();
    const auto found = ZoneOffsetSeconds(args[1].AsText(), args[0].integer);
    if (!found) return Value::Error("unknown time zone");
    offset = *found;
  }
  return PartOfTime(args[0].AsTime(), offset, kPart);
}

template <Part kPart>
void AddPart(Environment& e, const char* name, bool of_duration) {
  e.AddFunction(name, {"timestamp.() int", "timestamp.(string) int"}, &GetPart<kPart>);
  if (of_duration) e.AddFunction(name, {"duration.() int"}, &GetPart<kPart>);
}

void AddOperators(Environment& e) {
  e.AddFunction(op::kNot, {"(bool) bool"}, nullptr);
  e.AddFunction(op::kNegate, {"(int) int", "(double) double", "(duration) duration"}, nullptr);
  e.AddFunction(
      op::kAdd,
      {"(int, int) int", "(uint, uint) uint", "(double, double) double", "(string, string) string",
       "(bytes, bytes) bytes", "(list(A), list(A)) list(A)", "(timestamp, duration) timestamp",
       "(duration, timestamp) timestamp", "(duration, duration) duration"},
      nullptr);
  e.AddFunction(op::kSubtract,
                {"(int, int) int", "(uint, uint) uint", "(double, double) double",
                 "(timestamp, timestamp) duration", "(timestamp, duration) timestamp",
                 "(duration, duration) duration"},
                nullptr);
  for (const char* name : {op::kMultiply, op::kDivide}) {
    e.AddFunction(name, {"(int, int) int", "(uint, uint) uint", "(double, double) double"},
                  nullptr);
  }
  e.AddFunction(op::kModulo, {"(int, int) int", "(uint, uint) uint"}, nullptr);
  for (const char* name : {op::kEqual, op::kNotEqual})
    e.AddFunction(name, {"(A, A) bool"}, nullptr);
  for (const char* name : {op::kLess, op::kLessEqual, op::kGreater, op::kGreaterEqual}) {
    e.AddFunction(name,
                  {"(bool, bool) bool", "(int, int) bool", "(uint, uint) bool",
                   "(double, double) bool", "(string, string) bool", "(bytes, bytes) bool",
                   "(timestamp, timestamp) bool", "(duration, duration) bool"},
                  nullptr);
  }
  e.AddFunction(op::kIn, {"(A, list(A)) bool", "(A, map(A, B)) bool", "(string, set) bool"},
                nullptr);
  e.AddFunction(op::kAnd, {"(bool, bool) bool"}, nullptr);
  e.AddFunction(op::kOr, {"(bool, bool) bool"}, nullptr);
  e.AddFunction(op::kConditional, {"(bool, A, A) A"}, nullptr);
  e.AddFunction(
      op::kIndex,
      {"(list(A), int) A", "(map(A, B), A) B", "(optional_type(list(A)), int) optional_type(A)",
       "(optional_type(map(A, B)), A) optional_type(B)"},
      nullptr);
  e.AddFunction(op::kOptionalIndex,
                {"(list(A), int) optional_type(A)", "(map(A, B), A) optional_type(B)",
                 "(optional_type(list(A)), int) optional_type(A)",
                 "(optional_type(map(A, B)), A) optional_type(B)"},
                nullptr);
}

}  // namespace

void AddStandardLibrary(Environment& e) {
  AddOperators(e);
  e.AddFunction("int",
                {"(int) int", "(uint) int", "(double) int", "(string) int", "(timestamp) int",
                 "(duration) int"},
                &ToInt);
  e.AddFunction("uint", {"(uint) uint", "(int) uint", "(double) uint", "(string) uint"}, &ToUint);
  e.AddFunction("double", {"(double) double", "(int) double", "(uint) double", "(string) double"},
                &ToDouble);
  e.AddFunction("bool", {"(bool) bool", "(string) bool"}, &ToBool);
  e.AddFunction("string",
                {"(string) string", "(bool) string", "(int) string", "(uint) string",
                 "(double) string", "(bytes) string", "(timestamp) string", "(duration) string",
                 "(net.IP) string", "(net.CIDR) string"},
                &ToString);
  e.AddFunction("bytes", {"(bytes) bytes", "(string) bytes"}, &ToBytes);
  e.AddFunction("timestamp", {"(timestamp) timestamp", "(string) timestamp", "(int) timestamp"},
                &ToTimestamp);
  e.AddFunction("duration", {"(duration) duration", "(string) duration", "(int) duration"},
                &ToDuration);
  e.AddFunction("dyn", {"(A) dyn"}, &ToDyn);
  e.AddFunction("type", {"(A) type(A)"}, &TypeOf);

  e.AddFunction("size",
                {"(string) int", "(bytes) int", "(list(A)) int", "(map(A, B)) int", "string.() int",
                 "bytes.() int", "list(A).() int", "map(A, B).() int"},
                &Size);
  e.AddFunction("contains", {"string.(string) bool"}, &Contains);
  e.AddFunction("startsWith", {"string.(string) bool"}, &StartsWith);
  e.AddFunction("endsWith", {"string.(string) bool"}, &EndsWith);
  e.AddFunction("matches", {"string.(string) bool", "(string, string) bool"}, &Matches);

  AddPart<Part::kYear>(e, "getFullYear", false);
  AddPart<Part::kMonth>(e, "getMonth", false);
  AddPart<Part::kDayOfYear>(e, "getDayOfYear", false);
  AddPart<Part::kDayOfMonth>(e, "getDayOfMonth", false);
  AddPart<Part::kDate>(e, "getDate", false);
  AddPart<Part::kDayOfWeek>(e, "getDayOfWeek", false);
  AddPart<Part::kHours>(e, "getHours", true);
  AddPart<Part::kMinutes>(e, "getMinutes", true);
  AddPart<Part::kSeconds>(e, "getSeconds", true);
  AddPart<Part::kMilliseconds>(e, "getMilliseconds", true);

  e.Describe("int", "as a whole number; of a time its seconds since 1970",
             "int(order.total) % 100 == 0");
  e.Describe("uint", "as a whole number that is never negative", "uint(order.quantity) > 3u");
  e.Describe("double", "as a decimal", "order.total / double(order.quantity) > 150.0");
  e.Describe("bool", "'true' or 'false' as a boolean", "bool('true')");
  e.Describe("string", "as a text", "string(order.quantity) == '3'");
  e.Describe("bytes", "a text as bytes", "bytes(order.note).size() > 500");
  e.Describe("timestamp", "a time from RFC 3339 or seconds since 1970",
             "order.placed_at > timestamp('2026-01-01T00:00:00Z')");
  e.Describe("duration", "a span of time: 90s, 15m, 24h",
             "order.placed_at - order.buyer.registered_at < duration('24h')");
  e.Describe("dyn", "a value whose type is checked at run time",
             "dyn(order.attributes['count']) > 3");
  e.Describe("type", "the type of a value", "type(order.attributes['coupon']) == string");
  e.Describe("size", "characters, elements or entries", "size(order.items) > 10");
  e.Describe("contains", "whether the text contains the other text",
             "order.note.contains('urgent')");
  e.Describe("startsWith", "whether the text begins with the other text",
             "order.buyer.phone.startsWith('+234')");
  e.Describe("endsWith", "whether the text ends with the other text",
             "order.buyer.email.endsWith('.xyz')");
  e.Describe("matches", "whether an RE2 pattern matches a part of the text",
             "order.buyer.email.matches('^[a-z]+[0-9]{4,}@')");
  e.Describe("getFullYear", "the year, in a time zone or in UTC",
             "order.placed_at.getFullYear() == 2026");
  e.Describe("getMonth", "the month, 0 to 11", "order.placed_at.getMonth() == 11");
  e.Describe("getDayOfYear", "the day of the year, from 0", "order.placed_at.getDayOfYear() == 0");
  e.Describe("getDayOfMonth", "the day of the month, from 0",
             "order.placed_at.getDayOfMonth() == 0");
  e.Describe("getDate", "the day of the month, from 1", "order.placed_at.getDate() == 1");
  e.Describe("getDayOfWeek", "the day of the week, 0 is Sunday",
             "order.placed_at.getDayOfWeek('Europe/Berlin') in [0, 6]");
  e.Describe("getHours", "the hour, 0 to 23; of a duration all its hours",
             "order.placed_at.getHours('America/New_York') < 6");
  e.Describe("getMinutes", "the minute; of a duration all its minutes",
             "order.placed_at.getMinutes() == 0");
  e.Describe("getSeconds", "the second; of a duration all its seconds",
             "order.placed_at.getSeconds() == 0");
  e.Describe("getMilliseconds", "the thousandths of the second",
             "order.placed_at.getMilliseconds() == 0");
}

}  // namespace holdfast::cel
