#include "engine/codec/event_reader.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <new>

#include "engine/base/country.h"
#include "engine/base/limits.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/codec/finish_event.h"
#include "engine/codec/schema.h"
#include "engine/model/names.h"

namespace holdfast {

using codec::Field;
using codec::FieldKind;
using codec::ObjectSpec;
using codec::Side;

// Named, because the reader has members of these types and all files of the folder are compiled as
// one.
namespace reading {

// A growing array in the arena. Its capacity doubles, so that the elements are contiguous.
struct Growing {
  char* bytes = nullptr;
  std::size_t count = 0;
  std::size_t capacity = 0;
};

enum class FrameKind : std::uint8_t { kObject, kList, kTexts, kMoney, kMap, kAnyList };

// One open object or array.
struct Frame {
  FrameKind kind = FrameKind::kObject;
  const ObjectSpec* spec = nullptr;   // kObject, kList: of the elements
  char* target = nullptr;             // kObject: the struct; kList, kTexts, kMoney: the member
  const Field* field = nullptr;       // kObject: of the key just read; null for an unknown key
  std::uint64_t seen = 0;             // kObject: fields met, by index
  bool in_place = false;              // kObject: an element of the list below it
  Growing list;                       // kList, kTexts, kMap, kAnyList
  std::string_view key;               // kObject, kMap: the key just read
  std::string_view amount, currency;  // kMoney
};

// An amount that was read before its currency.
struct PendingMoney {
  std::string_view decimal;
  std::string_view own_currency;  // of {"amount": ..., "currency": ...}, or empty
  char* target;                   // optional<int64>
  // The objects around it that may name its currency, from the inside; at last the order does.
  struct Owner {
    const ObjectSpec* spec = nullptr;
    char* target = nullptr;
  };
  static constexpr std::size_t kOwners = 2;
  std::array<Owner, kOwners> owners;
  std::string path;
};

template <typename T>
T& At(char* target, std::size_t offset) {
  return *reinterpret_cast<T*>(target + offset);
}

bool IsIpText(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN + 1];
  if (text.size() >= sizeof buffer) return false;
  text.copy(buffer, text.size());
  buffer[text.size()] = '\0';
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(AF_INET, buffer, address) == 1 || inet_pton(AF_INET6, buffer, address) == 1;
}

}  // namespace reading

using namespace reading;

struct EventReader::Impl {
  Impl(UnknownFields unknown_fields, int depth_limit)
      : unknown(unknown_fields), depth_max(depth_limit) {}

  UnknownFields unknown;
  int depth_max;
  bool total_from_items = false;
  Event* event = nullptr;
  codec::Envelope envelope;
  std::array<Frame, kLogLimits.depth + 1> frames;
  int depth = 0;  // open frames
  Growing attributes;
  std::size_t attribute_count = 0;
  std::vector<PendingMoney> pending;
  std::string_view event_key, order_key;  // the first top-level key met of each side, or empty
  Error error;

  Frame& Top() { return frames[static_cast<std::size_t>(depth - 1)]; }

  // ---- errors -------------------------------------------------------------------------------

  // True when the top-level key just read belongs to an order without an event around it, as far as
  // is known by now.
  bool BelongsToOrder(const Frame& top) const {
    if (top.key.empty()) return false;
    if (top.field != nullptr && top.field->side == Side::kOrder) return true;
    return event_key.empty() && (top.field == nullptr || top.field->name == "payment");
  }

  std::string Path() const {
    std::string path;
    for (int i = 0; i < depth; ++i) {
      const Frame& frame = frames[static_cast<std::size_t>(i)];
      switch (frame.kind) {
        case FrameKind::kObject:
          if (i == 0 && BelongsToOrder(frame)) path += "order";
          if (frame.key.empty()) break;
          if (!path.empty()) path += '.';
          path += frame.key;
          break;
        case FrameKind::kMap:
          path += "['" + std::string(frame.key) + "']";
          break;
        case FrameKind::kMoney:
          path += '.';
          path += frame.key;
          break;
        case FrameKind::kList: {
          // The element that is being read is already counted.
          const bool inside = i + 1 < depth;
          path += "[" + std::to_string(frame.list.count - (inside ? 1 : 0)) + "]";
          break;
        }
        default:
          path += "[" + std::to_string(frame.list.count) + "]";
      }
    }
    return path;
  }

