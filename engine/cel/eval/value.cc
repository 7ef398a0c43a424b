#include "engine/cel/eval/value.h"

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"

namespace holdfast::cel {
namespace {

constexpr double kTwo63 = 9223372036854775808.0;
constexpr double kTwo64 = 18446744073709551616.0;

template <typename T>
int Sign(T a, T b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

int OrderIntUint(std::int64_t a, std::uint64_t b) {
  return a < 0 ? -1 : Sign(static_cast<std::uint64_t>(a), b);
}

// Doubles beyond the other type's range are decided first, the rest as doubles.
int OrderIntDouble(std::int64_t a, double b) {
  if (std::isnan(b)) return 2;
  if (b >= kTwo63) return b > kTwo63 ? -1 : Sign(static_cast<double>(a), b);
  if (b < -kTwo63) return 1;
  return Sign(static_cast<double>(a), b);
}

int OrderUintDouble(std::uint64_t a, double b) {
  if (std::isnan(b)) return 2;
  if (b < 0) return 1;
  if (b > kTwo64) return -1;
  return Sign(static_cast<double>(a), b);
}

int Reverse(int order) { return order == 2 ? 2 : -order; }

int OrderNumbers(const Value& a, const Value& b) {
  switch (a.kind) {
    case Kind::kInt:
      if (b.kind == Kind::kInt) return Sign(a.integer, b.integer);
      if (b.kind == Kind::kUint) return OrderIntUint(a.integer, b.uinteger);
      return OrderIntDouble(a.integer, b.number);
    case Kind::kUint:
      if (b.kind == Kind::kUint) return Sign(a.uinteger, b.uinteger);
      if (b.kind == Kind::kInt) return Reverse(OrderIntUint(b.integer, a.uinteger));
      return OrderUintDouble(a.uinteger, b.number);
    default:
      if (b.kind == Kind::kInt) return Reverse(OrderIntDouble(b.integer, a.number));
      if (b.kind == Kind::kUint) return Reverse(OrderUintDouble(b.uinteger, a.number));
      if (std::isnan(a.number) || std::isnan(b.number)) return 2;
      return Sign(a.number, b.number);
  }
}

int OrderText(const Value& a, const Value& b) { return Sign(a.AsText().compare(b.AsText()), 0); }

}  // namespace

std::string_view TypeNameOf(const Value& value) {
  switch (value.kind) {
    case Kind::kNull:
      return "null_type";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kUint:
      return "uint";
    case Kind::kDouble:
      return "double";
    case Kind::kString:
      return "string";
    case Kind::kBytes:
      return "bytes";
    case Kind::kTimestamp:
      return "google.protobuf.Timestamp";
    case Kind::kDuration:
      return "google.protobuf.Duration";
    case Kind::kList:
      return "list";
    case Kind::kMap:
      return "map";
    case Kind::kType:
      return "type";
    case Kind::kRecord:
      return "record";
    case Kind::kSet:
      return "set";
    case Kind::kOptional:
      return "optional_type";
    case Kind::kIp:
      return "net.IP";
    case Kind::kCidr:
      return "net.CIDR";
    case Kind::kError:
      return "error";
    case Kind::kUnknown:
    case Kind::kUnread:
      return "unknown";
  }
  return "unknown";
}

bool Equal(const Value& a, const Value& b) {
  HOLDFAST_SLOW_CHECK(!a.IsAbsent() && !b.IsAbsent());
  if (a.IsNumber() && b.IsNumber()) return OrderNumbers(a, b) == 0;
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
      return a.boolean == b.boolean;
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kType:
      return a.AsText() == b.AsText();
    case Kind::kTimestamp:
      return a.integer == b.integer && a.size == b.size;
    case Kind::kDuration:
      return a.integer == b.integer;
    case Kind::kIp:
      return *a.address == *b.address;
    case Kind::kCidr:
      return a.size == b.size && *a.address == *b.address;
    case Kind::kList:
    case Kind::kOptional:
    case Kind::kRecord: {
      if (a.size != b.size) return false;
      for (std::uint32_t i = 0; i < a.size; ++i) {
        if (!Equal(a.elements[i], b.elements[i])) return false;
      }
      return true;
    }
    case Kind::kMap: {
      if (a.size != b.size) return false;
      for (const MapEntry& entry : a.AsMap()) {
        const Value* other = Find(b, entry.key);
        if (other == nullptr || !Equal(entry.value, *other)) return false;
      }
      return true;
    }
    case Kind::kSet:
      return a.set == b.set;
    default:
      return false;
  }
}

int Order(const Value& a, const Value& b) {
  if (a.IsNumber() && b.IsNumber()) return OrderNumbers(a, b);
  if (a.kind != b.kind) return 3;
  switch (a.kind) {
    case Kind::kBool:
      return Sign(static_cast<int>(a.boolean), static_cast<int>(b.boolean));
    case Kind::kString:
    case Kind::kBytes:
      return OrderText(a, b);
    case Kind::kTimestamp:
      return a.integer != b.integer ? Sign(a.integer, b.integer) : Sign(a.size, b.size);
    case Kind::kDuration:
      return Sign(a.integer, b.integer);
    default:
      return 3;
  }
}

const Value* Find(const Value& map, const Value& key) {
  for (const MapEntry& entry : map.AsMap()) {
    if (Equal(entry.key, key)) return &entry.value;
  }
  return nullptr;
}

Value DeepCopy(const Value& value, Arena& arena) {
  Value copy = value;
  switch (value.kind) {
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kType:
    case Kind::kError:
      copy.text = arena.Copy(value.AsText()).data();
      break;
    case Kind::kList:
    case Kind::kOptional:
    case Kind::kRecord: {
      Value* elements = arena.AllocateArray<Value>(value.size);
      for (std::uint32_t i = 0; i < value.size; ++i) {
        new (elements + i) Value(DeepCopy(value.elements[i], arena));
      }
      copy.elements = elements;
      break;
    }
    case Kind::kMap: {
      MapEntry* entries = arena.AllocateArray<MapEntry>(value.size);
      for (std::uint32_t i = 0; i < value.size; ++i) {
        new (entries + i) MapEntry{DeepCopy(value.entries[i].key, arena),
                                   DeepCopy(value.entries[i].value, arena)};
      }
      copy.entries = entries;
      break;
    }
    case Kind::kIp:
    case Kind::kCidr:
      copy.address = new (arena.Allocate(sizeof(IpAddress))) IpAddress(*value.address);
      break;
    case Kind::kUnknown: {
      std::uint32_t* facts = arena.AllocateArray<std::uint32_t>(value.size);
      std::copy(value.facts, value.facts + value.size, facts);
      copy.facts = facts;
      break;
    }
    default:
      break;
  }
  return copy;
}

Value JoinAbsent(const Value& a, const Value& b, Arena& arena) {
  HOLDFAST_SLOW_CHECK(a.IsAbsent() || b.IsAbsent());
  if (a.Is(Kind::kError)) return a;
  if (b.Is(Kind::kError)) return b;
  if (!a.Is(Kind::kUnknown)) return b;
  if (!b.Is(Kind::kUnknown)) return a;
  std::uint32_t* facts = arena.AllocateArray<std::uint32_t>(a.size + b.size);
  const auto* end = std::set_union(a.facts, a.facts + a.size, b.facts, b.facts + b.size, facts);
  return Value::Unknown(facts, static_cast<std::size_t>(end - facts));
}

std::string ToText(const Value& value) {
  switch (value.kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return value.boolean ? "true" : "false";
    case Kind::kInt:
      return std::to_string(value.integer);
    case Kind::kUint:
      return std::to_string(value.uinteger);
    case Kind::kDouble:
      return FormatDouble(value.number);
    case Kind::kTimestamp:
      return FormatRfc3339(value.AsTime());
    case Kind::kDuration:
      return FormatDuration(value.integer);
    case Kind::kList: {
      std::string text = "[";
      for (const Value& element : value.AsList()) {
        if (text.size() > 1) text += ", ";
        text += ToText(element);
      }
      return text + "]";
    }
    case Kind::kMap: {
      std::string text = "{";
      for (const MapEntry& entry : value.AsMap()) {
        if (text.size() > 1) text += ", ";
        text += ToText(entry.key) + ": " + ToText(entry.value);
      }
      return text + "}";
    }
    case Kind::kRecord:
      return "(record)";
    case Kind::kSet:
      return "(list)";
    case Kind::kOptional:
      return value.size == 0 ? "none" : "optional(" + ToText(*value.elements) + ")";
    case Kind::kIp:
      return FormatIp(*value.address);
    case Kind::kCidr:
      return FormatIpNetwork(value.AsNetwork());
    case Kind::kUnknown:
      return "(missing)";
    case Kind::kBytes:
      return IsValidUtf8(value.AsText()) ? std::string(value.AsText()) : "(bytes)";
    default:
      return std::string(value.AsText());
  }
}

}  // namespace holdfast::cel
