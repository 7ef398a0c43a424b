#include "engine/cli/ui/csv.h"

#include <algorithm>
#include <cstdio>

#include "engine/base/number.h"
#include "engine/cli/ui/terminal.h"

namespace holdfast::cli {
namespace {

bool IsFormula(std::string_view cell) {
  const std::size_t first = cell.find_first_not_of(' ');
  if (first == cell.npos || ParseNumber<double>(cell)) return false;
  cell.remove_prefix(first);
  constexpr std::string_view kBegins[] = {"=",      "+",      "-",      "@",
                                          "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};
  return std::any_of(std::begin(kBegins), std::end(kBegins),
                     [&](std::string_view begin) { return cell.starts_with(begin); });
}

std::string CellOf(std::string_view text) {
  std::string cell = Safe(text);
  if (IsFormula(cell)) cell.insert(0, 1, '\'');
  const bool plain =
      cell.find_first_of(",\"") == cell.npos && !cell.starts_with(' ') && !cell.ends_with(' ');
  if (plain) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

}  // namespace

std::string CsvText(const std::vector<std::vector<std::string>>& rows) {
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += ',';
      text += CellOf(row[i]);
    }
    text += "\r\n";
  }
  return text;
}

void PrintCsv(const std::vector<std::vector<std::string>>& rows) {
  const std::string text = CsvText(rows);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace holdfast::cli
