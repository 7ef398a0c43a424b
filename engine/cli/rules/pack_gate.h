// Gate: the checks before a pack is activated: its cases, and the orders of the last days that it
// would have decided otherwise.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/cli/rescore/rescore_run.h"

namespace holdfast::cli {

struct GateOptions {
  RescoreSource source;  // the log, and the pack
  int days = 7;
  double most = 5;  // percent of the orders that may end otherwise
};

// An order that ends otherwise.
struct GateFlip {
  std::string merchant, order_id, amount;
  std::string before, after;  // "hold identity", "ship"
};

// The orders that end otherwise where a rule makes a difference.
struct RuleFlips {
  std::uint64_t orders = 0;
  std::vector<GateFlip> examples;  // a few
};

struct Gate {
  std::vector<std::string> faults;  // why the pack must not be activated
  std::vector<std::string> failed;  // "FILE:LINE: NAME" of the cases that fail
  std::size_t cases = 0;
  int days = 0;
  std::uint64_t orders = 0, flipped = 0;
  std::map<std::string, std::uint64_t> moves;  // "ship instead of hold", and how many orders
  // By rule; an order with several such rules is with each. "" has orders without one: the
  // threshold was changed.
  std::map<std::string, RuleFlips> rules;
};

// `log`: the name of the service's log, which the folder must have; empty: not checked. Findings in
// case files go to standard error. Errors: as RescoreRun::Open, LatestOrder and Run.
Result<Gate> JudgePack(const GateOptions& options, const std::shared_ptr<const Pack>& pack,
                       const std::string& log);

// Prints the gate for people, on standard error.
void ShowGate(const Gate& gate);
std::string GateJson(const Gate& gate);
// In one sentence, for the log.
std::string GateText(const Gate& gate);

}  // namespace holdfast::cli
