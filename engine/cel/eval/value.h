// Value: a value of an expression. Sixteen bytes, cheap to copy, owns nothing.
//
// Ownership: texts, lists, maps and records are views of memory that another object owns: the
// caller's (slots), the Program's (constants) or the Machine's arena (results).
//
// Errors and unknowns are values too. An *error* means that the expression failed (division by
// zero). An *unknown* lists the facts that would have been needed; the engine calls those missing.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/arena.h"
#include "engine/base/ip.h"
#include "engine/base/time.h"

namespace holdfast::cel {

enum class Kind : std::uint8_t {
  kNull,
  kBool,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kTimestamp,
  kDuration,
  kList,
  kMap,
  kType,
  kRecord,
  kSet,
  kOptional,
  kIp,
  kCidr,
  kError,
  kUnknown,
  kUnread,  // only in slots: a fact that the host has not read yet
};

struct Value;
struct MapEntry;

// A set of texts that expressions may ask `x in set`; the host implements it.
class TextSet {
 public:
  virtual ~TextSet() = default;
  virtual bool Contains(std::string_view text) const = 0;
  // The similarity of `text` to the most similar text of the set, from 0 to 1.
  virtual double Similarity(std::string_view text) const { return Contains(text) ? 1 : 0; }
};

struct Value {
  Kind kind = Kind::kNull;
  // Of a map that is a fact with free keys: 1 + the id of the fact. A key that it does not have is
  // a missing fact then. 0: the map is one of the language, where that is an error.
  std::uint16_t open_fact = 0;
  // Bytes, elements, entries, fields; nanoseconds of a timestamp; 1 or 0 of an optional; the bits
  // of a network's prefix.
  std::uint32_t size = 0;
  union {
    bool boolean;
    std::int64_t integer;  // kInt; kDuration in nanoseconds; kTimestamp in seconds since 1970
    std::uint64_t uinteger;
    double number;
    const char* text;         // kString, kBytes, kError (the message), kType (the type's name)
    const Value* elements;    // kList, kRecord, kOptional
    const MapEntry* entries;  // kMap
    const TextSet* set;
    const IpAddress* address;    // kIp, kCidr
    const std::uint32_t* facts;  // kUnknown: ids of the facts that were missing, ascending
  };

  constexpr Value() : integer(0) {}

