// Diagnostic: one finding about a file that a person wrote, shown with its place and what to do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

enum class Severity : std::uint8_t { kError, kWarning };

struct Diagnostic {
  Severity severity = Severity::kError;
  std::string code;  // stable: unknown-field, type-mismatch, ...
  std::string file;
  int line = 0;    // from 1; 0: the whole file
  int column = 0;  // from 1, in code points
  int length = 1;  // code points under the caret
  std::string source_line;
  std::string message;
  std::string help;  // or empty
};

using Diagnostics = std::vector<Diagnostic>;

std::size_t CountErrors(const Diagnostics& diagnostics);

// For people: `file:line:column: error[code]: message`, the line, a caret, the help.
std::string RenderText(const Diagnostics& diagnostics);

// One JSON array of objects, the same facts.
std::string RenderJson(const Diagnostics& diagnostics);

// "1 error, 2 warnings"; empty when there is nothing.
std::string CountText(const Diagnostics& diagnostics);

}  // namespace holdfast
