// YamlReader: reads the values of a YAML file (texts, numbers, words, flags) and reports those that
// are not allowed, with their place in the file.
// Threads: one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/yaml/diagnostic.h"
#include "engine/yaml/yaml_file.h"

namespace holdfast {

class YamlReader {
 public:
  // Both outlive it.
  YamlReader(const YamlFile& file, Diagnostics& diagnostics)
      : file_(file), diagnostics_(diagnostics) {}

  void Report(std::string code, const YamlNode& at, std::string message, std::string help = {});
  void Warn(std::string code, const YamlNode& at, std::string message, std::string help = {});

  // Reports the keys of `map` that are not `known`. `what` is the name of the map in messages.
  void CheckKeys(const YamlNode& map, std::string_view what,
                 const std::vector<std::string_view>& known);

  // Of all below: `what` is the name of the value in messages. Empty, after a report, for a value
  // that is not allowed; empty without a report for a null node.
  std::optional<std::string> Text(const YamlNode* node, std::string_view what);
  std::optional<std::int64_t> Whole(const YamlNode* node, std::string_view what, std::int64_t min,
                                    std::int64_t max);
  std::optional<double> Number(const YamlNode* node, std::string_view what);  // above 0
  std::optional<bool> Flag(const YamlNode* node, std::string_view what);
  // The index of the node's text in `words`.
  std::optional<std::size_t> Word(const YamlNode* node, std::string_view what,
                                  const std::vector<std::string_view>& words);

  const YamlFile& file() const { return file_; }
  Diagnostics& diagnostics() { return diagnostics_; }

 private:
  const YamlFile& file_;
  Diagnostics& diagnostics_;
};

}  // namespace holdfast
