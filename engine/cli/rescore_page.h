// RescorePage: what a rescoring came to, as one HTML file with charts, which can be printed.
#pragma once

#include <string>

#include "engine/codec/json_value.h"

namespace holdfast::cli {

// `summary`: what SummaryJson has written.
std::string RescorePage(const JsonValue& summary);

}  // namespace holdfast::cli
