#include "engine/webhooks/event_draft.h"

#include <algorithm>

#include "engine/base/country.h"
#include "engine/base/hash.h"
#include "engine/base/hex.h"
#include "engine/base/ip.h"
#include "engine/base/limits.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/codec/json.h"

namespace holdfast {

EventDraft::EventDraft(std::string_view provider, std::string_view id, EventType type, EventTime at,
                       const WebhookSettings& settings) {
  event_.type = type;
  event_.occurred_at = at;
  event_.merchant = event_.memory.Copy(settings.merchant);
  // Headers may contain any bytes.
  const std::string text = IsValidUtf8(id) ? std::string(id) : EncodeHex(id);
  event_.id = event_.memory.Copy(std::string(provider) + ":" + text);
}

Payment& EventDraft::payment() { return Made(event_.payment); }

void EventDraft::SetMovement(MovementKind kind, MovementState state, std::string_view reference,
                             std::optional<std::int64_t> amount, std::optional<Currency> currency) {
  PaymentMovement& movement = payment().movement;
  movement.kind = kind;
  movement.state = state;
  movement.reference = Id(reference);
  movement.amount = amount;
  if (amount) movement.currency = currency;
}

Payment& EventDraft::order_payment() { return Made(order().payment); }

std::string_view EventDraft::Text(std::string_view text) {
  text = Trim(text);
  return text.size() <= limits::kTextBytes ? event_.memory.Copy(text) : std::string_view();
}

std::string_view EventDraft::LongText(std::string_view text) {
  return text.size() <= limits::kLongTextBytes ? event_.memory.Copy(text) : std::string_view();
}

std::string_view EventDraft::Id(std::string_view id) {
  id = Trim(id);
  const bool fine = id.size() <= limits::kIdBytes && id.find('\0') == id.npos && IsValidUtf8(id);
  return fine ? event_.memory.Copy(id) : std::string_view();
}

std::string_view EventDraft::Country(std::string_view code) {
  if (code.size() != 2) return {};
  std::string upper(code);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return IsCountryCode(upper) ? event_.memory.Copy(upper) : std::string_view();
}

std::string_view EventDraft::Ip(std::string_view address) {
  return ParseIp(address) ? event_.memory.Copy(address) : std::string_view();
}

std::string_view EventDraft::Name(std::string_view first, std::string_view last) {
  std::string name(Trim(first));
  if (!name.empty() && !Trim(last).empty()) name += ' ';
  name += Trim(last);
  return Text(name);
}

std::optional<std::int64_t> EventDraft::Amount(std::string_view decimal,
                                               std::optional<Currency> currency) {
  if (decimal.starts_with('-')) decimal.remove_prefix(1);
  if (!currency || decimal.empty()) return std::nullopt;
  const auto minor = ParseMinor(decimal, *currency);
  return minor ? std::optional(*minor) : std::nullopt;
}

void EventDraft::Refer(std::string_view provider, std::string_view id) {
  if (Trim(id).empty()) return;
  const std::string_view reference = Id(std::string(provider) + ":" + std::string(Trim(id)));
  const bool known =
      std::find(references_.begin(), references_.end(), reference) != references_.end();
  if (!reference.empty() && !known) references_.push_back(reference);
}

void EventDraft::Attribute(std::string_view name, std::string_view text) {
  AttributeValue value;
  value.kind = AttributeValue::Kind::kText;
  value.text = Text(text);
  if (!value.text.empty()) attributes_.push_back({name, value});
}

void EventDraft::SetProof(const Delivery& delivery, std::string_view transmission) {
  auto* proof = new (event_.memory.Allocate(sizeof(DeliveryProof))) DeliveryProof();
  proof->body = event_.memory.Copy(Sha256Hex(delivery.body));
  proof->transmission = Id(transmission);
  event_.delivery = proof;
}

std::string EventDraft::Json() {
  const auto references = List<std::string_view>(references_.size());
  std::copy(references_.begin(), references_.end(), references.begin());
  event_.references = references;
  if (!attributes_.empty()) {
    const auto attributes = List<holdfast::Attribute>(attributes_.size());
    std::copy(attributes_.begin(), attributes_.end(), attributes.begin());
    order().attributes = attributes;
  }
  std::string json;
  WriteEvent(event_, json);
  return json;
}

EventTime FirstTime(std::initializer_list<std::string_view> times, EventTime received) {
  constexpr std::int64_t kDay = 24 * 3600 * kNanosPerSecond;
  for (const std::string_view text : times) {
    auto time = ParseEventTime(text);
    if (!time) time = ParseEventTime(std::string(text) + "Z");
    if (time && time->nanos <= received.nanos + kDay) return *time;
  }
  return received;
}

std::optional<EventTime> UnixTime(std::string_view seconds) {
  constexpr std::int64_t kMost = 9'000'000'000;  // in the year 2255
  const auto value = ParseNumber<std::int64_t>(seconds);
  if (!value || *value < 0 || *value > kMost) return std::nullopt;
  return EventTime{*value * kNanosPerSecond};
}

std::int64_t QuantityIn(std::string_view number) {
  const auto value = ParseNumber<std::int64_t>(number.substr(0, number.find('.')));
  return value && *value >= 1 && *value <= limits::kQuantity ? *value : 1;
}

std::string MinorAsDecimal(std::string_view minor, int digits) {
  const bool negative = minor.starts_with('-');
  if (negative) minor.remove_prefix(1);
  const bool whole = !minor.empty() && std::all_of(minor.begin(), minor.end(),
                                                   [](char c) { return c >= '0' && c <= '9'; });
  if (!whole) return {};
  std::string text(minor);
  const auto point = static_cast<std::size_t>(digits);
  if (text.size() <= point) text.insert(0, point + 1 - text.size(), '0');
  if (point > 0) text.insert(text.size() - point, ".");
  return negative ? "-" + text : text;
}

std::optional<Currency> CurrencyOf(std::string_view code) {
  std::string upper(code);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return Currency::Parse(upper);
}

}  // namespace holdfast
