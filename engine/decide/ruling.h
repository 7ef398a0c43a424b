// Ruling: a decision without its texts: outcome, cause, score, and the rules that counted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/coding.h"
#include "engine/model/decision.h"

namespace holdfast {

// A rule that matched and counts for the outcome.
struct RuleHit {
  std::string rule;
  Effect effect = Effect::kPoints;
  int points = 0;
  bool operator==(const RuleHit&) const = default;
};

struct Ruling {
  bool given = false;  // false: there was no decision, the order was taken over as history
  Outcome outcome = Outcome::kHold;
  Cause cause = Cause::kNone;
  int score = 0;
  bool ends = false;          // the hold ends by a deadline
  std::vector<RuleHit> hits;  // in the order in which the decision names them
  // True when rules, or the score, hold or reject the order; false when it only waits for payment.
  bool Stopped() const;
  // True when nothing but its funds holds it.
  bool Waits() const { return given && outcome != Outcome::kShip && !Stopped(); }
  // True when its score reaches the hold threshold, also when something else decided the outcome.
  bool Reached() const;
  // The outcome as a word; "none" when there was no decision.
  std::string_view Word() const;
  bool operator==(const Ruling&) const = default;
};

Ruling RulingOf(const Decision& decision);

// The encoding of a ruling: a head, then `hits` rule hits.
struct RulingHead {
  Outcome outcome = Outcome::kHold;
  Cause cause = Cause::kNone;
  int score = 0;
  bool ends = false;
  std::size_t hits = 0;
};
void PutRulingHead(const RulingHead& head, std::string& out);
void PutHit(std::string_view rule, Effect effect, int points, std::string& out);

// As bytes, appended to `out`, and back. Equal rulings are equal bytes.
void PutRuling(const Ruling& ruling, std::string& out);
// For damaged bytes the result is unspecified, and in.ok() is false.
Ruling GetRuling(ByteReader& in);

}  // namespace holdfast
