#include "engine/packs/pack_reader.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "engine/base/file.h"
#include "engine/base/number.h"
#include "engine/base/text.h"

namespace holdfast {

namespace fs = std::filesystem;

bool IsName(std::string_view text) {
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

void PackReader::Report(std::string code, const YamlNode& at, std::string message,
                        std::string help) {
  diagnostics_.push_back(
      file_.At(Severity::kError, std::move(code), at, std::move(message), std::move(help)));
}

void PackReader::Warn(std::string code, const YamlNode& at, std::string message, std::string help) {
  diagnostics_.push_back(
      file_.At(Severity::kWarning, std::move(code), at, std::move(message), std::move(help)));
}

void PackReader::CheckKeys(const YamlNode& map, Section section) {
  const std::vector<std::string_view> known = KeyNames(section);
  for (const auto& [key, value] : map.members) {
    if (std::find(known.begin(), known.end(), key.text) != known.end()) continue;
    const std::string_view near = DidYouMean(key.text, known);
    Report("unknown-key", key, std::string(NameOf(section)) + " has no key '" + key.text + "'",
           near.empty() ? "the keys are " + OrList(known, 30)
                        : "did you mean '" + std::string(near) + "'?");
  }
}

std::optional<std::string> PackReader::Text(const YamlNode* node, std::string_view what) {
  if (node == nullptr) return std::nullopt;
  if (!node->IsScalar()) {
    Report("type-mismatch", *node, std::string(what) + " must be a text");
    return std::nullopt;
  }
  return node->text;
}

std::optional<std::int64_t> PackReader::Whole(const YamlNode* node, std::string_view what,
                                              std::int64_t min, std::int64_t max) {
  if (node == nullptr) return std::nullopt;
  const auto value = ParseNumber<std::int64_t>(node->text);
  if (!node->IsScalar() || !value || *value < min || *value > max) {
    Report("type-mismatch", *node,
           std::string(what) + " must be a whole number from " + std::to_string(min) + " to " +
               std::to_string(max));
    return std::nullopt;
  }
  return value;
}

std::optional<double> PackReader::Number(const YamlNode& node, std::string_view what) {
  const auto value = ParseNumber<double>(node.text);
  if (!node.IsScalar() || !value || !std::isfinite(*value) || *value <= 0) {
    Report("type-mismatch", node, std::string(what) + " must be a number above 0");
    return std::nullopt;
  }
  return value;
}

bool PackReader::Flag(const YamlNode* node, std::string_view what) {
  if (node == nullptr) return false;
  if (node->IsScalar() && (node->text == "true" || node->text == "false"))
    return node->text == "true";
  Report("type-mismatch", *node, std::string(what) + " must be true or false");
  return false;
}

std::optional<std::size_t> PackReader::Word(const YamlNode* node, std::string_view what,
                                            const std::vector<std::string_view>& words) {
  if (node == nullptr) return std::nullopt;
  if (node->IsScalar()) {
    const auto found = std::find(words.begin(), words.end(), node->text);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    const std::string_view near = DidYouMean(node->text, words);
    Report("unknown-word", *node,
           std::string(what) + " must be " + OrList(words, 20) + ", not '" + node->text + "'",
           near.empty() ? std::string() : "did you mean '" + std::string(near) + "'?");
    return std::nullopt;
  }
  Report("type-mismatch", *node, std::string(what) + " must be " + OrList(words, 20));
  return std::nullopt;
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
