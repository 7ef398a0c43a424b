// Cases: tests of a rule pack. A case lists events and the decision expected after the last one.
//
//   cases:
//     - name: a payment under review holds for funds
//       events: [ {...}, {...} ]      # events or bare orders, as on the wire
//       expect: { outcome: hold, cause: funds, rules: [payer-not-account-holder] }
//
// Each case starts with empty history. `expect` is compared with the last decision; only the keys
// that it has are compared. `rules` lists the ids of all rules that matched, in any order;
// `missing` lists the rules that could not be evaluated; `score` is the score.
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

// A case file whose `expect` values are replaced by the actual results.
struct UpdatedCases {
  std::string file;
  std::string text;
};

struct CaseReport {
  std::vector<CaseResult> results;
  std::vector<std::string> rules_without_case;  // rules that no case expects to match
  std::vector<UpdatedCases> updates;            // of files with a case that differed
};

// The case files of the pack at `path`: *.cases.yaml in its folder, or X.cases.yaml beside X.yaml.
std::vector<std::string> FindCaseFiles(const std::string& path);

// Runs every case in `files`. Errors in the files themselves are added to `diagnostics`.
CaseReport RunCases(const std::shared_ptr<const Pack>& pack, const std::vector<std::string>& files,
                    Diagnostics& diagnostics);

}  // namespace holdfast
