// RescorePage: the result of a rescoring as one HTML file with charts, which can be printed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/codec/json_value.h"

namespace holdfast::cli {

// A share as a percentage, with the interval that it lies in.
std::string RateText(const JsonValue& rate);

// What of `before` and `after` in a summary is told, by name.
const std::vector<std::pair<const char*, const char*>>& ConfusionRows();

// What a summary compares: "starter version 2, with what was decided".
std::string ComparedText(const JsonValue& summary);

// `summary`: what SummaryJson has written.
std::string RescorePage(const JsonValue& summary);

}  // namespace holdfast::cli
