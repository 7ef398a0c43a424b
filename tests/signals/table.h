// Table: a CSV file in memory, for measurements.
#pragma once

#include <csv.h>

#include <string>
#include <vector>

#include "tests/cli/process.h"

namespace holdfast::testing {

using Rows = std::vector<std::vector<std::string>>;

// All rows but the head.
inline Rows ReadTable(const std::string& path) {
  struct Reading {
    Rows rows;
    std::vector<std::string> row;
  } reading;
  csv_parser parser;
  csv_init(&parser, 0);
  const auto field = [](void* text, std::size_t size, void* data) {
    static_cast<Reading*>(data)->row.emplace_back(static_cast<const char*>(text), size);
  };
  const auto row = [](int, void* data) {
    auto* r = static_cast<Reading*>(data);
    r->rows.push_back(std::move(r->row));
    r->row.clear();
  };
  const std::string text = Slurp(path);
  csv_parse(&parser, text.data(), text.size(), field, row, &reading);
  csv_fini(&parser, field, row, &reading);
  csv_free(&parser);
  if (!reading.rows.empty()) reading.rows.erase(reading.rows.begin());
  return reading.rows;
}

}  // namespace holdfast::testing
