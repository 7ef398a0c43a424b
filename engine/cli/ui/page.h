// Page: what HTML reports have in common. A page is one file that needs nothing else.
#pragma once

#include <string>
#include <string_view>

#include "engine/codec/json_value.h"

namespace holdfast::cli {

// `text` with nothing in it that a browser takes for HTML.
std::string Escaped(std::string_view text);

double NumberOf(const JsonValue& value);

// The begin of a page, up to its first heading.
std::string PageHead(std::string_view title);

}  // namespace holdfast::cli
