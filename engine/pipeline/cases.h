// Cases: example orders beside a pack, with what is expected of it.
//
//   cases:
//     - name: a payment under review holds for funds
//       events: [ {...}, {...} ]      # events or bare orders, as on the wire
//       expect: { outcome: hold, cause: funds, rules: [payer-not-account-holder] }
//
// Each case starts with empty history. `expect` is compared with the last decision; keys that it
// does not have are not compared. `rules` are the ids of all rules that matched, in any order;
// `missing` those that could not be evaluated; `score` the score.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/packs/pack.h"

namespace holdfast {

struct CaseResult {
  std::string name;
  std::string file;
  int line = 0;
  bool passed = false;
  std::vector<std::string> differences;  // "outcome: expected ship, got hold"
};

// A case file with its expectations as they turned out.
struct UpdatedCases {
  std::string file;
  std::string text;
};

struct CaseReport {
  std::vector<CaseResult> results;
  std::vector<std::string> rules_without_case;  // that no case expects to match
  std::vector<UpdatedCases> updates;            // of files in which something differed
};

// The case files of the pack at `path`: *.cases.yaml in its folder, or X.cases.yaml beside X.yaml.
std::vector<std::string> FindCaseFiles(const std::string& path);

// Runs every case of `files`. Faults of the files themselves are diagnostics.
CaseReport RunCases(const std::shared_ptr<const Pack>& pack, const std::vector<std::string>& files,
                    Diagnostics& diagnostics);

}  // namespace holdfast