  bool Refuse(std::string detail, ErrorCode code = ErrorCode::kInvalidInput) {
    error = Error{code, Path(), std::move(detail)};
    return false;
  }
  bool RefuseAt(std::string path, std::string detail) {
    error = Error{ErrorCode::kInvalidInput, std::move(path), std::move(detail)};
    return false;
  }

  bool WrongType(std::string_view got) {
    const Frame& frame = Top();
    if (frame.kind == FrameKind::kMoney)
      return Refuse("must be a text or a number, got " + std::string(got));
    if (frame.kind == FrameKind::kTexts) return Refuse("must be a text, got " + std::string(got));
    if (frame.kind == FrameKind::kList) return Refuse("must be an object, got " + std::string(got));
    std::string wants;
    switch (frame.field->kind) {
      case FieldKind::kTime:
        wants = "a time such as \"2026-11-20T08:15:30Z\"";
        break;
      case FieldKind::kMoney:
        wants = "a decimal amount such as 412.50";
        break;
      case FieldKind::kQuantity:
        wants = QuantityRange();
        break;
      case FieldKind::kInteger:
        wants = "a whole number";
        break;
      case FieldKind::kCount:
        wants = CountRange();
        break;
      case FieldKind::kBool:
        wants = "true or false";
        break;
      case FieldKind::kObject:
      case FieldKind::kOwnObject:
      case FieldKind::kAttributes:
        wants = "an object";
        break;
      case FieldKind::kList:
      case FieldKind::kTexts:
        wants = "a list";
        break;
      default:
        wants = "a text";
    }
    return Refuse("must be " + wants + ", got " + std::string(got));
  }

  static std::string QuantityRange() {
    return "a whole number from 1 to " + std::to_string(limits::kQuantity);
  }
  static std::string CountRange() {
    return "a whole number from 0 to " + std::to_string(limits::kCount);
  }

  // ---- growing arrays -----------------------------------------------------------------------

  // Makes room for one more element of `size` bytes. Pending amounts within the array move with it.
  char* Grow(Growing& list, std::size_t size) {
    if (list.count == list.capacity) {
      const std::size_t capacity = list.capacity == 0 ? 4 : list.capacity * 2;
      char* bytes = static_cast<char*>(event->memory.Allocate(capacity * size));
      if (list.count > 0) {
        std::memcpy(bytes, list.bytes, list.count * size);
        for (PendingMoney& money : pending) {
          if (money.target >= list.bytes && money.target < list.bytes + list.count * size) {
            money.target = bytes + (money.target - list.bytes);
          }
        }
      }
      list.bytes = bytes;
      list.capacity = capacity;
    }
    return list.bytes + list.count++ * size;
  }

  template <typename T>
  std::span<const T> SpanOf(const Growing& list) {
    return {reinterpret_cast<const T*>(list.bytes), list.count};
  }

  // ---- structure ----------------------------------------------------------------------------

  Frame* Push(FrameKind kind) {
    if (depth > depth_max - 1) {
      Refuse("is nested more than " + std::to_string(depth_max) + " levels deep",
             ErrorCode::kLimitExceeded);
      return nullptr;
    }
    Frame& frame = frames[static_cast<std::size_t>(depth++)];
    frame.kind = kind;
    frame.spec = nullptr;
    frame.target = nullptr;
    frame.field = nullptr;
    frame.seen = 0;
    frame.list = Growing{};
    frame.key = {};
    return &frame;
  }

  bool PushObject(const ObjectSpec& spec, char* target) {
    Frame* frame = Push(FrameKind::kObject);
    if (frame == nullptr) return false;
    frame->spec = &spec;
    frame->target = target;
    return true;
  }

