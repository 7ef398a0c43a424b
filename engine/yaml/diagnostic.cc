#include "engine/yaml/diagnostic.h"

#include <algorithm>

#include "engine/codec/json_object.h"

namespace holdfast {
namespace {

std::string_view WordOf(Severity severity) {
  return severity == Severity::kError ? "error" : "warning";
}

}  // namespace

std::size_t CountErrors(const Diagnostics& diagnostics) {
  return static_cast<std::size_t>(
      std::count_if(diagnostics.begin(), diagnostics.end(),
                    [](const Diagnostic& d) { return d.severity == Severity::kError; }));
}

std::string RenderText(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics) {
    text += d.file;
    if (d.line > 0) text += ":" + std::to_string(d.line) + ":" + std::to_string(d.column);
    text += ": " + std::string(WordOf(d.severity)) + "[" + d.code + "]: " + d.message + "\n";
    if (d.line > 0) {
      const std::string number = std::to_string(d.line);
      const std::string margin(number.size() + 1, ' ');
      text += margin + "|\n" + number + " | " + d.source_line + "\n" + margin + "| ";
      // Tabs are kept, so that the caret is below the text.
      int column = 1;
      for (std::size_t i = 0; i < d.source_line.size() && column < d.column; ++i) {
        const auto byte = static_cast<unsigned char>(d.source_line[i]);
        if ((byte & 0xC0) == 0x80) continue;
        text += byte == '\t' ? '\t' : ' ';
        ++column;
      }
      text += std::string(static_cast<std::size_t>(std::max(1, d.length)), '^') + "\n";
    }
    if (!d.help.empty()) text += "  help: " + d.help + "\n";
  }
  return text;
}

std::string RenderJson(const Diagnostics& diagnostics) {
  JsonList list;
  for (const Diagnostic& d : diagnostics) {
    list.Add(JsonObject()
                 .Text("severity", WordOf(d.severity))
                 .Text("code", d.code)
                 .Text("file", d.file)
                 .Number("line", d.line)
                 .Number("column", d.column)
                 .Number("length", d.length)
                 .Text("message", d.message)
                 .Text("help", d.help)
                 .Done());
  }
  return list.Done();
}

std::string CountText(const Diagnostics& diagnostics) {
  const std::size_t errors = CountErrors(diagnostics);
  const std::size_t warnings = diagnostics.size() - errors;
  std::string text;
  if (errors > 0) text = std::to_string(errors) + (errors == 1 ? " error" : " errors");
  if (warnings > 0) {
    if (!text.empty()) text += ", ";
    text += std::to_string(warnings) + (warnings == 1 ? " warning" : " warnings");
  }
  return text;
}

}  // namespace holdfast
