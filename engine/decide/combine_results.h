// CombineResults: computes the outcome of an order, and the cause of a hold, from the results of
// all rules and the order's circumstances: funds, packing, questions to the buyer, reviewers'
// decisions.
//
// Precedence, highest first: rejections; the funds gate; the engine's own holds (EngineHold); hold
// rules; rules that hold because a fact is missing; the score threshold; ship. An allow rule
// overrides hold rules, missing facts and the threshold, but not a hard rule, a reject rule that
// lacks a fact, or anything above hold rules. A reason that a person released no longer holds the
// order; see reviewer_verdict.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/eval/value.h"
#include "engine/decide/release_paths.h"
#include "engine/decide/reviewer_verdict.h"
#include "engine/decide/ruling.h"
#include "engine/model/decision.h"
#include "engine/packs/pack.h"

namespace holdfast {

// The result of evaluating a rule's condition.
struct RuleResult {
  enum class How : std::uint8_t { kNo, kMatched, kMissing, kFailed } how = How::kNo;
  cel::Value value;
};

// A hold that the engine makes itself, without a rule of the pack: a parcel packed wrongly or
// without evidence, a question that the buyer has not answered, a reviewer's hold, or a release
// that waits for a second person. `reason` is the reason shown for it. `ways` are the conditions
// that would end it (see release_paths.h); empty for recorded facts.
struct EngineHold {
  Cause cause = Cause::kReview;
  std::string cover;  // its name in Verdict::Covers
  Reason reason;
  ReleasePaths ways;
};

// The circumstances of an order that decide its outcome together with the results of rules. A live
// order computes them (Decider); RecordedCircumstances reads them from a logged row.
class Circumstances {
 public:
  virtual ~Circumstances() = default;
  virtual FundsCertainty funds() const = 0;
  // True when the money is enough by the pack's terms for the payment methods used.
  virtual bool funds_by_method() const = 0;
  virtual bool cancelled() const = 0;
  virtual const Verdict& verdict() const = 0;
  // True when the buyer has given a valid answer to the request; see IsConfirmed.
  virtual bool HasConfirmed(std::string_view request) const = 0;
  // DueOf: when the hold of a rule with a deadline ends. IsOver: true once it has ended, which
  // takes a timer.fired event, because the time of an event alone may be wrong.
  virtual EventTime DueOf(const Rule& rule) const = 0;
  virtual bool IsOver(const Rule& rule) const = 0;
  // Holds for wrong packing, then holds for questions to the buyer. `evidence`: packing without a
  // photo or video is wrong.
  virtual std::vector<EngineHold> PackingAndQuestionHolds(bool evidence) const = 0;
  // A reviewer's hold, or a release that waits for a second person.
  virtual std::vector<EngineHold> ReviewerHolds() const = 0;
};

// The kind of a reason. It selects the text.
enum class ReasonKind : std::uint8_t {
  kRule,             // a rule of the pack that matched
  kOverdue,          // a hold rule that rejects because its deadline has passed
  kWaited,           // a hold rule that ships because its deadline has passed
  kConfirmed,        // a hold rule that ended because the buyer confirmed
  kReleased,         // a rule that a person released
  kMissing,          // a rule that could not be evaluated and therefore holds
  kMissingReleased,  // such a rule that a person released
  kOwn,              // a hold of the engine, see CombinedResult::own
  kOwnReleased,
  kThreshold,
  kThresholdReleased,
  kFunds,
  kFundsReleased,
  kCancelled,
  kRejectedByPerson,
  kReleaseEnded,
};

// A reason before its text is written.
struct ReasonDraft {
  ReasonKind kind = ReasonKind::kRule;
  Effect effect = Effect::kAdvise;  // kAdvise: no effect on the outcome, or no longer
  const Rule* rule = nullptr;       // null for the engine's own reasons
  cel::Value value = {};            // of kMissing, kMissingReleased: the missing facts
  std::size_t own = 0;              // of kOwn, kOwnReleased: index in CombinedResult::own
};

struct CombinedResult {
  Outcome outcome = Outcome::kHold;
  Cause cause = Cause::kNone;
  int sum = 0;    // of points, may be above 100 or below 0
  int score = 0;  // 0..100
  std::vector<ReasonDraft> drafts;
  std::vector<EngineHold> own;        // holds in force, then released ones
  std::vector<const Rule*> shadow;    // shadow rules that matched; no effect
  std::vector<std::string> released;  // what releases cover, see Verdict::Covers
  bool funds_gate_passed = false;     // the money is enough, or a release covers the funds
  bool threshold_holds = false;
  std::vector<const Rule*> active;  // hold rules in force: not overridden by an allow rule
  std::vector<const Rule*> scored_by;
};

// Threads: one; it keeps scratch memory between orders.
class ResultCombiner {
 public:
  // `judged` has the results of the pack's rules, in the pack's order. `evidence`: see
  // PackingAndQuestionHolds. The result is valid until the next call, and as long as the values in
  // `judged`.
  const CombinedResult& Combine(const Pack& pack, const std::vector<RuleResult>& judged,
                                bool evidence, const Circumstances& circumstances);

 private:
  void Take(const Rule& rule, const RuleResult& judged, const Circumstances& circumstances);
  void TakeHold(const Rule& rule, const Circumstances& circumstances);
  bool Covers(const Verdict& verdict, const std::string& cover, bool hard);
  void Release(ReasonKind kind, const Rule* rule, const cel::Value& value, std::string cover);

  CombinedResult out_;
  std::vector<ReasonDraft> rejects_, allows_, holds_, missing_, points_, advice_;
};

// Appends the ruling of `combined` to `out`, encoded as by PutRuling.
void PutRulingOf(const CombinedResult& combined, const Circumstances& circumstances,
                 std::string& out);

// Returns `time` plus `span` nanoseconds, or kEndOfTime on overflow.
EventTime Later(EventTime time, std::int64_t span);

// The latest time. A deadline at this time never fires.
inline constexpr EventTime kEndOfTime{INT64_MAX};

}  // namespace holdfast
