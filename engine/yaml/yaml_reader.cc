#include "engine/yaml/yaml_reader.h"

#include <algorithm>
#include <cmath>

#include "engine/base/number.h"
#include "engine/base/text.h"

namespace holdfast {

void YamlReader::Report(std::string code, const YamlNode& at, std::string message,
                        std::string help) {
  diagnostics_.push_back(
      file_.At(Severity::kError, std::move(code), at, std::move(message), std::move(help)));
}

void YamlReader::Warn(std::string code, const YamlNode& at, std::string message, std::string help) {
  diagnostics_.push_back(
      file_.At(Severity::kWarning, std::move(code), at, std::move(message), std::move(help)));
}

void YamlReader::CheckKeys(const YamlNode& map, std::string_view what,
                           const std::vector<std::string_view>& known) {
  for (const auto& [key, value] : map.members) {
    if (std::find(known.begin(), known.end(), key.text) != known.end()) continue;
    const std::string_view near = DidYouMean(key.text, known);
    Report("unknown-key", key, std::string(what) + " has no key '" + key.text + "'",
           near.empty() ? "the keys are " + OrList(known, 40)
                        : "did you mean '" + std::string(near) + "'?");
  }
}

std::optional<std::string> YamlReader::Text(const YamlNode* node, std::string_view what) {
  if (node == nullptr) return std::nullopt;
  if (!node->IsScalar()) {
    Report("type-mismatch", *node, std::string(what) + " must be a text");
    return std::nullopt;
  }
  return node->text;
}

std::optional<std::int64_t> YamlReader::Whole(const YamlNode* node, std::string_view what,
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

std::optional<double> YamlReader::Number(const YamlNode* node, std::string_view what) {
  if (node == nullptr) return std::nullopt;
  const auto value = ParseNumber<double>(node->text);
  if (!node->IsScalar() || !value || !std::isfinite(*value) || *value <= 0) {
    Report("type-mismatch", *node, std::string(what) + " must be a number above 0");
    return std::nullopt;
  }
  return value;
}

std::optional<bool> YamlReader::Flag(const YamlNode* node, std::string_view what) {
  if (node == nullptr) return std::nullopt;
  if (node->IsScalar() && (node->text == "true" || node->text == "false")) {
    return node->text == "true";
  }
  Report("type-mismatch", *node, std::string(what) + " must be true or false");
  return std::nullopt;
}

std::optional<std::size_t> YamlReader::Word(const YamlNode* node, std::string_view what,
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

}  // namespace holdfast
