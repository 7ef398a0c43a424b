// Decision: the outcome for an order and the reasons for it. A plain value that owns its texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/model/funds.h"

namespace holdfast {

enum class Outcome : std::uint8_t { kShip, kHold, kReject };

// Why an order is held. kNone: it is not held.
enum class Cause : std::uint8_t {
  kNone,
  kFunds,
  kIdentity,
  kAddress,
  kGeo,
  kProduct,
  kVelocity,
  kHistory,
  kList,
  kVerification,
  kCoolingOff,
  kPacking,
  kUnknown,
  kReview,
};

enum class Effect : std::uint8_t { kReject, kAllow, kHold, kPoints, kAdvise, kFunds, kThreshold };

// True when a reason with this effect holds an order. A rejection is no hold.
constexpr bool IsHolding(std::optional<Effect> effect) {
  return effect == Effect::kHold || effect == Effect::kFunds || effect == Effect::kThreshold;
}

// One rule that matched, or one of the engine's own reasons (rule "funds", "threshold",
// "on-missing").
struct Reason {
  std::string rule;
  Effect effect = Effect::kPoints;
  int points = 0;    // of effect kPoints
  std::string code;  // stable, belongs to the pack
  std::string text;  // for an operator
  std::string ask;   // what the rule asks of the buyer, or empty
};

// A rule that could not be evaluated, and the facts that were missing ("error: ..." for a failure).
struct MissingFacts {
  std::string rule;
  std::vector<std::string> facts;
};

// The claims of a permit to ship: digests of 32 hexadecimal digits. Both empty: there is no permit.
struct PermitClaims {
  std::string order;    // of the order's id, lines, amount and recipient
  std::string payment;  // of all that is known of its money
  bool empty() const { return order.empty(); }
  bool operator==(const PermitClaims&) const = default;
};

struct Decision {
  std::string order_id;
  std::string merchant;
  Outcome outcome = Outcome::kHold;
  Cause cause = Cause::kNone;
  int score = 0;  // 0..100
  std::vector<Reason> reasons;
  FundsCertainty funds = FundsCertainty::kNone;
  std::vector<MissingFacts> missing;
  std::vector<Reason> shadow;
  int rules_evaluated = 0;
  int rules_missing = 0;
  // Each path is a set of facts that together turn this hold into ship; smallest first.
  std::vector<std::vector<std::string>> release_paths;
  std::vector<std::string> handling;   // advice for packers
  std::optional<EventTime> review_by;  // of a hold
  std::optional<EventTime> deadline;   // of a hold that ends by itself
  std::string on_deadline;             // what happens then; empty for no hold
  PermitClaims permit;                 // of a ship
  PermitClaims voids;                  // an earlier permit that is no longer valid
  std::vector<std::string> released;   // what a person's release covers, see Verdict
  std::string pack_name;
  std::int64_t pack_version = 0;
  std::string pack_hash;
  std::uint64_t offset = 0;  // of the event in the log
  EventTime decided_at;      // the event's time
};

// The parts of a decision that are stored with its order until the next decision.
struct DecisionHead {
  Outcome outcome = Outcome::kHold;
  Cause cause = Cause::kNone;
  int score = 0;
  std::optional<EventTime> review_by, deadline;
  PermitClaims permit;
  std::vector<std::string> released;
  std::uint64_t offset = 0;
  EventTime decided_at;
  bool operator==(const DecisionHead&) const = default;
};

inline DecisionHead HeadOf(const Decision& decision) {
  return {decision.outcome,   decision.cause,    decision.score,
          decision.review_by, decision.deadline, decision.permit,
          decision.released,  decision.offset,   decision.decided_at};
}

}  // namespace holdfast
