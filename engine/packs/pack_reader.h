// PackReader: reads the values in sections of a pack (texts, numbers, words, files beside the pack)
// and reports errors in them.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/hash.h"
#include "engine/packs/keys.h"
#include "engine/yaml/yaml_reader.h"

namespace holdfast {

// A name that expressions can read: a lower-case letter, then such letters, digits and '_'.
bool IsName(std::string_view text);

class PackReader : public YamlReader {
 public:
  // `file` and `diagnostics` must outlive this. Files that the pack names are sought in `folder`.
  PackReader(const YamlFile& file, std::string folder, Diagnostics& diagnostics)
      : YamlReader(file, diagnostics), folder_(std::move(folder)) {}

  // Reports keys of `map` that the section does not have.
  void CheckKeys(const YamlNode& map, Section section);

  // Reads a file beside the pack. Its bytes become part of the pack's hash.
  std::optional<std::string> ReadPackFile(const YamlNode& name, std::size_t max_bytes);

  // Calls `visit(number, line)` for each line of a list: without comments ('#' at its beginning or
  // behind a blank: it may be part of an entry), without blanks at its ends, and not empty. Numbers
  // count from 1.
  static void ForEachEntry(std::string_view text,
                           const std::function<void(std::size_t, std::string_view)>& visit);

  // Of everything that was read: the pack itself, by AddToHash, and the files that it names.
  void AddToHash(std::string_view text) { hash_.Add(text); }
  std::string Hash() { return hash_.Hex(); }
  // The files beside the pack that were read, as it names them; each once.
  const std::set<std::string>& files() const { return files_; }

 private:
  const std::string folder_;
  Sha256 hash_;  // over everything that was read
  std::set<std::string> files_;
};

}  // namespace holdfast
