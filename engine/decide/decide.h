// Decide: computes the decision for an order from the pack, the order and its history.
//
// Deciding writes nothing to the store and reads no clock: the same inputs give the same bytes.
// Threads: one a shard; it keeps scratch memory between decisions.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/decide/combine_results.h"
#include "engine/decide/explain.h"
#include "engine/decide/fact_row.h"
#include "engine/decide/lists.h"
#include "engine/decide/live_circumstances.h"
#include "engine/decide/release_paths.h"
#include "engine/decide/reviewer_verdict.h"
#include "engine/features/feature_fold.h"
#include "engine/model/decision.h"
#include "engine/packs/pack.h"

namespace holdfast {

class Decider {
 public:
  // List edits are read from `store`, features through `features`. Both must outlive the decider.
  Decider(std::shared_ptr<const Pack> pack, Store& store, FeatureFold& features);

  // Selects the merchant whose list edits apply, and the time as of which they count: that of the
  // event. To be called before an event of `merchant` is applied.
  void UseMerchant(std::string_view merchant, EventTime now) { lists_.Use(merchant, now); }

  // Updates the lists after the store has applied a list.changed event.
  void FollowListChange(const Event& event) { lists_.Follow(event); }

  // Decides the order of `context` as of `context.now`. REQUIRES: the order is known.
  // `context.arena` is not used.
  Decision Decide(const FactContext& context, std::uint64_t offset);

  // Decides as Decide does, and appends only the ruling to `ruling`, encoded by PutRuling.
  void AppendRuling(const FactContext& context, std::string& ruling);

  // Decides as Decide does, and explains the result of every rule.
  Explanation Explain(const FactContext& context, std::uint64_t offset);

  // The parcels of the order that need evidence of their packing and have none.
  std::vector<std::string> EvidenceMissing(const FactContext& context);

  // Writes the facts and circumstances of the last decision to `row`. Its texts are views of
  // `values` and of the state. REQUIRES: the order of `context` was decided last, and no person has
  // decided it.
  void Record(const FactContext& context, const FactSchema& schema, FactRow& row,
              std::string& values);

  // Evaluates the rules on recorded facts and appends the ruling to `ruling`, encoded by PutRuling.
  // Errors: kCorrupt.
  Status AppendRuling(const FactRow& row, const FactMap& map, std::string& ruling);

  // The values, by slot, of the variables that are the same for every order (lists). The slots of
  // facts and features hold null.
  const std::vector<cel::Value>& constants() const { return constants_; }

 private:
  // Puts the value of a fact, a feature or a shared expression into its slot.
  void Read(int slot, const FactContext& context);
  // Runs a program. Slots are read when the program needs them.
  cel::Value Run(const cel::Program& program, const FactContext& context);
  void Evaluate(const Rule& rule, const FactContext& context, RuleResult& result);
  bool NeedsEvidence(const FactContext& context);
  // Evaluates every rule and combines the results.
  const CombinedResult& CombineRules(const FactContext& context,
                                     const Circumstances& circumstances);
  std::vector<std::string> NamesOfMissing(const cel::Value& value) const;
  std::string Render(const Template& text, const FactContext& context);
  Reason ReasonFor(const Rule& rule, const FactContext& context);
  std::string MissingText(const std::vector<std::string>& facts) const;
  Reason MissingReason(const Rule& rule, const std::vector<std::string>& facts) const;
  Reason Say(const ReasonDraft& draft, const CombinedResult& combined, const FactContext& context,
             const LiveCircumstances& standing);
  void FillReleaseInfo(const FactContext& context, const LiveCircumstances& standing,
                       const CombinedResult& combined, Decision& decision) const;
  Reason ThresholdReason(const CombinedResult& combined) const;
  static std::string NewSinceRelease(const CombinedResult& combined, const Verdict& verdict);
  ReleasePaths PathsToEnd(const Rule& rule) const;
  ReleasePaths WithOneThatCanBeTaken(ReleasePaths ways, const FactContext& context,
                                     const CombinedResult& combined) const;
  ReleasePaths WaysOutOfFunds() const;
  // The ways (see release.h) to bring the score below the threshold.
  ReleasePaths PathsBelowThreshold(const std::vector<const Rule*>& scored_by, int score) const;

  std::shared_ptr<const Pack> pack_;
  Store& store_;
  FeatureFold& features_;
  cel::Machine machine_;
  ActiveLists lists_;
  std::vector<cel::Value> constants_;
  std::vector<cel::Value> unread_;  // initial slots of a decision: lists; others not read yet
  std::vector<cel::Value> slots_;
  std::vector<RuleResult> results_;  // of the pack's rules, in the last decision
  bool needs_evidence_ = false;      // in the last decision: a photo or video is required
  ResultCombiner combiner_;
};

}  // namespace holdfast
