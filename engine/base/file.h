// Files: reading whole small files, with errors that name the file.
#pragma once

#include <cstddef>
#include <string>

#include "engine/base/result.h"

namespace holdfast {

// The bytes of the file at `path`.
// Errors: kNotFound; kIo; kLimitExceeded above `max_bytes`.
Result<std::string> ReadFile(const std::string& path, std::size_t max_bytes);

// Puts `text` in the place of what `path` held, all of it or nothing; mode and, where that can be,
// owner stay.
Status ReplaceFile(const std::string& path, std::string_view text);

// Appends to a file, which is made when there is none; on disk when it returns. Errors: kIo, after
// which a part of `text` may be there.
Status AppendToFile(const std::string& path, std::string_view text);

// What RemoveFolder moves aside ends so; what is left of it may be removed at any time.
inline constexpr char kGoing[] = ".going";

// Removes a folder with all that is in it: in one step it is no longer there under its name,
// however suddenly the process ends. Fine where there is none.
Status RemoveFolder(const std::string& path);

}  // namespace holdfast
