// Table: a CSV file in memory, for measurements.
#pragma once

#include <string>

#include "engine/base/csv.h"
#include "tests/cli/process.h"

namespace holdfast::testing {

// All rows but the head.
inline CsvRows ReadTable(const std::string& path) {
  CsvRows rows = ParseCsv(Slurp(path)).value_or(CsvRows());
  if (!rows.empty()) rows.erase(rows.begin());
  return rows;
}

}  // namespace holdfast::testing
