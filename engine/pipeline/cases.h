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

#include "engine/decide/explain.h"
#include "engine/packs/pack.h"

namespace holdfast {

struct CaseResult {
  std::string name;
  std::string file;
  int line = 0;
  bool passed = false;
  std::vector<std::string> differences;  // "outcome: expected ship, got hold"
  // Of a failed case: the rules that matched; rules that `rules` of `expect` names and that did not
  // match; names in it that are no rules of the pack. The rules are the pack's.
  std::vector<ExplainedRule> matched, not_matched;
  std::vector<std::string> unknown;
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

// The events of the case called `name`, as JSON, in order. Errors in the files are added to
// `diagnostics`. Errors: kUsage when no case or several have the name.
Result<std::vector<std::string>> EventsOfCase(const std::vector<std::string>& files,
                                              const std::string& name, Diagnostics& diagnostics);

}  // namespace holdfast