  bool StartObject() {
    if (depth == 0) {
      return PushObject(codec::EnvelopeSpec(), reinterpret_cast<char*>(&envelope));
    }
    Frame& top = Top();
    switch (top.kind) {
      case FrameKind::kList: {
        if (top.list.count >= limits::kItems) {
          return Refuse("more than " + std::to_string(limits::kItems) + " entries",
                        ErrorCode::kLimitExceeded);
        }
        char* element = Grow(top.list, top.spec->size());
        top.spec->Construct(element);
        return PushObject(*top.spec, element);
      }
      case FrameKind::kMap:
      case FrameKind::kAnyList:
        return Push(FrameKind::kMap) != nullptr;
      case FrameKind::kObject:
        break;
      default:
        return WrongType("an object");
    }
    if (top.field == nullptr) return Push(FrameKind::kMap) != nullptr;
    char* member = top.target + top.field->offset;
    switch (top.field->kind) {
      case FieldKind::kObject:
        return PushObject(*top.field->object, member);
      case FieldKind::kOwnObject: {
        char* own = static_cast<char*>(event->memory.Allocate(top.field->object->size()));
        top.field->object->Construct(own);
        *reinterpret_cast<const void**>(member) = own;
        return PushObject(*top.field->object, own);
      }
      case FieldKind::kAttributes:
        return Push(FrameKind::kMap) != nullptr;
      case FieldKind::kMoney: {
        Frame* frame = Push(FrameKind::kMoney);
        if (frame == nullptr) return false;
        frame->target = member;
        frame->amount = frame->currency = {};
        return true;
      }
      default:
        return WrongType("an object");
    }
  }

  bool Key(std::string_view name) {
    Frame& top = Top();
    top.key = name;
    if (top.kind == FrameKind::kMoney) {
      if (name != "amount" && name != "currency") {
        return Refuse("unknown field; an amount has the fields amount and currency");
      }
      const std::uint64_t bit = name == "amount" ? 1 : 2;
      if ((top.seen & bit) != 0) return Refuse("is given twice");
      top.seen |= bit;
      return true;
    }
    if (top.kind == FrameKind::kMap) {
      const bool shared = IsAttributes(depth - 1);
      return CheckAttributeName(shared ? attributes : top.list, name);
    }
    const Field* const first = top.spec->fields().data();
    const Field* field = top.spec->Find(
        name, top.field == nullptr ? 0 : static_cast<std::size_t>(top.field - first) + 1);
    top.field = field;
    if (field == nullptr) return UnknownKey(top, name);
    const std::uint64_t bit = std::uint64_t{1} << (field - first);
    if ((top.seen & bit) != 0) return Refuse("is given twice");
    top.seen |= bit;
    if (depth == 1 && field->side != Side::kBoth) {
      std::string_view& met = field->side == Side::kEvent ? event_key : order_key;
      if (met.empty()) met = field->name;
    }
    return true;
  }

  // True when frame `index` is the map of an order's attributes.
  bool IsAttributes(int index) const {
    if (index == 0) return false;
    const Frame& parent = frames[static_cast<std::size_t>(index - 1)];
    return parent.kind == FrameKind::kObject && parent.field != nullptr &&
           parent.field->kind == FieldKind::kAttributes;
  }

  bool UnknownKey(Frame& top, std::string_view name) {
    const bool is_order = depth == 1 || top.spec == &codec::OrderSpec();
    if (!is_order || unknown == UnknownFields::kRefuse) {
      std::vector<std::string_view> names;
      for (const Field& field : top.spec->fields()) names.push_back(field.name);
      const std::string_view meant = DidYouMean(name, names);
      std::string detail = "unknown field of " + std::string(top.spec->name());
      if (!meant.empty()) detail += "; did you mean '" + std::string(meant) + "'?";
      return Refuse(std::move(detail));
    }
    if (depth == 1 && order_key.empty()) order_key = name;
    return CheckAttributeName(attributes, name);
  }

