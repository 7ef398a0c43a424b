// Base64 (RFC 4648).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

// Section 4: with '+', '/' and padding.
std::string EncodeBase64(std::string_view bytes);

// Nothing for a text that is not base64. Padding may be left out.
std::optional<std::string> DecodeBase64(std::string_view text);

// Section 5, for addresses and tokens: with '-' and '_', without padding.
std::string EncodeBase64Url(std::string_view bytes);
// Nothing for any text but the one that EncodeBase64Url gives: there is one text for some bytes.
std::optional<std::string> DecodeBase64Url(std::string_view text);

}  // namespace holdfast
