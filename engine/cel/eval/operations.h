// Operations: the functions behind the operators of the language. The machine, the predicate and
// the walker use them.
//
// An argument of a wrong type gives an error. Memory for results comes from `arena`.
#pragma once

#include <cstdint>
#include <cstring>

#include "engine/cel/eval/value.h"
#include "engine/cel/frontend/ast.h"
#include "engine/cel/frontend/environment.h"

namespace holdfast::cel {

inline constexpr std::uint32_t kShortText = 16;  // SameText compares them without a call

// Same bytes? Short texts (countries, states, words) are compared without a call.
inline bool SameText(const Value& a, const Value& b) {
  if (a.size != b.size) return false;
  const char* p = a.text;
  const char* q = b.text;
  const std::uint32_t size = a.size;
  if (size > kShortText) return std::memcmp(p, q, size) == 0;
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

enum class Relation : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual
};

// The value that a literal stands for; texts are views of `literal`.
Value ToValue(const Literal& literal);

// What an operation that needs a bool gives when it met something else.
inline Value Fault(const Value& value) { return value.IsAbsent() ? value : NoOverload(); }

Value And(const Value& a, const Value& b, Arena& arena);
Value Or(const Value& a, const Value& b, Arena& arena);

// Any two values, by what they are.
Value Relate(Relation relation, const Value& a, const Value& b, Arena& arena);

// No argument of those below may be absent.
Value Add(const Value& a, const Value& b, Arena& arena);
Value Subtract(const Value& a, const Value& b);
Value Multiply(const Value& a, const Value& b);
Value DivideOrModulo(const Value& a, const Value& b, bool modulo);
Value Negate(const Value& a);
Value In(const Value& a, const Value& b);

// container[key]; of an optional, the optional of that.
Value Index(const Value& container, const Value& key, Arena& arena);
// container[?key] of a list, a map or an optional of one: an optional, none where there is nothing.
Value OptionalIndex(const Value& container, const Value& key, Arena& arena);
// container.name of a map, or of an optional of one.
Value Select(const Value& container, const Value& name, Arena& arena);
// has(container.name) of a map, or of an optional of one.
Value HasKey(const Value& container, const Value& name, Arena& arena);
// container.field by its number, of a record or an optional of one.
Value Field(const Value& container, std::size_t field, Arena& arena);
// container.?field by its number: an optional, none where the field is missing.
Value OptionalField(const Value& container, std::size_t field, Arena& arena);
Value HasField(const Value& container, std::size_t field);

// Of a fact that may be missing, the optional.
Value OptionalOf(const Value& fact, Arena& arena);

// Finds absent values among `values`; joined in `out` when there are any.
bool AnyAbsent(const Value* values, std::size_t count, Arena& arena, Value& out);

// A list of `count` values; of those marked in `optional` (or none, when null) what they hold.
Value MakeList(const Value* values, std::size_t count, const bool* optional, Arena& arena);
// A map of `entries` keys and values in turn; likewise for the values.
Value MakeMap(const Value* values, std::size_t entries, const bool* optional, Arena& arena);

// Both maps in one. Errors: a key that both have.
Value JoinMaps(const Value& a, const Value& b, Arena& arena);

}  // namespace holdfast::cel
