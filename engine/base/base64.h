// Base64 (RFC 4648, section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

std::string EncodeBase64(std::string_view bytes);

// Nothing for a text that is not base64. Padding may be left out.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace holdfast
