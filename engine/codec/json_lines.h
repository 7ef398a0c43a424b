// JsonLines: reads a small file with one JSON object a line.
#pragma once

#include <functional>
#include <string>

#include "engine/base/result.h"
#include "engine/codec/json_value.h"

namespace holdfast {

// Calls `take` with every line that is not empty. `take` returns false for an object that does not
// belong in the file.
// Errors: as ReadFile; kCorrupt, with the line, for a line that is not JSON or is refused by
// `take`. `what` says, for the error, what a line should be and how the file is made.
Status ReadJsonLines(const std::string& path, std::size_t bytes_max, const std::string& what,
                     const std::function<bool(const JsonValue& line)>& take);

}  // namespace holdfast
