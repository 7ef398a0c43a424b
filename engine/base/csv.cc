#include "engine/base/csv.h"

#include <csv.h>

#include <utility>

#include "engine/base/text.h"

namespace holdfast {

std::optional<CsvRows> ParseCsv(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  struct Reading {
    CsvRows rows;
    std::vector<std::string> row;
  } reading;
  csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0) return std::nullopt;
  const auto on_field = [](void* bytes, std::size_t size, void* data) {
    static_cast<Reading*>(data)->row.emplace_back(static_cast<const char*>(bytes), size);
  };
  const auto on_row = [](int, void* data) {
    auto* all = static_cast<Reading*>(data);
    all->rows.push_back(std::move(all->row));
    all->row.clear();
  };
  const bool ok =
      csv_parse(&parser, text.data(), text.size(), on_field, on_row, &reading) == text.size() &&
      csv_fini(&parser, on_field, on_row, &reading) == 0;
  csv_free(&parser);
  if (!ok) return std::nullopt;
  return std::move(reading.rows);
}

}  // namespace holdfast
