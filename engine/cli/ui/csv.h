// Csv: tables for spreadsheets (RFC 4180).
// Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::cli {

// The rows as CSV with CRLF at the end of each; the first row is the head. Cells with commas or
// quotes are quoted. Control characters become '?', as on a terminal.
// A spreadsheet runs a cell that begins with = + - @ (or their full-width forms) as a formula. Such
// a cell gets an apostrophe before it, unless it is a number (OWASP, CSV injection).
std::string CsvText(const std::vector<std::vector<std::string>>& rows);

// Writes them to standard output.
void PrintCsv(const std::vector<std::vector<std::string>>& rows);

}  // namespace holdfast::cli