  bool CheckAttributeName(const Growing& list, std::string_view name) {
    if (name.size() > limits::kIdBytes) {
      return Refuse("name is longer than " + std::to_string(limits::kIdBytes) + " bytes",
                    ErrorCode::kLimitExceeded);
    }
    for (const Attribute& known : SpanOf<Attribute>(list)) {
      if (known.name == name) return Refuse("is given twice");
    }
    if (++attribute_count > limits::kAttributes) {
      return Refuse("more than " + std::to_string(limits::kAttributes) + " attributes",
                    ErrorCode::kLimitExceeded);
    }
    return true;
  }

  bool EndObject() {
    const Frame& frame = Top();  // valid until the next Push
    --depth;
    if (frame.kind == FrameKind::kObject) return true;
    if (frame.kind == FrameKind::kMoney) {
      if (frame.amount.empty()) return Refuse("needs an amount");
      if (frame.currency.empty()) return Refuse("needs a currency");
      if (!Currency::Parse(frame.currency)) return RefuseCurrency(frame.currency);
      return SetMoney(frame.target, frame.amount, frame.currency);
    }
    if (IsAttributes(depth)) return true;
    AttributeValue value;
    value.kind = AttributeValue::Kind::kMap;
    value.map = SpanOf<Attribute>(frame.list);
    return AddAttribute(value);
  }

  bool StartArray() {
    if (depth == 0) return Refuse("must be a JSON object, got a list", ErrorCode::kMalformedInput);
    Frame& top = Top();
    if (top.kind == FrameKind::kMap || top.kind == FrameKind::kAnyList ||
        (top.kind == FrameKind::kObject && top.field == nullptr)) {
      return Push(FrameKind::kAnyList) != nullptr;
    }
    if (top.kind != FrameKind::kObject) return WrongType("a list");
    char* member = top.target + top.field->offset;
    const Field* field = top.field;
    if (field->kind != FieldKind::kList && field->kind != FieldKind::kTexts) {
      return WrongType("a list");
    }
    Frame* frame = Push(field->kind == FieldKind::kList ? FrameKind::kList : FrameKind::kTexts);
    if (frame == nullptr) return false;
    frame->spec = field->object;
    frame->target = member;
    return true;
  }

  bool EndArray() {
    const Frame& frame = Top();  // valid until the next Push
    --depth;
    switch (frame.kind) {
      case FrameKind::kAnyList: {
        AttributeValue value;
        value.kind = AttributeValue::Kind::kList;
        value.list = SpanOf<AttributeValue>(frame.list);
        return AddAttribute(value);
      }
      case FrameKind::kTexts:
        *reinterpret_cast<std::span<const std::string_view>*>(frame.target) =
            SpanOf<std::string_view>(frame.list);
        return true;
      default:
        // All spans have the same layout. Only the spec knows the element type.
        *reinterpret_cast<std::span<const char>*>(frame.target) = {frame.list.bytes,
                                                                   frame.list.count};
        return true;
    }
  }

  // ---- values -------------------------------------------------------------------------------

  bool AddAttribute(const AttributeValue& value) {
    Frame& top = Top();
    if (top.kind == FrameKind::kAnyList) {
      if (++attribute_count > limits::kAttributes) {
        return Refuse("more than " + std::to_string(limits::kAttributes) + " attributes",
                      ErrorCode::kLimitExceeded);
      }
      new (Grow(top.list, sizeof(AttributeValue))) AttributeValue(value);
      return true;
    }
    const bool shared = top.kind == FrameKind::kObject || IsAttributes(depth - 1);
    Growing& list = shared ? attributes : top.list;
    new (Grow(list, sizeof(Attribute))) Attribute{top.key, value};
    return true;
  }

  bool TakesAny() {
    const Frame& top = Top();
    return top.kind == FrameKind::kMap || top.kind == FrameKind::kAnyList ||
           (top.kind == FrameKind::kObject && top.field == nullptr);
  }

