// Countries: ISO 3166-1 alpha-2 codes.
#pragma once

#include <string_view>

namespace holdfast {

// True for an assigned ISO 3166-1 alpha-2 code in upper case, and for XK (Kosovo), which postal and
// payment services use.
bool IsCountryCode(std::string_view code);

}  // namespace holdfast
