#include "engine/codec/json_lines.h"

#include <algorithm>

#include "engine/base/file.h"

namespace holdfast {

Status ReadJsonLines(const std::string& path, std::size_t bytes_max, const std::string& what,
                     const std::function<bool(const JsonValue& line)>& take) {
  const auto text = ReadFile(path, bytes_max);
  if (!text) return tl::unexpected(text.error());
  std::size_t at = 0;
  for (int line = 1; at < text->size(); ++line) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    const std::string_view one = std::string_view(*text).substr(at, end - at);
    at = end + 1;
    if (one.empty()) continue;
    const auto document = JsonDocument::Parse(one);
    if (!document || !take(document->root())) {
      return Fail(ErrorCode::kCorrupt, path + ":" + std::to_string(line), what);
    }
  }
  return {};
}

}  // namespace holdfast
