// Page: helpers for HTML reports. A report is one self-contained file.
#pragma once

#include <string>
#include <string_view>

#include "engine/codec/json_value.h"

namespace holdfast::cli {

// `text` escaped for HTML.
std::string Escaped(std::string_view text);

double NumberOf(const JsonValue& value);

// The begin of a page, up to its first heading.
std::string PageHead(std::string_view title);

}  // namespace holdfast::cli
