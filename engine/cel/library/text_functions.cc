// Functions on text: positions, parts, replacement, formatting. Positions count code points.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "engine/base/base64.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/cel/frontend/environment.h"

namespace holdfast::cel {
namespace {

using Args = std::span<const Value>;

constexpr std::size_t kResultBytesMax = 16 << 20;

Value PositionError() { return Value::Error("position out of range"); }
Value TooLong() { return Value::Error("the text would be too long"); }
Value Made(Arena& arena, std::string_view text) { return Value::String(arena.Copy(text)); }

bool AllText(Args args) {
  return std::all_of(args.begin(), args.end(), [](const Value& v) { return v.Is(Kind::kString); });
}

// The byte at which code point number `index` begins; the text's size for the number after the
// last; npos beyond.
std::size_t ByteOf(std::string_view text, std::int64_t index) {
  if (index < 0) return std::string_view::npos;
  std::size_t at = 0;
  for (; index > 0 && at < text.size(); --index) NextCodePoint(text, at);
  return index == 0 ? at : std::string_view::npos;
}

std::int64_t IndexOfByte(std::string_view text, std::size_t byte) {
  return static_cast<std::int64_t>(CountCodePoints(text.substr(0, byte)));
}

Value CharAt(Args args, Arena&) {
  if (!args[0].Is(Kind::kString) || !args[1].Is(Kind::kInt)) return NoOverload();
  const std::string_view text = args[0].AsText();
  const std::size_t begin = ByteOf(text, args[1].integer);
  if (begin == std::string_view::npos) return PositionError();
  std::size_t end = begin;
  if (end < text.size()) NextCodePoint(text, end);
  return Value::String(text.substr(begin, end - begin));
}

Value IndexOf(Args args, Arena&) {
  if (!AllText(args.first(2)) || (args.size() == 3 && !args[2].Is(Kind::kInt))) return NoOverload();
  const std::string_view text = args[0].AsText();
  const std::size_t from = args.size() == 3 ? ByteOf(text, args[2].integer) : 0;
  if (from == std::string_view::npos) return PositionError();
  const std::size_t found = text.find(args[1].AsText(), from);
  return Value::Int(found == std::string_view::npos ? -1 : IndexOfByte(text, found));
}

Value LastIndexOf(Args args, Arena&) {
  if (!AllText(args.first(2)) || (args.size() == 3 && !args[2].Is(Kind::kInt))) return NoOverload();
  const std::string_view text = args[0].AsText();
  const std::size_t from = args.size() == 3 ? ByteOf(text, args[2].integer) : text.size();
  if (from == std::string_view::npos) return PositionError();
  const std::size_t found = text.rfind(args[1].AsText(), from);
  return Value::Int(found == std::string_view::npos ? -1 : IndexOfByte(text, found));
}

Value Substring(Args args, Arena&) {
  if (!args[0].Is(Kind::kString)) return NoOverload();
  for (const Value& position : args.subspan(1)) {
    if (!position.Is(Kind::kInt)) return NoOverload();
  }
  const std::string_view text = args[0].AsText();
  const std::size_t begin = ByteOf(text, args[1].integer);
  const std::size_t end = args.size() == 3 ? ByteOf(text, args[2].integer) : text.size();
  if (begin == std::string_view::npos || end == std::string_view::npos || begin > end) {
    return PositionError();
  }
  return Value::String(text.substr(begin, end - begin));
}

// Allocates `size` bytes for a text in the arena.
char* Room(Arena& arena, std::size_t size) { return arena.AllocateArray<char>(size); }

// Calls `found(begin)` with each position of `part` in `text`, at most `limit` times (negative:
// all). An empty part matches before every code point and at the end.
template <typename Found>
void ForEachOccurrence(std::string_view text, std::string_view part, std::int64_t limit,
                       Found found) {
  for (std::size_t at = 0; limit != 0; --limit) {
    at = text.find(part, at);
    if (at == std::string_view::npos) return;
    found(at);
    if (!part.empty()) {
      at += part.size();
    } else if (at == text.size()) {
      return;
    } else {
      NextCodePoint(text, at);
    }
  }
}

Value Replace(Args args, Arena& arena) {
  if (!AllText(args.first(3)) || (args.size() == 4 && !args[3].Is(Kind::kInt))) return NoOverload();
  const std::string_view text = args[0].AsText(), from = args[1].AsText(), to = args[2].AsText();
  const std::int64_t limit = args.size() == 4 ? args[3].integer : -1;
  std::size_t count = 0;
  ForEachOccurrence(text, from, limit, [&](std::size_t) { ++count; });
  const std::size_t size = text.size() - count * from.size() + count * to.size();
  if (size > kResultBytesMax) return TooLong();
  char* const out = Room(arena, size);
  char* next = out;
  std::size_t done = 0;
  ForEachOccurrence(text, from, limit, [&](std::size_t begin) {
    next += text.copy(next, begin - done, done);
    next += to.copy(next, to.size());
    done = begin + from.size();
  });
  text.copy(next, text.size() - done, done);
  return Value::String({out, size});
}

// The parts of `text` between separators, at most `limit`; an empty separator parts code points.
template <typename Take>
void ForEachPart(std::string_view text, std::string_view separator, std::int64_t limit, Take take) {
  if (limit == 0) return;
  std::size_t begin = 0;
  for (std::int64_t parts = 1; limit < 0 || parts < limit; ++parts) {
    std::size_t end = begin, next = begin;
    if (!separator.empty()) {
      end = text.find(separator, begin);
      if (end == std::string_view::npos) break;
      next = end + separator.size();
    } else {
      if (begin == text.size()) return;
      NextCodePoint(text, end);
      if (end == text.size()) break;
      next = end;
    }
    take(text.substr(begin, end - begin));
    begin = next;
  }
  if (separator.empty() && begin == text.size()) return;
  take(text.substr(begin));
}

Value Split(Args args, Arena& arena) {
  if (!AllText(args.first(2)) || (args.size() == 3 && !args[2].Is(Kind::kInt))) return NoOverload();
  const std::string_view text = args[0].AsText(), separator = args[1].AsText();
  const std::int64_t limit = args.size() == 3 ? args[2].integer : -1;
  std::size_t count = 0;
  ForEachPart(text, separator, limit, [&](std::string_view) { ++count; });
  if (count > kResultBytesMax / sizeof(Value)) return TooLong();
  auto* const elements = arena.AllocateArray<Value>(count);
  Value* next = elements;
  ForEachPart(text, separator, limit,
              [&](std::string_view part) { new (next++) Value(Value::String(part)); });
  return Value::List(elements, count);
}

Value Join(Args args, Arena& arena) {
  if (!args[0].Is(Kind::kList) || (args.size() == 2 && !args[1].Is(Kind::kString))) {
    return NoOverload();
  }
  const std::string_view separator = args.size() == 2 ? args[1].AsText() : std::string_view();
  std::size_t size = 0;
  for (const Value& element : args[0].AsList()) {
    if (!element.Is(Kind::kString)) return NoOverload();
    size += element.size + (&element == args[0].elements ? 0 : separator.size());
  }
  if (size > kResultBytesMax) return TooLong();
  char* const out = Room(arena, size);
  char* next = out;
  for (const Value& element : args[0].AsList()) {
    if (&element != args[0].elements) next += separator.copy(next, separator.size());
    next += element.AsText().copy(next, element.size);
  }
  return Value::String({out, size});
}

template <char kFrom, char kTo>
Value ChangeCase(Args args, Arena& arena) {
  if (!args[0].Is(Kind::kString)) return NoOverload();
  char* const out = Room(arena, args[0].size);
  char* next = out;
  for (const char c : args[0].AsText()) {
    *next++ = c >= kFrom && c < kFrom + 26 ? static_cast<char>(c - kFrom + kTo) : c;
  }
  return Value::String({out, args[0].size});
}

// Unicode's White_Space property.
bool IsWhiteSpace(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

Value TrimSpace(Args args, Arena&) {
  if (!args[0].Is(Kind::kString)) return NoOverload();
  const std::string_view text = args[0].AsText();
  std::size_t begin = text.size(), end = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    if (IsWhiteSpace(NextCodePoint(text, at))) continue;
    begin = std::min(begin, start);
    end = at;
  }
  return Value::String(begin < end ? text.substr(begin, end - begin) : std::string_view());
}

Value Reverse(Args args, Arena& arena) {
  if (!args[0].Is(Kind::kString)) return NoOverload();
  const std::string_view text = args[0].AsText();
  char* const out = Room(arena, text.size());
  std::size_t place = text.size();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    NextCodePoint(text, at);
    place -= at - begin;
    text.copy(out + place, at - begin, begin);
  }
  return Value::String({out, text.size()});
}

Value QuoteText(Args args, Arena& arena) {
  if (!args[0].Is(Kind::kString)) return NoOverload();
  constexpr std::string_view kPlain = "\a\b\f\n\r\t\v\\\"";
  constexpr std::string_view kLetters = "abfnrtv\\\"";
  std::string out = "\"";
  for (const char c : args[0].AsText()) {
    const std::size_t found = kPlain.find(c);
    if (found != std::string_view::npos) out += '\\';
    out += found != std::string_view::npos ? kLetters[found] : c;
  }
  return Made(arena, out + "\"");
}

// ---- format -------------------------------------------------------------------------------------

constexpr int kNestedMax = 32;

// The text of `value` for %s; false for values without one.
bool AppendText(const Value& value, std::string& out, int depth = 0) {
  if (depth > kNestedMax || out.size() > kResultBytesMax) return false;
  switch (value.kind) {
    case Kind::kList: {
      out += '[';
      for (std::uint32_t i = 0; i < value.size; ++i) {
        if (i > 0) out += ", ";
        if (!AppendText(value.elements[i], out, depth + 1)) return false;
      }
      out += ']';
      return true;
    }
    case Kind::kMap: {
      std::vector<std::pair<std::string, std::string>> entries(value.size);
      for (std::uint32_t i = 0; i < value.size; ++i) {
        if (!AppendText(value.entries[i].key, entries[i].first, depth + 1) ||
            !AppendText(value.entries[i].value, entries[i].second, depth + 1)) {
          return false;
        }
      }
      std::sort(entries.begin(), entries.end());
      out += '{';
      for (std::size_t i = 0; i < entries.size(); ++i) {
        if (i > 0) out += ", ";
        out += entries[i].first + ": " + entries[i].second;
      }
      out += '}';
      return true;
    }
    case Kind::kRecord:
    case Kind::kSet:
    case Kind::kOptional:
    case Kind::kError:
    case Kind::kUnknown:
      return false;
    default:
      out += ToText(value);
      return true;
  }
}

bool AppendSpecial(const Value& value, std::string& out) {
  if (!value.Is(Kind::kDouble) || std::isfinite(value.number)) return false;
  out += FormatDouble(value.number);
  return true;
}

bool AppendDecimal(const Value& value, std::string& out) {
  if (!value.IsNumber()) return false;
  out += ToText(value);
  return true;
}

// %f and %e: rounded half to even on the exact value, as C does.
bool AppendFloat(const Value& value, char verb, int precision, std::string& out) {
  if (AppendSpecial(value, out)) return true;
  if (!value.IsNumber()) return false;
  const double number = value.Is(Kind::kDouble) ? value.number
                        : value.Is(Kind::kInt)  ? static_cast<double>(value.integer)
                                                : static_cast<double>(value.uinteger);
  char buffer[512];
  const int size =
      std::snprintf(buffer, sizeof buffer, verb == 'f' ? "%.*f" : "%.*e", precision, number);
  if (size < 0 || size >= static_cast<int>(sizeof buffer)) return false;
  out.append(buffer, static_cast<std::size_t>(size));
  return true;
}

// %x, %X, %o and %b of a whole number; %b of a bool; %x of a text or bytes.
bool AppendBase(const Value& value, char verb, std::string& out) {
  const char* digits = verb == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
  const bool is_hex = verb == 'x' || verb == 'X';
  if (is_hex && (value.Is(Kind::kString) || value.Is(Kind::kBytes))) {
    for (const char c : value.AsText()) {
      const auto byte = static_cast<unsigned char>(c);
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
    return true;
  }
  if (verb == 'b' && value.Is(Kind::kBool)) {
    out += value.boolean ? '1' : '0';
    return true;
  }
  if (!value.Is(Kind::kInt) && !value.Is(Kind::kUint)) return false;
  const bool negative = value.Is(Kind::kInt) && value.integer < 0;
  std::uint64_t left = negative ? ~value.uinteger + 1 : value.uinteger;
  const unsigned base = is_hex ? 16 : verb == 'o' ? 8 : 2;
  std::string reversed;
  do {
    reversed += digits[left % base];
    left /= base;
  } while (left > 0);
  if (negative) out += '-';
  out.append(reversed.rbegin(), reversed.rend());
  return true;
}

bool AppendVerb(const Value& value, char verb, int precision, std::string& out) {
  switch (verb) {
    case 's':
      return AppendText(value, out);
    case 'd':
      return AppendDecimal(value, out);
    case 'f':
    case 'e':
      return AppendFloat(value, verb, precision, out);
    default:
      return AppendBase(value, verb, out);
  }
}

Value Format(Args args, Arena& arena) {
  if (!args[0].Is(Kind::kString) || !args[1].Is(Kind::kList)) return NoOverload();
  constexpr int kPrecision = 6, kPrecisionMax = 100;
  const std::string_view text = args[0].AsText();
  const auto values = args[1].AsList();
  std::size_t used = 0;
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (out.size() > kResultBytesMax) return TooLong();
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    if (++at == text.size()) return Value::Error("format: '%' at the end");
    if (text[at] == '%') {
      out += '%';
      continue;
    }
    int precision = kPrecision;
    if (text[at] == '.') {
      precision = 0;
      for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
        precision = std::min(precision * 10 + (text[at] - '0'), kPrecisionMax + 1);
      }
      if (precision > kPrecisionMax) return Value::Error("format: more than 100 digits");
      if (at == text.size()) return Value::Error("format: '%' without a verb");
    }
    constexpr std::string_view kVerbs = "sdfexXob";
    if (kVerbs.find(text[at]) == std::string_view::npos) {
      return Value::Error("format: the verbs are %s %d %f %e %x %X %o %b %%");
    }
    if (used == values.size()) return Value::Error("format: more verbs than values");
    if (!AppendVerb(values[used++], text[at], precision, out)) {
      return Value::Error("format: a value does not fit its verb");
    }
  }
  return out.size() > kResultBytesMax ? TooLong() : Made(arena, out);
}

