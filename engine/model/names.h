// Names: the JSON words of every enumeration of the model, one table for each. The codec, rules and
// messages use them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "engine/model/decision.h"
#include "engine/model/event.h"
#include "engine/model/funds.h"
#include "engine/model/payment.h"

namespace holdfast {

// The words of an enumeration in the order of its values; "" for a value that has no word (unset).
template <typename Enum>
std::span<const std::string_view> NamesOf();

template <typename Enum>
std::string_view NameOf(Enum value) {
  return NamesOf<Enum>()[static_cast<std::size_t>(value)];
}

// The value that has this word; nothing when none has.
template <typename Enum>
std::optional<Enum> ValueOf(std::string_view name) {
  const auto names = NamesOf<Enum>();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

// The words of `type`'s payload key ("order" for order.placed).
std::string_view PayloadKeyOf(EventType type);

}  // namespace holdfast
