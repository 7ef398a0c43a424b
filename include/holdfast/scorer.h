// Scorer embeds Holdfast in another program. It takes events as JSON and returns decisions as JSON.
//
// This header needs only the standard library.
// Threads: thread-compatible; one owner. The state is in memory and is lost with the object.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

// The result of one call of Score.
struct ScoreResult {
  bool accepted = false;                // false: refused, see `problem`; nothing changed
  bool duplicate = false;               // the same bytes were accepted before; nothing changed
  std::optional<std::string> decision;  // one JSON object; empty if no order was decided
  std::string problem;                  // "order.items[2].quantity: must be ..."
};

class Scorer {
 public:
  // Loads the rule pack at `pack_path` (a folder with pack.yaml, or one YAML file). Returns null
  // when the pack has errors. `findings` receives the errors and warnings as readable text.
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
