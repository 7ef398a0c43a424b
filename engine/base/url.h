// Url: the encoding of texts in addresses and forms.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

// Reads "%2F" as the byte and '+' as a blank, as forms are encoded; any other sign stays.
std::string DecodeUrl(std::string_view text);

// All but letters, digits and "-._~" as "%2F" (RFC 3986, section 2).
std::string EncodeUrl(std::string_view text);

}  // namespace holdfast
