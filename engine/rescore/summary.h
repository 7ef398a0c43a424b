// Summary: a tally as a report for people and programs: rates with confidence intervals, money,
// rules that could be removed, thresholds.
#pragma once

#include <optional>
#include <string>

#include "engine/packs/pack.h"
#include "engine/rescore/tally.h"

namespace holdfast {

// A share that was counted.
struct Share {
  std::uint64_t of = 0, all = 0;
  // 0..1; 0 when there was nothing to count.
  double value() const { return all == 0 ? 0 : static_cast<double>(of) / static_cast<double>(all); }
};

// The interval in which a share lies with 95 % confidence, by Wilson's score (1927): good for small
// counts too, where the usual one is not. Of nothing counted: 0..1.
struct Interval {
  double low = 0, high = 1;
};
Interval WilsonOf(const Share& rate);

// How well stopping orders separates fraud from good orders, among those with a label.
struct Confusion {
  Sum fraud_stopped, fraud_passed, good_stopped, good_passed;
  std::uint64_t stopped = 0;  // without a label too
  Share Precision() const;    // of what was stopped, how much was fraud
  Share Recall() const;       // of fraud, how much was stopped
  Share FalseHolds() const;   // of good orders, how many were stopped
};
// `waiting`: neither stopped nor passed.
Confusion ConfusionOf(const ByLabel& orders, const ByLabel& stopped, const ByLabel& waiting);

// The same if orders were held from the score `threshold` on; 0: never by score.
Confusion AtThreshold(const Tally& tally, int threshold);

struct PackName {
  std::string name, hash;
  std::int64_t version = 0;
};
PackName NameOfPack(const Pack& pack);

// What a summary is about.
struct SummaryHead {
  PackName pack;
  std::optional<PackName> baseline;  // nothing: what was decided then
  std::string base;                  // the currency of amounts
  int threshold = 0;                 // of the pack
  std::string merchant, from, to;    // as asked for; empty: all
  std::string as_of;                 // the time at which the age of orders was measured
  std::string label_delay;           // RescoreOptions::label_delay, in seconds
  std::string judged_by;             // what else than the log itself; empty: that
  std::string labels;                // a digest of those from outside; empty: none
  int review_minutes = 5;            // that a person needs for a held order
  std::uint64_t last_record = 0;     // of the log, or of the part of one that has the latest
};

// One JSON object; `tally` in it is what `rescore merge` adds up.
std::string SummaryJson(const SummaryHead& head, const Tally& tally);

// The head of one that SummaryJson wrote. Errors: kCorrupt.
Result<SummaryHead> ReadSummaryHead(const JsonValue& json);

}  // namespace holdfast