  bool String(std::string_view text) {
    if (depth == 0) return Refuse("must be a JSON object, got a text", ErrorCode::kMalformedInput);
    if (TakesAny()) {
      if (text.size() > limits::kLongTextBytes) return TooLong(limits::kLongTextBytes);
      AttributeValue value;
      value.kind = AttributeValue::Kind::kText;
      value.text = text;
      return AddAttribute(value);
    }
    Frame& top = Top();
    switch (top.kind) {
      case FrameKind::kTexts:
        if (text.size() > limits::kTextBytes) return TooLong(limits::kTextBytes);
        if (top.list.count >= limits::kItems) {
          return Refuse("more than " + std::to_string(limits::kItems) + " entries",
                        ErrorCode::kLimitExceeded);
        }
        new (Grow(top.list, sizeof(std::string_view))) std::string_view(text);
        return true;
      case FrameKind::kMoney:
        (top.key == "amount" ? top.amount : top.currency) = text;
        return true;
      case FrameKind::kList:
        return WrongType("a text");
      default:
        return SetText(top, text);
    }
  }

  bool TooLong(std::size_t limit) {
    return Refuse("is longer than " + std::to_string(limit) + " bytes", ErrorCode::kLimitExceeded);
  }

  bool RefuseCurrency(std::string_view code) {
    std::size_t count = 0;
    const std::string_view* codes = CurrencyCodes(count);
    const std::string_view meant = DidYouMean(code, {codes, codes + count});
    std::string detail = "must be an ISO 4217 currency such as EUR, got " + Shown(code);
    if (!meant.empty()) detail += "; did you mean " + std::string(meant) + "?";
    return Refuse(std::move(detail));
  }

  bool SetText(Frame& top, std::string_view text) {
    const Field& field = *top.field;
    char* const target = top.target;
    switch (field.kind) {
      case FieldKind::kText:
        if (text.size() > limits::kTextBytes) return TooLong(limits::kTextBytes);
        At<std::string_view>(target, field.offset) = text;
        return true;
      case FieldKind::kLongText:
        if (text.size() > limits::kLongTextBytes) return TooLong(limits::kLongTextBytes);
        At<std::string_view>(target, field.offset) = text;
        return true;
      case FieldKind::kId:
        if (text.size() > limits::kIdBytes) return TooLong(limits::kIdBytes);
        // Ids become keys; a zero byte would let two keys look alike.
        for (const char c : text) {
          if (static_cast<unsigned char>(c) < 0x20)
            return Refuse("must not hold control characters");
        }
        At<std::string_view>(target, field.offset) = text;
        return true;
      case FieldKind::kCountry:
        if (!text.empty() && !IsCountryCode(text)) {
          return Refuse("must be an ISO 3166 country code such as DE, got " + Shown(text) +
                        (text == "UK" ? "; did you mean GB?" : ""));
        }
        At<std::string_view>(target, field.offset) = text;
        return true;
      case FieldKind::kIp:
        if (!text.empty() && !IsIpText(text)) {
          return Refuse("must be an IPv4 or IPv6 address, got " + Shown(text));
        }
        At<std::string_view>(target, field.offset) = text;
        return true;
      case FieldKind::kTime: {
        const auto time = ParseEventTime(text);
        if (!time) {
          return Refuse(
              "must be a time that exists, such as \"2026-11-20T08:15:30Z\", from 1970 to 2261, "
              "got " +
              Shown(text));
        }
        At<std::optional<EventTime>>(target, field.offset) = *time;
        return true;
      }
      case FieldKind::kCurrency: {
        const auto currency = Currency::Parse(text);
        if (!currency) return RefuseCurrency(text);
        At<std::optional<Currency>>(target, field.offset) = currency;
        return true;
      }
      case FieldKind::kEnum:
        return SetWord(field, target, text);
      case FieldKind::kMoney:
        if (text.empty()) return true;
        return SetMoney(target + field.offset, text, {});
      default:
        return WrongType("a text");
    }
  }

