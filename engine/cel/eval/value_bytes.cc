#include "engine/cel/eval/value_bytes.h"

namespace holdfast::cel {
namespace {

// The numbers are stored on disk.
enum class Tag : std::uint8_t {
  kNull = 1,
  kFalse,
  kTrue,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kTimestamp,
  kDuration,
  kList,
  kMap,
  kRecord,
  kNone,
  kOptional,
  kIp,
  kCidr,
  kError,
  kUnknown,
};

void PutTag(Tag tag, std::string& out) { out += static_cast<char>(tag); }

void PutAll(Tag tag, std::span<const Value> values, std::string& out) {
  PutTag(tag, out);
  PutVarint(values.size(), out);
  for (const Value& value : values) PutValue(value, out);
}

void PutAddress(const IpAddress& address, std::string& out) {
  out.append(reinterpret_cast<const char*>(address.data()), address.size());
}

// Limits the nesting of values that are read; written values are not deeper.
constexpr int kDepthMost = 64;

Value Get(ByteReader& in, Arena& arena, int depth);

const Value* GetAll(ByteReader& in, Arena& arena, int depth, std::size_t size) {
  Value* values = arena.AllocateArray<Value>(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = Get(in, arena, depth + 1);
  return values;
}

const IpAddress& GetAddress(ByteReader& in, Arena& arena) {
  auto* address = arena.AllocateArray<IpAddress>(1);
  for (auto& byte : *address) byte = in.Byte();
  return *address;
}

Value Get(ByteReader& in, Arena& arena, int depth) {
  if (depth > kDepthMost) in.Fail();
  switch (static_cast<Tag>(in.Byte())) {
    case Tag::kNull:
      return Value::Null();
    case Tag::kFalse:
      return Value::Bool(false);
    case Tag::kTrue:
      return Value::Bool(true);
    case Tag::kInt:
      return Value::Int(in.Signed());
    case Tag::kUint:
      return Value::Uint(in.Varint());
    case Tag::kDouble:
      return Value::Double(in.Double());
    case Tag::kString:
      return Value::String(in.Text());
    case Tag::kBytes:
      return Value::Bytes(in.Text());
    case Tag::kTimestamp: {
      const std::int64_t seconds = in.Signed();
      return Value::Timestamp({seconds, static_cast<std::uint32_t>(in.Varint())});
    }
    case Tag::kDuration:
      return Value::Duration(in.Signed());
    case Tag::kList: {
      const std::size_t size = in.Count();
      return Value::List(GetAll(in, arena, depth, size), size);
    }
    case Tag::kMap: {
      const std::size_t size = in.Count();
      auto* entries = arena.AllocateArray<MapEntry>(size);
      for (std::size_t i = 0; i < size; ++i) {
        entries[i].key = Get(in, arena, depth + 1);
        entries[i].value = Get(in, arena, depth + 1);
      }
      return Value::Map(entries, size);
    }
    case Tag::kRecord: {
      const std::size_t size = in.Count();
      return Value::Record(GetAll(in, arena, depth, size), size);
    }
    case Tag::kNone:
      return Value::None();
    case Tag::kOptional:
      return Value::Optional(*GetAll(in, arena, depth, 1));
    case Tag::kIp:
      return Value::Ip(GetAddress(in, arena));
    case Tag::kCidr: {
      const IpAddress& address = GetAddress(in, arena);
      return Value::Cidr(address, in.Byte());
    }
    case Tag::kError:
      return Value::Error(in.Text());
    case Tag::kUnknown: {
      const std::size_t size = in.Count();
      auto* facts = arena.AllocateArray<std::uint32_t>(size);
      for (std::size_t i = 0; i < size; ++i) facts[i] = static_cast<std::uint32_t>(in.Varint());
      return Value::Unknown(facts, size);
    }
  }
  in.Fail();
  return Value::Error("damaged");
}

}  // namespace

void PutValue(const Value& value, std::string& out) {
  switch (value.kind) {
    case Kind::kNull:
      return PutTag(Tag::kNull, out);
    case Kind::kBool:
      return PutTag(value.boolean ? Tag::kTrue : Tag::kFalse, out);
    case Kind::kInt:
      PutTag(Tag::kInt, out);
      return PutSigned(value.integer, out);
    case Kind::kUint:
      PutTag(Tag::kUint, out);
      return PutVarint(value.uinteger, out);
    case Kind::kDouble:
      PutTag(Tag::kDouble, out);
      return PutDouble(value.number, out);
    case Kind::kString:
      PutTag(Tag::kString, out);
      return PutText(value.AsText(), out);
    case Kind::kBytes:
      PutTag(Tag::kBytes, out);
      return PutText(value.AsText(), out);
    case Kind::kTimestamp:
      PutTag(Tag::kTimestamp, out);
      PutSigned(value.integer, out);
      return PutVarint(value.size, out);
    case Kind::kDuration:
      PutTag(Tag::kDuration, out);
      return PutSigned(value.integer, out);
    case Kind::kList:
      return PutAll(Tag::kList, value.AsList(), out);
    case Kind::kRecord:
      return PutAll(Tag::kRecord, value.AsList(), out);
    case Kind::kMap:
      PutTag(Tag::kMap, out);
      PutVarint(value.size, out);
      for (const MapEntry& entry : value.AsMap()) {
        PutValue(entry.key, out);
        PutValue(entry.value, out);
      }
      return;
    case Kind::kOptional:
      if (value.size == 0) return PutTag(Tag::kNone, out);
      PutTag(Tag::kOptional, out);
      return PutValue(*value.elements, out);
    case Kind::kIp:
      PutTag(Tag::kIp, out);
      return PutAddress(*value.address, out);
    case Kind::kCidr:
      PutTag(Tag::kCidr, out);
      PutAddress(*value.address, out);
      out += static_cast<char>(value.size);
      return;
    case Kind::kError:
      PutTag(Tag::kError, out);
      return PutText(value.AsText(), out);
    case Kind::kUnknown:
      PutTag(Tag::kUnknown, out);
      PutVarint(value.size, out);
      for (const std::uint32_t fact : value.Facts()) PutVarint(fact, out);
      return;
    case Kind::kType:
    case Kind::kSet:
    case Kind::kUnread:
      PutTag(Tag::kError, out);
      return PutText("not kept", out);
  }
}

Value GetValue(ByteReader& in, Arena& arena) { return Get(in, arena, 0); }

}  // namespace holdfast::cel
