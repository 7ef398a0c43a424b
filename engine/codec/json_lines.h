// JsonLines: a small file of JSON, one object a line.
#pragma once

#include <functional>
#include <string>

#include "engine/base/result.h"
#include "engine/codec/json_value.h"

namespace holdfast {

// Gives `take` every line that is not empty; it says whether that is what the file holds.
// Errors: as ReadFile; kCorrupt, with the line, for one that is not JSON or not taken: `what` says
// what it should be, and how the file is made.
Status ReadJsonLines(const std::string& path, std::size_t bytes_max, const std::string& what,
                     const std::function<bool(const JsonValue& line)>& take);

}  // namespace holdfast