  static Value Null() { return {}; }
  static Value Bool(bool b) {
    Value v;
    v.kind = Kind::kBool;
    v.boolean = b;
    return v;
  }
  static Value Int(std::int64_t i) {
    Value v;
    v.kind = Kind::kInt;
    v.integer = i;
    return v;
  }
  static Value Uint(std::uint64_t u) {
    Value v;
    v.kind = Kind::kUint;
    v.uinteger = u;
    return v;
  }
  static Value Double(double d) {
    Value v;
    v.kind = Kind::kDouble;
    v.number = d;
    return v;
  }
  static Value Text(Kind kind, std::string_view text) {
    Value v;
    v.kind = kind;
    v.size = static_cast<std::uint32_t>(text.size());
    v.text = text.data();
    return v;
  }
  static Value String(std::string_view text) { return Text(Kind::kString, text); }
  static Value Bytes(std::string_view bytes) { return Text(Kind::kBytes, bytes); }
  static Value Type(std::string_view name) { return Text(Kind::kType, name); }
  // `message` must outlive the value: a literal, or text in the arena.
  static Value Error(std::string_view message) { return Text(Kind::kError, message); }
  static Value Timestamp(WideTime time) {
    Value v;
    v.kind = Kind::kTimestamp;
    v.size = time.nanos;
    v.integer = time.seconds;
    return v;
  }
  static Value Duration(std::int64_t nanos) {
    Value v;
    v.kind = Kind::kDuration;
    v.integer = nanos;
    return v;
  }
  static Value List(const Value* elements, std::size_t size) {
    Value v;
    v.kind = Kind::kList;
    v.size = static_cast<std::uint32_t>(size);
    v.elements = elements;
    return v;
  }
  static Value Map(const MapEntry* entries, std::size_t size) {
    Value v;
    v.kind = Kind::kMap;
    v.size = static_cast<std::uint32_t>(size);
    v.entries = entries;
    return v;
  }
  // The fields in the order of the record's type.
  static Value Record(const Value* fields, std::size_t size) {
    Value v;
    v.kind = Kind::kRecord;
    v.size = static_cast<std::uint32_t>(size);
    v.elements = fields;
    return v;
  }
  static Value Set(const TextSet* set) {
    Value v;
    v.kind = Kind::kSet;
    v.set = set;
    return v;
  }
  // `value` outlives the result.
  static Value Optional(const Value& value) {
    Value v;
    v.kind = Kind::kOptional;
    v.size = 1;
    v.elements = &value;
    return v;
  }
  static Value None() {
    Value v;
    v.kind = Kind::kOptional;
    v.elements = nullptr;
    return v;
  }
  // `address` outlives the result.
  static Value Ip(const IpAddress& address) {
    Value v;
    v.kind = Kind::kIp;
    v.address = &address;
    return v;
  }
  // `prefix` counts from the address's first of 128 bits.
  static Value Cidr(const IpAddress& address, int prefix) {
    Value v;
    v.kind = Kind::kCidr;
    v.size = static_cast<std::uint32_t>(prefix);
    v.address = &address;
    return v;
  }
  static Value Unread() {
    Value v;
    v.kind = Kind::kUnread;
    return v;
  }
  static Value Unknown(const std::uint32_t* facts, std::size_t size) {
    Value v;
    v.kind = Kind::kUnknown;
    v.size = static_cast<std::uint32_t>(size);
    v.facts = facts;
    return v;
  }

  bool Is(Kind k) const { return kind == k; }
  bool IsTrue() const { return kind == Kind::kBool && boolean; }
  bool IsFalse() const { return kind == Kind::kBool && !boolean; }
  bool IsNumber() const {
    return kind == Kind::kInt || kind == Kind::kUint || kind == Kind::kDouble;
  }
  // kError, kUnknown or kUnread: what strict functions hand on instead of computing.
  bool IsAbsent() const { return kind >= Kind::kError; }

  std::string_view AsText() const { return {text, size}; }
  IpNetwork AsNetwork() const { return {*address, static_cast<int>(size)}; }
  WideTime AsTime() const { return {integer, size}; }
  std::span<const Value> AsList() const { return {elements, size}; }
  std::span<const MapEntry> AsMap() const;
  std::span<const std::uint32_t> Facts() const { return {facts, size}; }
};

struct MapEntry {
  Value key, value;
};

inline std::span<const MapEntry> Value::AsMap() const { return {entries, size}; }

// The name of the value's type as CEL spells it: "int", "google.protobuf.Timestamp".
std::string_view TypeNameOf(const Value& value);

// CEL equality: numbers on one line whatever their type, lists and maps in depth, values of
// different types unequal, NaN unequal to all. REQUIRES: neither is absent.
bool Equal(const Value& a, const Value& b);

// The order of two values: -1, 0, 1; 2 when either is NaN; 3 when they have no order (the
// overload does not exist).
int Order(const Value& a, const Value& b);

// The entry of `map` under `key` (numbers compare by value), or null.
const Value* Find(const Value& map, const Value& key);

// A copy of `value` whose memory is all in `arena`.
Value DeepCopy(const Value& value, Arena& arena);

// Of two absent values, what their combination is outside && and ||: an error wins over unknowns,
// unknowns are joined. Values that are not absent do not count. REQUIRES: one is absent.
Value JoinAbsent(const Value& a, const Value& b, Arena& arena);

// For people: texts as they are, doubles short, lists and maps in brackets.
std::string ToText(const Value& value);

}  // namespace holdfast::cel
