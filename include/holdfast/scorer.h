// Scorer: Holdfast within another program. Events as JSON in, decisions as JSON out.
//
// Needs only the standard library's headers.
// Threads: thread-compatible; one owner. State is in memory and ends with the object.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

// What came of one input.
struct ScoreResult {
  bool accepted = false;                // false: `problem` says why, and nothing has changed
  bool duplicate = false;               // accepted before with the same bytes; nothing has changed
  std::optional<std::string> decision;  // one JSON object, where the input touched a known order
  std::string problem;                  // "order.items[2].quantity: must be ..."
};

class Scorer {
 public:
  // Loads the rule pack at `pack_path` (a folder with pack.yaml, or one YAML file). Null when it
  // has errors; `findings` then, and for warnings, holds them as text for people.
  static std::unique_ptr<Scorer> Open(const std::string& pack_path, std::string& findings);
  ~Scorer();

  // Applies one event, or one bare order, in JSON (docs/formats.md).
  ScoreResult Score(std::string_view json);

 private:
  struct Impl;
  explicit Scorer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace holdfast
