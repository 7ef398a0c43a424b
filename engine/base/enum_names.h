// Names of the values of an enumeration, in tables that the compiler checks: a value without a name
// does not compile.
#pragma once

#include <cstddef>
#include <string_view>

namespace holdfast {

// The compiler writes a value with a name as "Enum::kName", and one without as "(Enum)5".
template <auto kValue>
consteval bool IsEnumerator() {
  constexpr std::string_view kText = __PRETTY_FUNCTION__;
  constexpr std::string_view kBefore = "kValue = ";
  return kText[kText.find(kBefore) + kBefore.size()] != '(';
}

// Of an enumeration with a fixed type whose values run from 0 without gaps.
template <typename Enum, std::size_t kFrom = 0>
consteval std::size_t EnumCount() {
  if constexpr (IsEnumerator<static_cast<Enum>(kFrom)>()) {
    return EnumCount<Enum, kFrom + 1>();
  } else {
    return kFrom;
  }
}

// The entry of a value in a table that has one for each value, in their order.
template <typename Enum, typename Entry, std::size_t kCount>
constexpr const Entry& NameIn(const Entry (&table)[kCount], Enum value) {
  static_assert(kCount == EnumCount<Enum>());
  return table[static_cast<std::size_t>(value)];
}

}  // namespace holdfast