  bool SetWord(const Field& field, char* target, std::string_view text) {
    for (std::size_t i = 0; i < field.names.size(); ++i) {
      if (field.names[i] == text) {
        At<std::uint8_t>(target, field.offset) = static_cast<std::uint8_t>(i);
        return true;
      }
    }
    std::vector<std::string_view> words;
    for (const auto word : field.names) {
      if (!word.empty()) words.push_back(word);
    }
    std::string detail = "must be " + OrList(words, 40) + ", got " + Shown(text);
    const std::string_view meant = DidYouMean(text, words);
    if (!meant.empty()) detail += "; did you mean '" + std::string(meant) + "'?";
    return Refuse(std::move(detail));
  }

  // The currency that applies in `frame`, if it is known by now.
  std::optional<Currency> CurrencyInForce() {
    for (int i = depth - 1; i >= 0; --i) {
      const Frame& frame = frames[static_cast<std::size_t>(i)];
      if (frame.kind != FrameKind::kObject) continue;
      if (const Field* field = frame.spec->currency_field()) {
        return At<std::optional<Currency>>(frame.target, field->offset);
      }
    }
    return std::nullopt;
  }

  bool SetMoney(char* target, std::string_view decimal, std::string_view own) {
    const auto currency = CurrencyInForce();
    if (currency) return StoreMoney(Path(), target, decimal, own, *currency);
    PendingMoney& money = pending.emplace_back();
    money.decimal = decimal;
    money.own_currency = own;
    money.target = target;
    money.path = Path();
    std::size_t count = 0;
    for (int i = depth - 1; i >= 0 && count < PendingMoney::kOwners; --i) {
      const Frame& frame = frames[static_cast<std::size_t>(i)];
      const bool names_currency =
          frame.kind == FrameKind::kObject && frame.spec->currency_field() != nullptr &&
          frame.spec != &codec::EnvelopeSpec() && frame.spec != &codec::OrderSpec();
      if (names_currency) money.owners[count++] = {frame.spec, frame.target};
    }
    return true;
  }

  bool StoreMoney(std::string path, char* target, std::string_view decimal, std::string_view own,
                  Currency currency) {
    if (!own.empty() && own != currency.code()) {
      return RefuseAt(std::move(path), "is in " + std::string(own) + ", but the order is in " +
                                           std::string(currency.code()));
    }
    const auto minor = ParseMinor(decimal, currency);
    if (!minor) return RefuseAt(std::move(path), minor.error().detail);
    if (*minor < 0) {
      return RefuseAt(std::move(path), "must not be negative, got " + std::string(decimal));
    }
    *reinterpret_cast<std::optional<std::int64_t>*>(target) = *minor;
    return true;
  }

  bool Number(std::string_view decimal) {
    if (depth == 0) {
      return Refuse("must be a JSON object, got a number", ErrorCode::kMalformedInput);
    }
    if (TakesAny()) return AddNumberAttribute(decimal);
    Frame& top = Top();
    if (top.kind == FrameKind::kMoney) {
      if (top.key != "amount") return Refuse("must be a text, got a number");
      top.amount = decimal;
      return true;
    }
    if (top.kind != FrameKind::kObject) return WrongType("a number");
    const Field& field = *top.field;
    switch (field.kind) {
      case FieldKind::kMoney: {
        const auto currency = CurrencyInForce();
        if (!currency) return SetMoney(top.target + field.offset, decimal, {});
        // The usual case, without building a path that only errors need.
        const auto minor = ParseMinor(decimal, *currency);
        if (!minor) return Refuse(minor.error().detail);
        if (*minor < 0) return Refuse("must not be negative, got " + std::string(decimal));
        At<std::optional<std::int64_t>>(top.target, field.offset) = *minor;
        return true;
      }
      case FieldKind::kQuantity: {
        const auto value = ParseNumber<std::int64_t>(decimal);
        if (!value || *value < 1 || *value > limits::kQuantity) {
          return Refuse("must be " + QuantityRange() + ", got " + std::string(decimal));
        }
        At<std::int64_t>(top.target, field.offset) = *value;
        return true;
      }
      case FieldKind::kCount: {
        const auto value = ParseNumber<std::int64_t>(decimal);
        if (!value || *value < 0 || *value > limits::kCount) {
          return Refuse("must be " + CountRange() + ", got " + std::string(decimal));
        }
        At<std::optional<std::int64_t>>(top.target, field.offset) = *value;
        return true;
      }
      case FieldKind::kInteger: {
        const auto value = ParseNumber<std::int64_t>(decimal);
        if (!value) return Refuse("must be a whole number, got " + std::string(decimal));
        At<std::optional<std::int64_t>>(top.target, field.offset) = *value;
        return true;
      }
      case FieldKind::kId:
        if (!ParseNumber<std::int64_t>(decimal)) {
          return Refuse("must be a text or a whole number, got " + std::string(decimal));
        }
        At<std::string_view>(top.target, field.offset) = decimal;
        return true;
      default:
        return WrongType("a number");
    }
  }

