// PackReader: reads the values in sections of a pack (texts, numbers, words, files beside the pack)
// and reports errors in them.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/hash.h"
#include "engine/packs/keys.h"
#include "engine/yaml/diagnostic.h"
#include "engine/yaml/yaml_file.h"

namespace holdfast {

// A name that expressions can read: a lower-case letter, then such letters, digits and '_'.
bool IsName(std::string_view text);

class PackReader {
 public:
  // `file` and `diagnostics` must outlive this. Files that the pack names are sought in `folder`.
  PackReader(const YamlFile& file, std::string folder, Diagnostics& diagnostics)
      : file_(file), folder_(std::move(folder)), diagnostics_(diagnostics) {}

  void Report(std::string code, const YamlNode& at, std::string message, std::string help = {});
  void Warn(std::string code, const YamlNode& at, std::string message, std::string help = {});

  // Reports keys of `map` that the section does not have.
  void CheckKeys(const YamlNode& map, Section section);

  // Empty, after a report, for a value that is not allowed; empty without a report for a null node.
  std::optional<std::string> Text(const YamlNode* node, std::string_view what);
  std::optional<std::int64_t> Whole(const YamlNode* node, std::string_view what, std::int64_t min,
                                    std::int64_t max);
  std::optional<double> Number(const YamlNode& node, std::string_view what);  // above 0
  bool Flag(const YamlNode* node, std::string_view what);
  // The index of the node's text in `words`.
  std::optional<std::size_t> Word(const YamlNode* node, std::string_view what,
                                  const std::vector<std::string_view>& words);

  // Reads a file beside the pack. Its bytes become part of the pack's hash.
  std::optional<std::string> ReadPackFile(const YamlNode& name, std::size_t max_bytes);

  // Calls `visit(number, line)` for each line of a list: without comments ('#' at its beginning or
  // behind a blank: it may be part of an entry), without blanks at its ends, and not empty. Numbers
  // count from 1.
  static void ForEachEntry(std::string_view text,
                           const std::function<void(std::size_t, std::string_view)>& visit);

  const YamlFile& file() const { return file_; }
  Diagnostics& diagnostics() { return diagnostics_; }
  // Of everything that was read: the pack itself, by AddToHash, and the files that it names.
  void AddToHash(std::string_view text) { hash_.Add(text); }
  std::string Hash() { return hash_.Hex(); }

 private:
  const YamlFile& file_;
  const std::string folder_;
  Diagnostics& diagnostics_;
  Sha256 hash_;  // over everything that was read
};

}  // namespace holdfast