// ---- base64 -------------------------------------------------------------------------------------

Value Encode(Args args, Arena& arena) {
  if (!args[0].Is(Kind::kBytes)) return NoOverload();
  return Made(arena, EncodeBase64(args[0].AsText()));
}

Value Decode(Args args, Arena& arena) {
  if (!args[0].Is(Kind::kString)) return NoOverload();
  const auto bytes = DecodeBase64(args[0].AsText());
  if (!bytes) return Value::Error("not base64");
  return Value::Bytes(arena.Copy(*bytes));
}

}  // namespace

void AddTextFunctions(Environment& e) {
  e.AddFunction("charAt", {"string.(int) string"}, &CharAt);
  e.Describe("charAt", "the character at a position, counted from 0", "order.id.charAt(0) == 'X'");
  e.AddFunction("indexOf", {"string.(string) int", "string.(string, int) int"}, &IndexOf);
  e.Describe("indexOf", "first position of a text, from a position on; -1 if not found",
             "order.buyer.email.indexOf('@') > 20");
  e.AddFunction("lastIndexOf", {"string.(string) int", "string.(string, int) int"}, &LastIndexOf);
  e.Describe("lastIndexOf", "last position of a text, up to a position; -1 if not found",
             "order.buyer.email.lastIndexOf('.') > 30");
  e.AddFunction("substring", {"string.(int) string", "string.(int, int) string"}, &Substring);
  e.Describe("substring", "the part from a position up to another one or the end",
             "order.id.substring(0, 2) == 'TX'");
  e.AddFunction("replace",
                {"string.(string, string) string", "string.(string, string, int) string"},
                &Replace);
  e.Describe("replace", "with every occurrence, or so many, replaced",
             "order.buyer.phone.replace(' ', '').startsWith('+234')");
  e.AddFunction("split", {"string.(string) list(string)", "string.(string, int) list(string)"},
                &Split);
  e.Describe("split", "the parts between separators, at most so many",
             "order.buyer.name.split(' ').size() == 1");
  e.AddFunction("join", {"list(string).() string", "list(string).(string) string"}, &Join);
  e.Describe("join", "the texts of a list in a row, with a separator",
             "order.items.map(i, i.sku).join(',').contains('GIFT')");
  e.AddFunction("lowerAscii", {"string.() string"}, &ChangeCase<'A', 'a'>);
  e.Describe("lowerAscii", "with A to Z in lower case",
             "order.buyer.email.lowerAscii().endsWith('@example.com')");
  e.AddFunction("upperAscii", {"string.() string"}, &ChangeCase<'a', 'A'>);
  e.Describe("upperAscii", "with a to z in upper case",
             "order.shipping.name.upperAscii() == 'TEST'");
  e.AddFunction("trim", {"string.() string"}, &TrimSpace);
  e.Describe("trim", "without white space at both ends", "order.note.trim() == ''");
  e.AddFunction("reverse", {"string.() string"}, &Reverse);
  e.Describe("reverse", "backwards", "order.id.reverse().startsWith('0')");
  e.AddFunction("format", {"string.(list(dyn)) string"}, &Format);
  e.Describe("format", "with %s %d %f %e %x %o %b replaced by the list's values",
             "order.note == 'order %s'.format([order.id])");
  e.AddFunction("strings.quote", {"(string) string"}, &QuoteText);
  e.Describe("strings.quote", "in double quotes, special characters escaped",
             "strings.quote(order.note).size() > 500");
  e.AddFunction("base64.encode", {"(bytes) string"}, &Encode);
  e.Describe("base64.encode", "bytes as base64", "base64.encode(b'hello') == 'aGVsbG8='");
  e.AddFunction("base64.decode", {"(string) bytes"}, &Decode);
  e.Describe("base64.decode", "the bytes of a base64 text, padding not needed",
             "base64.decode('aGVsbG8') == b'hello'");
}

}  // namespace holdfast::cel
