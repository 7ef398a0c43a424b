// Hexadecimal digits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

// Two lower-case digits a byte.
std::string EncodeHex(std::string_view bytes);
// Nothing for a text that is not hexadecimal, of either case.
std::optional<std::string> DecodeHex(std::string_view text);

}  // namespace holdfast
