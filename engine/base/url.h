// Url: the encoding of texts in addresses and forms.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

// "%2F" and '+' as they are meant; what is no such sign stays.
std::string DecodeUrl(std::string_view text);

}  // namespace holdfast
