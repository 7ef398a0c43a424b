// Helpers for the functions that compute facts: they convert model values to expression values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/base/text.h"
#include "engine/features/facts.h"
#include "engine/model/names.h"

namespace holdfast::facts {

using cel::Value;
using Context = const FactContext&;

// What a getter returns for "missing"; GetFact puts the fact's number in.
inline Value Missing() { return Value::Unknown(nullptr, 0); }

// A text that has only blanks is missing.
inline Value TextOf(std::string_view text) {
  return Trim(text).empty() ? Missing() : Value::String(text);
}
inline Value TimeOf(const std::optional<EventTime>& time) {
  if (!time) return Missing();
  // EventTime of a model is never before 1970.
  return Value::Timestamp(
      {time->nanos / kNanosPerSecond, static_cast<std::uint32_t>(time->nanos % kNanosPerSecond)});
}
inline Value MoneyOf(const std::optional<std::int64_t>& minor,
                     const std::optional<Currency>& currency) {
  return minor && currency ? Value::Double(ToUnits(*minor, *currency)) : Missing();
}
inline Value BaseOf(Context c, const std::optional<std::int64_t>& minor,
                    const std::optional<Currency>& currency) {
  if (!minor || !currency) return Missing();
  // All amounts of an order at one rate, so that they can be compared.
  const auto base = c.amounts->ToBase(*minor, *currency, *c.order->placed_at);
  return base ? Value::Double(*base) : Missing();
}
inline Value TruthOf(const std::optional<bool>& truth) {
  return truth ? Value::Bool(*truth) : Missing();
}
template <typename Enum>
Value WordOf(Enum value) {
  return TextOf(NameOf(value));
}

// Replaces each missing field of a record by the unknown value that names the field.
inline void NumberMissing(Value* fields, std::size_t count, std::uint32_t first, Arena& arena) {
  for (std::size_t i = 0; i < count; ++i) {
    if (!fields[i].Is(cel::Kind::kUnknown)) continue;
    fields[i] = MissingFact(first + static_cast<std::uint32_t>(i), arena);
  }
}

// ---- for the tables of facts --------------------------------------------------------------------

inline constexpr auto kAll = FactScope::kEverywhere;
inline constexpr auto kRuleOnly = FactScope::kRules;
inline constexpr auto kFeatureOnly = FactScope::kFeatures;
inline constexpr bool kFixed = false;
inline constexpr bool kMayChange = true;
inline constexpr std::string_view kNotGiven = "the order does not give it";
inline constexpr std::string_view kNoPayment = "no payment event gives it";
inline constexpr std::string_view kNoBuyer =
    "the order gives neither a buyer id nor an e-mail address";
inline constexpr std::string_view kNoRate =
    "it is in a currency for which the pack has no rate, or had none then";
inline constexpr std::string_view kNotThisEvent = "the event is of another type";

// The names of an enumeration without "not given", which is the first.
template <typename Enum>
std::span<const std::string_view> GivenWords() {
  return NamesOf<Enum>().subspan(1);
}

// The payment that a fact is about: the event's own payment while the event is folded into
// features, else the order's main payment.
inline const Payment* PaymentOf(Context c) {
  if (c.event != nullptr && c.event->payment != nullptr && c.folding) return c.event->payment;
  return PaymentIn(c.state->payment.get());
}

// A getter that gives `expression`, of the context `c`.
#define HOLDFAST_GET(expression) [](Context c) -> Value { return expression; }
// The same, of the order's payment `p`; missing without one.
#define HOLDFAST_PAYMENT(expression)                \
  [](Context c) -> Value {                          \
    const Payment* p = PaymentOf(c);                \
    return p == nullptr ? Missing() : (expression); \
  }

}  // namespace holdfast::facts
