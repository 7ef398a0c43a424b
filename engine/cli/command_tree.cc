#include "engine/cli/command_tree.h"

namespace holdfast::cli {

std::string Brief(const std::string& what, std::size_t width) {
  if (what.size() <= width) return what;
  // The last place at which a part of the sentence ends.
  std::size_t end = std::string::npos;
  for (const char* mark : {", ", "; ", ": "}) {
    const std::size_t at = what.rfind(mark, width);
    if (at != std::string::npos && (end == std::string::npos || at > end)) end = at;
  }
  if (end != std::string::npos) return what.substr(0, end);
  const std::size_t blank = what.rfind(' ', width - 4);
  return what.substr(0, blank) + " ...";
}

}  // namespace holdfast::cli
