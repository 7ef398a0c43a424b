// Schema: tables of the fields of every JSON object, used to read and to write.
//
// A row has a field's name, its kind, and its offset in the model's struct. To add a field, add a
// member to the model and a row here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "engine/model/event.h"

namespace holdfast::codec {

enum class FieldKind : std::uint8_t {
  kText,        // string_view, at most limits::kTextBytes
  kLongText,    // string_view, at most limits::kLongTextBytes
  kId,          // string_view, at most limits::kIdBytes; whole numbers are taken as text
  kCountry,     // string_view, ISO 3166-1 alpha-2
  kIp,          // string_view, IPv4 or IPv6
  kTime,        // optional<EventTime>
  kCurrency,    // optional<Currency>
  kMoney,       // optional<int64>, minor units of the currency in force
  kQuantity,    // int64, 1..limits::kQuantity
  kInteger,     // optional<int64>
  kCount,       // optional<int64>, 0..limits::kCount
  kBool,        // optional<bool>
  kEnum,        // one byte, words in `names`; value 0 is "not given"
  kObject,      // struct in place, `object`
  kOwnObject,   // const struct*, allocated when it appears, `object`
  kList,        // span<const struct>, `object`
  kTexts,       // span<const string_view>
  kAttributes,  // span<const Attribute>
};

// Which top-level fields belong to an event only, to a bare order only, or to both.
enum class Side : std::uint8_t { kBoth, kEvent, kOrder };

class ObjectSpec;

struct Field {
  std::string_view name;
  FieldKind kind;
  std::size_t offset;
  const ObjectSpec* object = nullptr;
  std::span<const std::string_view> names{};
  Side side = Side::kBoth;
};

class ObjectSpec {
 public:
  // `name` is the word in errors: "order has no field 'x'". `construct` makes a default struct.
  // `fields` outlive the spec. REQUIRES: at most 64 fields with names of at most 24 bytes.
  ObjectSpec(std::string_view name, std::span<const Field> fields, std::size_t size,
             void (*construct)(void* place));

  std::string_view name() const { return name_; }
  std::span<const Field> fields() const { return fields_; }
  std::size_t size() const { return size_; }
  void Construct(void* place) const { construct_(place); }

  // The field with the currency of the object's money; null: the currency of the enclosing object.
  const Field* currency_field() const { return currency_field_; }

  // The field called `name`, or null. Takes a few nanoseconds: tries `guess` first, the index of
  // the field expected next, then a perfect hash.
  const Field* Find(std::string_view name, std::size_t guess) const {
    if (name.size() > kNameMax || name.empty()) return nullptr;
    const Packed packed = Pack(name);
    if (guess < fields_.size() && packed_[guess] == packed) return &fields_[guess];
    const std::uint8_t index = table_[Slot(packed)];
    return packed_[index] == packed ? &fields_[index] : nullptr;
  }
  const Field* Find(std::string_view name) const { return Find(name, fields_.size()); }

 private:
  // A name of at most 24 bytes as three words: its beginning, middle and end, which may overlap.
  // Together with the size they identify the name.
  struct Packed {
    std::uint64_t head = 0, middle = 0, tail = 0;
    std::size_t size = 0;
    bool operator==(const Packed&) const = default;
  };
  static constexpr std::size_t kNameMax = 24;
  static Packed Pack(std::string_view name) {
    const auto load = [](const char* p, auto word) {
      std::memcpy(&word, p, sizeof word);
      return word;
    };
    const char* p = name.data();
    const std::size_t size = name.size();
    if (size >= 8) {
      return {load(p, std::uint64_t{}), load(p + (size - 8) / 2, std::uint64_t{}),
              load(p + size - 8, std::uint64_t{}), size};
    }
    if (size >= 4) return {load(p, std::uint32_t{}), 0, load(p + size - 4, std::uint32_t{}), size};
    const auto byte = [p](std::size_t at) { return static_cast<unsigned char>(p[at]); };
    return {byte(0), byte(size / 2), byte(size - 1), size};
  }

  std::size_t Slot(const Packed& packed) const {
    const std::uint64_t mixed =
        packed.head * mix_[0] + packed.middle * mix_[1] + packed.tail * mix_[2] + packed.size;
    return static_cast<std::size_t>((mixed * 0x9E3779B97F4A7C15u) >> 56);
  }
  bool FillTable();

  static constexpr std::size_t kSlots = 256;
  std::string_view name_;
  std::span<const Field> fields_;
  std::size_t size_;
  void (*construct_)(void* place);
  const Field* currency_field_ = nullptr;
  std::vector<Packed> packed_;  // of the fields' names
  std::array<std::uint64_t, 3> mix_{};
  std::array<std::uint8_t, kSlots> table_{};  // field numbers; an empty slot names field 0
};

// The top level of one input: the fields of an event and of a bare order together.
// EventReader::Finish decides which of the two it is.
struct Envelope {
  std::uint8_t type = 0;  // EventType + 1; 0: none, so a bare order
  std::optional<EventTime> occurred_at;
  std::string_view order_id;
  Order bare;         // id, merchant and payment of an event are read into it too
  Payloads payloads;  // but `payment`, which is read into `bare`
  std::span<const std::string_view> references;
  const Geo* geo = nullptr;
  const DeliveryProof* delivery = nullptr;
  std::string_view joined, claimed_by;
};

const ObjectSpec& EnvelopeSpec();
const ObjectSpec& OrderSpec();

const ObjectSpec& GeoSpec();
const ObjectSpec& DeliverySpec();

// A payload: its key in an event ("order"), where it is in Payloads, and its spec.
struct PayloadRow {
  std::string_view key;
  std::size_t offset;
  const ObjectSpec* spec;

  // The payload of an event; null when the event has none of this kind.
  const char* In(const Payloads& payloads) const {
    return *reinterpret_cast<const char* const*>(reinterpret_cast<const char*>(&payloads) + offset);
  }
};
// The table of payloads, one row each.
std::span<const PayloadRow> PayloadRows();

}  // namespace holdfast::codec
