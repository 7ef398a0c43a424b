// CombineResults: makes the outcome of an order, and the cause of a hold, of the results of all
// rules and of its circumstances: funds, packing, questions, what people decided.
//
// Precedence: rejections, the funds gate, how it was packed, what people ask and hold for, allow
// rules (which override nothing of that, nor a hard rule), hold rules, rules held for a missing
// fact, the score against its threshold, ship. What a person released holds no longer, see
// verdict.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/eval/value.h"
#include "engine/decide/release.h"
#include "engine/decide/ruling.h"
#include "engine/decide/verdict.h"
#include "engine/model/decision.h"
#include "engine/packs/pack.h"

namespace holdfast {

// What came of a rule's condition.
struct RuleResult {
  enum class How : std::uint8_t { kNo, kMatched, kMissing, kFailed } how = How::kNo;
  cel::Value value;
};

// A hold that no rule of the pack made.
struct OwnHold {
  Cause cause = Cause::kReview;
  std::string cover;  // as Verdict::Covers names it
  Reason reason;
  Ways ways;
};

// How an order stands, beside the facts that rules read.
class Circumstances {
 public:
  virtual ~Circumstances() = default;
  virtual FundsCertainty funds() const = 0;
  // Is the money enough by the terms of the methods that it comes by?
  virtual bool funds_by_method() const = 0;
  virtual bool cancelled() const = 0;
  virtual const Verdict& verdict() const = 0;
  // Has the buyer validly answered the request?
  virtual bool HasConfirmed(std::string_view request) const = 0;
  // When a hold by a rule with a deadline ends by itself, and has it, by an event of its own? A
  // time alone may be wrong.
  virtual EventTime DueOf(const Rule& rule) const = 0;
  virtual bool IsOver(const Rule& rule) const = 0;
  // For how it was packed and what the buyer was asked, the gravest first. `evidence`: packers must
  // show the packing.
  virtual std::vector<OwnHold> OwnHolds(bool evidence) const = 0;
  // For what people decided.
  virtual std::vector<OwnHold> HoldsByPeople() const = 0;
};

// Why a reason is given.
enum class ReasonKind : std::uint8_t {
  kRule,             // a rule of the pack, matched
  kOverdue,          // a hold rule that rejects, as its deadline has come
  kWaited,           // a hold rule that ships then
  kConfirmed,        // a hold rule, and the buyer has confirmed
  kReleased,         // a rule that a person released
  kMissing,          // a rule that could not be judged and holds
  kMissingReleased,  // and was released
  kOwn,              // CombinedResult::own
  kOwnReleased,
  kThreshold,
  kThresholdReleased,
  kFunds,
  kFundsReleased,
  kCancelled,
  kRejectedByPerson,
  kReleaseEnded,
};

// What is said of an order, in the order in which it is said.
struct ReasonDraft {
  ReasonKind kind = ReasonKind::kRule;
  Effect effect = Effect::kAdvise;  // kAdvise: it has no effect, or no longer
  const Rule* rule = nullptr;       // that gives it; null for the engine's own reasons
  cel::Value value = {};            // of kMissing, kMissingReleased: what was missing
  std::size_t own = 0;              // of kOwn, kOwnReleased: the place in CombinedResult::own
};

struct CombinedResult {
  Outcome outcome = Outcome::kHold;
  Cause cause = Cause::kNone;
  int sum = 0;    // of points
  int score = 0;  // 0..100
  std::vector<ReasonDraft> drafts;
  std::vector<OwnHold> own;           // those that hold, then those that were released
  std::vector<const Rule*> shadow;    // matched, without effect
  std::vector<std::string> released;  // covers, see Verdict
  bool funds_open = false;            // the money keeps nothing back
  bool threshold_holds = false;
  std::vector<const Rule*> active;  // hold rules that no allow rule overrides
  std::vector<const Rule*> scored_by;
};

// Threads: one; it keeps scratch memory between orders.
class ResultCombiner {
 public:
  // `judged`: the pack's rules in their order. `evidence`: packers must show the packing. What is
  // returned is good until the next call, and as long as the values in `judged` are.
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

// Appends the ruling of the decision that is made of it, as PutRuling writes it.
void PutRulingOf(const CombinedResult& combined, const Circumstances& circumstances,
                 std::string& out);

// `span` nanoseconds after `time`, or the last moment that there is.
EventTime Later(EventTime time, std::int64_t span);

// What is due then never comes.
inline constexpr EventTime kEndOfTime{INT64_MAX};

}  // namespace holdfast
