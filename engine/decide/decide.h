// Decide: a pack, an order and its history to a decision.
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
#include "engine/decide/release.h"
#include "engine/decide/verdict.h"
#include "engine/features/fold.h"
#include "engine/model/decision.h"
#include "engine/packs/pack.h"

namespace holdfast {

class Decider {
 public:
  // `store` gives the edits of lists; features are read through `features`. Both outlive this.
  Decider(std::shared_ptr<const Pack> pack, Store& store, FeatureFold& features);

  // Whose lists count from now on; to be called before an event of `merchant` is folded.
  void UseMerchant(std::string_view merchant);

  // Decides the order of `context` as of `context.now`. REQUIRES: the order is known.
  // `context.arena` is set by this.
  Decision Decide(const FactContext& context, std::uint64_t offset);

  // Appends only what that comes to, as PutRuling writes it.
  void GiveRuling(const FactContext& context, std::string& ruling);

  // Decides as Decide does, and says of every rule how.
  Explanation Explain(const FactContext& context, std::uint64_t offset);

  // What the order of `context` was decided by, into `row`, whose texts are then views of `values`
  // and of the state. REQUIRES: it was decided last, and no person has decided of it.
  void Record(const FactContext& context, const FactSchema& schema, FactRow& row,
              std::string& values);

  // What the rules say of recorded facts, appended as PutRuling writes it. Errors: kCorrupt.
  Status GiveRuling(const FactRow& row, const FactMap& map, std::string& ruling);

  // The variables' values that do not change from order to order (lists), by slot; facts and
  // features are null there.
  const std::vector<cel::Value>& constants() const { return constants_; }

 private:
  class LiveCircumstances;

  // Puts the value of a fact, a feature or a shared expression into its slot.
  void Read(int slot, const FactContext& context);
  // Runs a program, reading what it turns out to need.
  cel::Value Run(const cel::Program& program, const FactContext& context);
  void Evaluate(const Rule& rule, const FactContext& context, RuleResult& result);
  // Judges every rule, and what that comes to.
  const CombinedResult& CombineRules(const FactContext& context,
                                     const Circumstances& circumstances);
  std::vector<std::string> NamesOfMissing(const cel::Value& value) const;
  std::string Render(const Template& text, const FactContext& context);
  Reason ReasonFor(const Rule& rule, const FactContext& context);
  std::string MissingText(const std::vector<std::string>& facts) const;
  Reason MissingReason(const Rule& rule, const std::vector<std::string>& facts) const;
  Reason Say(const ReasonDraft& draft, const CombinedResult& combined, const FactContext& context,
             const LiveCircumstances& standing);
  void SayTheWayOut(const FactContext& context, const LiveCircumstances& standing,
                    const CombinedResult& combined, Decision& decision) const;
  Reason ThresholdReason(int score) const;
  Ways WaysOutOf(const Rule& rule) const;
  Ways WaysOutOfFunds() const;
  // The ways to bring the score below the threshold.
  Ways WaysUnderThreshold(const std::vector<const Rule*>& scored_by, int score) const;

  std::shared_ptr<const Pack> pack_;
  Store& store_;
  FeatureFold& features_;
  cel::Machine machine_;
  std::vector<std::unique_ptr<ActiveList>> lists_;
  std::vector<cel::Value> constants_;
  std::vector<cel::Value> unread_;  // slots before a decision: lists, the rest not read yet
  std::vector<cel::Value> slots_;
  std::vector<RuleResult> results_;  // of the pack's rules, in the last decision
  bool needs_evidence_ = false;      // likewise: packers must show the packing
  ResultCombiner combiner_;
};

}  // namespace holdfast
