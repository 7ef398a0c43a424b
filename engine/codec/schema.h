// Schema: the fields of every wire object in tables, used to read and to write.
//
// A row says the field's name, its kind and where in the model's struct it lives. Adding a field to
// the wire means adding a member to the model and a row here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

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
  // REQUIRES: at most 64 fields, which live as long as the spec.
  ObjectSpec(std::string_view name, std::span<const Field> fields, std::size_t size,
             void (*construct)(void* place));

  std::string_view name() const { return name_; }
  std::span<const Field> fields() const { return fields_; }
  std::size_t size() const { return size_; }
  void Construct(void* place) const { construct_(place); }

  // The field whose currency the object's money is in; null: that of the enclosing object.
  const Field* currency_field() const { return currency_field_; }

  // The field called `name`, or null. A few nanoseconds: a perfect hash, then one comparison.
  const Field* Find(std::string_view name) const {
    if (name.empty()) return nullptr;
    const std::uint8_t slot = table_[Slot(name)];
    if (slot == 0 || fields_[slot - 1].name != name) return nullptr;
    return &fields_[slot - 1];
  }

 private:
  std::size_t Slot(std::string_view name) const {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(name[at]); };
    return (name.size() * mix_[0] + byte(0) * mix_[1] + byte(name.size() / 2) * mix_[2] +
            byte(name.size() / 3) * mix_[3] + byte(name.size() - 1) * mix_[4]) %
           kSlots;
  }
  bool FillTable();

  static constexpr std::size_t kSlots = 256;
  std::string_view name_;
  std::span<const Field> fields_;
  std::size_t size_;
  void (*construct_)(void* place);
  const Field* currency_field_ = nullptr;
  std::array<std::size_t, 5> mix_{};
  std::array<std::uint8_t, kSlots> table_{};
};

// The top level of one input: an event's fields and a bare order's, together. EventReader::Finish
// tells which of the two it was.
struct Envelope {
  std::uint8_t type = 0;  // EventType + 1; 0: none, so a bare order
  std::optional<EventTime> occurred_at;
  std::string_view order_id;
  Order bare;  // id, merchant and payment of an event are read into it too
  const Order* order = nullptr;
  const Refund* refund = nullptr;
  const Dispute* dispute = nullptr;
  const Message* message = nullptr;
  const Confirmation* confirmation = nullptr;
  const Shipment* shipment = nullptr;
  const Review* review = nullptr;
  const ListChange* list = nullptr;
  const PackChange* pack = nullptr;
  const Timer* timer = nullptr;
};

const ObjectSpec& EnvelopeSpec();
const ObjectSpec& OrderSpec();

// The payload called `key` ("payment") of an envelope; null where the type has none of that name.
const ObjectSpec* PayloadSpec(std::string_view key);

}  // namespace holdfast::codec
