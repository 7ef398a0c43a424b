// ResultWords: what an action of a person has led to, in one line.
#pragma once

#include <string>

#include "engine/codec/json_value.h"

namespace holdfast::cli {

// "order 100045: still held, velocity: new since your release: ...". `result`: the answer to the
// event review.TYPE.
std::string ResultWords(const JsonValue& result, const std::string& order, std::string_view type);

}  // namespace holdfast::cli