  bool AddNumberAttribute(std::string_view decimal) {
    AttributeValue value;
    value.text = decimal;
    if (const auto whole = ParseNumber<std::int64_t>(decimal)) {
      value.kind = AttributeValue::Kind::kInt;
      value.integer = *whole;
      return AddAttribute(value);
    }
    value.kind = AttributeValue::Kind::kDouble;
    const auto number = ParseNumber<double>(decimal);
    if (!number || !std::isfinite(*number))
      return Refuse("is a number beyond range, got " + std::string(decimal));
    value.number = *number;
    return AddAttribute(value);
  }

  bool Bool(bool boolean) {
    const std::string_view got = boolean ? "true" : "false";
    if (depth == 0) {
      return Refuse("must be a JSON object, got " + std::string(got), ErrorCode::kMalformedInput);
    }
    if (TakesAny()) {
      AttributeValue value;
      value.kind = AttributeValue::Kind::kBool;
      value.boolean = boolean;
      return AddAttribute(value);
    }
    Frame& top = Top();
    if (top.kind != FrameKind::kObject || top.field->kind != FieldKind::kBool)
      return WrongType(got);
    At<std::optional<bool>>(top.target, top.field->offset) = boolean;
    return true;
  }

  bool Null() {
    if (depth == 0) return Refuse("must be a JSON object, got null", ErrorCode::kMalformedInput);
    if (TakesAny()) return AddAttribute(AttributeValue{});
    return Top().kind == FrameKind::kObject ? true : WrongType("null");
  }

  // ---- the whole ----------------------------------------------------------------------------

  // Converts the amounts that were read before their currency.
  Status SettlePending(const Order* order) {
    for (PendingMoney& money : pending) {
      std::optional<Currency> currency;
      for (const PendingMoney::Owner& owner : money.owners) {
        if (currency || owner.spec == nullptr) break;
        auto& own = *reinterpret_cast<std::optional<Currency>*>(
            owner.target + owner.spec->currency_field()->offset);
        // A payment may be in another currency than its order, and may name it only in the amount.
        const bool innermost = &owner == &money.owners.front();
        if (innermost && !own && !money.own_currency.empty()) {
          own = Currency::Parse(money.own_currency);
        }
        currency = own;
      }
      if (!currency && order != nullptr) currency = order->currency;
      if (!currency)
        return Fail(ErrorCode::kInvalidInput, money.path, "needs a currency beside it");
      if (!StoreMoney(money.path, money.target, money.decimal, money.own_currency, *currency)) {
        return Fail(error);
      }
    }
    return {};
  }

  void SortAttributes(Order& order) {
    auto* first = reinterpret_cast<Attribute*>(attributes.bytes);
    std::sort(first, first + attributes.count,
              [](const Attribute& a, const Attribute& b) { return a.name < b.name; });
    order.attributes = SpanOf<Attribute>(attributes);
  }

