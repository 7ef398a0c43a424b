#include "engine/packs/pack_reader.h"

#include <algorithm>
#include <filesystem>

#include "engine/base/file.h"
#include "engine/base/text.h"

namespace holdfast {

namespace fs = std::filesystem;

bool IsName(std::string_view text) {
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

void PackReader::CheckKeys(const YamlNode& map, Section section) {
  YamlReader::CheckKeys(map, NameOf(section), KeyNames(section));
}

std::optional<std::string> PackReader::ReadPackFile(const YamlNode& name, std::size_t max_bytes) {
  const fs::path path(name.text);
  if (!name.IsScalar() || name.text.empty() || path.is_absolute() ||
      name.text.find("..") != std::string::npos) {
    Report("bad-path", name, "a pack's files lie in its folder; give a relative path without '..'");
    return std::nullopt;
  }
  auto bytes = ReadFile((fs::path(folder_) / path).string(), max_bytes);
  if (!bytes) {
    Report("unreadable-file", name, "'" + name.text + "' " + bytes.error().detail);
    return std::nullopt;
  }
  hash_.Add(std::to_string(name.text.size()) + ":" + name.text + std::to_string(bytes->size()) +
            ":");
  hash_.Add(*bytes);
  files_.insert(name.text);
  return std::move(*bytes);
}

void PackReader::ForEachEntry(std::string_view text,
                              const std::function<void(std::size_t, std::string_view)>& visit) {
  std::size_t number = 0;
  for (std::size_t at = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
       at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = Trim(text.substr(at, end - at));
    at = end + 1;
    ++number;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] != '#' || (i > 0 && line[i - 1] != ' ' && line[i - 1] != '\t')) continue;
      line = Trim(line.substr(0, i));
      break;
    }
    if (!line.empty()) visit(number, line);
  }
}

}  // namespace holdfast
