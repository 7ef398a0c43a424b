// Tally: the result of a rescoring as sums. The tallies of parts of a log can be added.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "engine/base/result.h"
#include "engine/codec/json_value.h"
#include "engine/rescore/order_case.h"

namespace holdfast {

// Orders, and their amounts in minor units of the base currency.
struct Sum {
  std::uint64_t orders = 0;
  std::int64_t amount = 0;  // not negative
  // An amount that overflows stays at the maximum.
  Sum& operator+=(const Sum& other) {
    orders += other.orders;
    if (__builtin_add_overflow(amount, other.amount, &amount)) amount = INT64_MAX;
    return *this;
  }
  bool operator==(const Sum&) const = default;
};

// By label: fraud, good, unknown.
struct ByLabel {
  std::array<Sum, kLabels> sums{};
  const Sum& operator[](Label label) const { return sums[static_cast<std::size_t>(label)]; }
  Sum All() const;
  void Add(Label label, std::int64_t amount);
  ByLabel& operator+=(const ByLabel& other);
  bool operator==(const ByLabel&) const = default;
};

// Of one merchant, or one week.
struct Slice {
  ByLabel orders, stopped_before, stopped_after;
  std::uint64_t flipped = 0;
  Slice& operator+=(const Slice& other);
  bool operator==(const Slice&) const = default;
};

// Of one rule of the new pack.
struct RuleSums {
  ByLabel hits;    // orders that it matched
  ByLabel stops;   // of them, orders that it stops or helps to stop
  ByLabel needed;  // of them, orders that nothing else would stop
  ByLabel flips;   // orders with another outcome where it makes a difference
  RuleSums& operator+=(const RuleSums& other);
  bool operator==(const RuleSums&) const = default;
};

struct Tally {
  static constexpr std::size_t kScores = 101;

  ByLabel orders;
  ByLabel stopped_before, stopped_after;
  ByLabel waiting_before, waiting_after;  // held only because they wait for payment
  std::map<std::string, ByLabel> moves;   // "hold>ship": outcomes before and after
  std::uint64_t flipped = 0;
  std::uint64_t other_cause = 0;                         // held before and after, for another cause
  std::array<std::map<std::string, ByLabel>, 2> causes;  // of what is held: before, after
  std::map<std::string, Slice> merchants, weeks;         // weeks by their Monday, in UTC
  std::map<std::string, RuleSums> rules;
  std::map<std::pair<std::string, std::string>, ByLabel> overlap;  // orders that both rules stop
  // How an order's outcome depends on the threshold: by its score alone; stopped, waiting or
  // allowed whatever the threshold.
  enum Way : std::size_t { kByScore, kStopped, kWaiting, kAllowed, kWays };
  // By label, way and score.
  std::array<std::array<std::array<Sum, kScores>, kWays>, kLabels> scores{};
  Sum immature;   // unlabelled, because they are too young
  Sum unsent;     // unlabelled, because they were never sent: they can have no chargeback
  Sum ending;     // held after, until a deadline
  Sum unpriced;   // in a currency without a rate: their amounts count as nothing
  Sum undecided;  // taken over as history, or exported without decisions: there is no before
  std::uint64_t events = 0, decisions = 0, same = 0;  // of decisions, those equal byte for byte
  std::uint64_t other_engines = 0;  // of what was decided then, by another version of the engine

  Tally& operator+=(const Tally& other);
  bool operator==(const Tally&) const = default;

  // As one JSON object, and back. Errors: kCorrupt.
  std::string Json() const;
  static Result<Tally> Read(const JsonValue& json);
};

}  // namespace holdfast
