// Plan: the features that a pack declares, compiled: which expressions to evaluate on which event,
// under which key, into which series.
//
// Features with the same key expression share one entity record a key. Those of the same events and
// condition share one series, as far as they do not want two numbers or two digests of an event.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/cel/expression.h"
#include "engine/model/event.h"

namespace holdfast {

enum class FeatureOp : std::uint8_t {
  kCount,
  kSum,
  kAvg,
  kMin,
  kMax,
  kDistinct,
  kFirstAt,
  kLastAt
};

// What events a feature counts.
enum class FeatureOn : std::uint8_t { kOrder, kPayment, kDispute, kRefund, kMessage };

struct Feature {
  std::string name;
  FeatureOp op = FeatureOp::kCount;
  FeatureOn on = FeatureOn::kOrder;
  std::optional<std::int64_t> over;  // nanoseconds; nothing: forever
  int kind = 0;                      // of entity record
  std::size_t series = 0;            // within the kind
  int slot = 0;                      // of the variable that rules read
  std::string value, by, where;      // the expressions, in one form; where may be empty
};

// One series of a kind: an entry for each event that counts, with what several features want of it.
struct SeriesPlan {
  FeatureOn on = FeatureOn::kOrder;
  std::optional<cel::Program> where;    // an entry is made where this is true
  std::optional<cel::Program> present;  // and this is known
  std::optional<cel::Program> number;   // for sum, avg, min, max; unknown is kept as unknown
  std::optional<cel::Program> digest;   // for distinct; unknown is not counted
};

struct KindPlan {
  cel::Program key;
  std::vector<SeriesPlan> series;
};

struct FeaturePlan {
  std::vector<Feature> features;
  bool links = false;           // some rule reads what other buyers did
  std::vector<KindPlan> kinds;  // kind number k is kinds[k - 1]; kind 0 is the buyer's profile
};

// The type of a feature's value.
cel::Type TypeOf(FeatureOp op);

}  // namespace holdfast