  Status Finish() {
    if (envelope.type == 0) return FinishBareOrder();
    event->type = static_cast<EventType>(envelope.type - 1);
    if (!order_key.empty()) {
      std::vector<std::string_view> names;
      for (const Field& field : codec::EnvelopeSpec().fields()) {
        if (field.side != Side::kOrder) names.push_back(field.name);
      }
      const std::string_view meant = DidYouMean(order_key, names);
      return Fail(ErrorCode::kInvalidInput, std::string(order_key),
                  "unknown field of event" +
                      (meant.empty() ? std::string("; the order goes under 'order'")
                                     : "; did you mean '" + std::string(meant) + "'?"));
    }
    event->id = envelope.bare.id;
    event->merchant = envelope.bare.merchant;
    event->order_id = envelope.order_id;
    static_cast<Payloads&>(*event) = envelope.payloads;
    event->payment = envelope.bare.payment;
    event->geo = envelope.geo;
    event->references = envelope.references;
    event->delivery = envelope.delivery;
    if (event->order_id.empty() && !envelope.joined.empty()) {
      event->order_id = envelope.joined;
      event->joined = true;
      event->claimed_by = envelope.claimed_by;
    }
    if (event->id.empty()) return MissingMember("id", "; every event needs an id of its own");
    if (!envelope.occurred_at) return MissingMember("occurred_at", "");
    event->occurred_at = *envelope.occurred_at;
    if (Status settled = SettlePending(event->order); !settled) return settled;
    if (event->order != nullptr) SortAttributes(const_cast<Order&>(*event->order));
    return FinishEvent(*event, total_from_items);
  }

  Status FinishBareOrder() {
    if (!event_key.empty()) {
      return Fail(ErrorCode::kInvalidInput, std::string(event_key),
                  "belongs to an event, but there is no 'type'");
    }
    auto* order = static_cast<Order*>(event->memory.Allocate(sizeof(Order)));
    new (order) Order(envelope.bare);
    SortAttributes(*order);
    // Pending amounts point into the envelope. Settle them there, then copy them to the order.
    if (Status settled = SettlePending(order); !settled) return settled;
    order->total = envelope.bare.total;
    order->shipping_fee = envelope.bare.shipping_fee;
    event->geo = envelope.geo;
    event->references = envelope.references;
    event->type = EventType::kOrderPlaced;
    event->id = order->id;
    event->order = order;
    event->order_id = order->id;
    if (Status finished = FinishOrder(*event, *order, total_from_items); !finished) return finished;
    event->occurred_at = *order->placed_at;
    return {};
  }
};

EventReader::EventReader(UnknownFields unknown, int depth)
    : impl_(std::make_unique<Impl>(unknown, depth)) {}
EventReader::~EventReader() = default;
EventReader::EventReader(EventReader&&) noexcept = default;
EventReader& EventReader::operator=(EventReader&&) noexcept = default;

void EventReader::TotalFromItems(bool yes) { impl_->total_from_items = yes; }

void EventReader::Begin(Event& event) {
  event.Clear();
  impl_->event = &event;
  impl_->envelope = codec::Envelope{};
  impl_->depth = 0;
  impl_->attributes = Growing{};
  impl_->attribute_count = 0;
  impl_->pending.clear();
  impl_->event_key = impl_->order_key = {};
}

bool EventReader::StartObject() { return impl_->StartObject(); }
bool EventReader::Key(std::string_view name) { return impl_->Key(name); }
bool EventReader::EndObject() { return impl_->EndObject(); }
bool EventReader::StartArray() { return impl_->StartArray(); }
bool EventReader::EndArray() { return impl_->EndArray(); }
bool EventReader::String(std::string_view text) { return impl_->String(text); }
bool EventReader::Number(std::string_view decimal) { return impl_->Number(decimal); }
bool EventReader::Bool(bool value) { return impl_->Bool(value); }
bool EventReader::Null() { return impl_->Null(); }
Status EventReader::Finish() { return impl_->Finish(); }
Error EventReader::TakeError() { return std::move(impl_->error); }
std::string EventReader::Path() const { return impl_->Path(); }

}  // namespace holdfast
