#include "engine/cli/ui/page.h"

#include <cstdlib>

#include "engine/base/number.h"

namespace holdfast::cli {

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

double NumberOf(const JsonValue& value) { return ParseNumber<double>(value.text()).value_or(0); }

std::string PageHead(std::string_view title) {
  return "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
         "<meta name=\"viewport\" content=\"width=device-width\"><title>" +
         Escaped(title) +
         "</title><style>"
         "body{font:15px/1.5 system-ui,sans-serif;max-width:64em;margin:2em auto;padding:0 1em;"
         "color:#1b2430}h2{margin-top:2em;font-size:1.1em}table{border-collapse:collapse}"
         "td,th{padding:.2em .8em;text-align:right;border-bottom:1px solid #dde3ea}"
         "td:first-child,th:first-child{text-align:left}"
         "svg text{font:13px system-ui,sans-serif;fill:#1b2430}rect{fill:#3b6ea5}"
         ".fraud{fill:#b3261e}.good{fill:#2e7d4f}.unknown{fill:#9aa5b1}"
         ".line{fill:none;stroke:#3b6ea5;stroke-width:2}.other{stroke:#9aa5b1}"
         ".over,.warn{color:#b3261e}.over{font-weight:600}"
         "@media "
         "print{body{max-width:none;margin:0}h2{break-after:avoid}svg,tr{break-inside:avoid}}"
         "</style>\n";
}

}  // namespace holdfast::cli
