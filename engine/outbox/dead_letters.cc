#include "engine/outbox/dead_letters.h"

#include <algorithm>
#include <string_view>

#include "engine/base/file.h"
#include "engine/base/number.h"
#include "engine/codec/json_value.h"

namespace holdfast {

Result<std::vector<DeadLetter>> ReadDeadLetters(const std::string& folder,
                                                const std::string& name) {
  const auto text = ReadFile(folder + "/" + name + ".dead.ndjson", 1 << 30);
  if (!text) return tl::unexpected(text.error());
  std::vector<DeadLetter> letters;
  std::size_t at = 0;
  while (at < text->size()) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    const auto line = JsonDocument::Parse(std::string_view(*text).substr(at, end - at));
    at = end + 1;
    if (!line) continue;
    const JsonValue& root = line->root();
    letters.push_back({ParseNumber<std::uint64_t>(root["offset"].text()).value_or(0),
                       std::string(root["at"].text()), std::string(root["why"].text())});
  }
  return letters;
}

Status Resend(const std::string& folder, const std::string& name,
              const std::vector<std::uint64_t>& offsets) {
  std::string lines;
  for (const std::uint64_t offset : offsets) lines += std::to_string(offset) + "\n";
  return AppendToFile(folder + "/" + name + ".replay", lines);
}

}  // namespace holdfast
