// Helpers for the functions that compute facts: they convert model values to expression values.
#pragma once

#include <cstdint>
#include <optional>
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

}  // namespace holdfast::facts
