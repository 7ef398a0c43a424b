// CSV: the rows of a small file in memory. Large ones are read as a stream (engine/ingest).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

using CsvRows = std::vector<std::vector<std::string>>;

// All rows of `text` (RFC 4180, empty lines left out); nothing when a quote is wrong.
std::optional<CsvRows> ParseCsv(std::string_view text);

}  // namespace holdfast
