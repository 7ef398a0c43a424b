// Files: reading whole small files, with errors that name the file.
#pragma once

#include <cstddef>
#include <string>

#include "engine/base/result.h"

namespace holdfast {

// The bytes of the file at `path`.
// Errors: kNotFound; kIo; kLimitExceeded above `max_bytes`.
Result<std::string> ReadFile(const std::string& path, std::size_t max_bytes);

// Puts `text` in the place of what `path` held, all of it or nothing.
Status ReplaceFile(const std::string& path, std::string_view text);

}  // namespace holdfast
