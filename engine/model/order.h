// Order: what a buyer ordered, as reported by the seller's shop. Plain values.
//
// Texts are views; the Event that carries an order owns their bytes. An empty text means "not
// given": JSON null, "" and an absent key are the same to every rule.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/base/money.h"
#include "engine/base/time.h"
#include "engine/model/payment.h"

namespace holdfast {

struct Buyer {
  std::string_view id, email, name, phone;
  std::optional<EventTime> registered_at;
  std::string_view country;
  std::string_view language;  // of the order, as a BCP 47 tag: "pt-BR"
};

// Whom the parcel goes to, or who is billed.
struct Party {
  std::string_view name, phone;
  std::string_view company, tax_id;
  Address address;
  std::string_view method;  // of shipping only: the shipping method, as the shop calls it
};

// Why a carrier or an airline may refuse an item. kNone: it was checked, and is harmless.
enum class Hazard : std::uint8_t {
  kUnset,
  kNone,
  kBattery,
  kFlammable,
  kLiquid,
  kAerosol,
  kMagnet,
  kOther,
};

struct Item {
  std::string_view sku, title, category;
  std::string_view colour, size;           // the variant
  std::int64_t quantity = 1;               // 1..limits::kQuantity
  std::optional<std::int64_t> unit_price;  // minor units of the order's currency
  std::optional<bool> fragile, gift;
  std::string_view parcel;                   // which parcel it goes in, of an order that is split
  std::string_view brand, hs_code;           // hs_code: of the Harmonized System, for customs
  std::optional<std::int64_t> weight_grams;  // of one piece
  Hazard hazard = Hazard::kUnset;
};

struct Attribute;

// A value of the free map `attributes`.
struct AttributeValue {
  enum class Kind : std::uint8_t { kNull, kBool, kInt, kDouble, kText, kList, kMap };
  Kind kind = Kind::kNull;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0;
  std::string_view text;  // kText: the text; kInt, kDouble: the number as it was written
  std::span<const AttributeValue> list;
  std::span<const Attribute> map;
};

struct Attribute {
  std::string_view name;
  AttributeValue value;
};

struct Order {
  std::string_view id;
  std::string_view merchant;
  std::optional<EventTime> placed_at;
  std::string_view channel;
  std::optional<Currency> currency;
  std::optional<std::int64_t> total;         // minor units of `currency`
  std::optional<std::int64_t> shipping_fee;  // minor units of `currency`
  std::string_view ip, device_id, user_agent, note;
  Buyer buyer;
  Party shipping;
  Party billing;
  std::span<const Item> items;
  const Payment* payment = nullptr;  // null when the order came without one
  std::span<const Attribute> attributes;
};

}  // namespace holdfast
