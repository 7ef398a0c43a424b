// Plan: the compiled features of a pack: the expressions to evaluate for each event, and the entity
// records and series that store the results.
//
// A feature counts events by a key, which its expression `by` computes: for example, orders by
// order.ip. Each different `by` expression is a kind. The store has one entity record for each kind
// and key, such as one for each IP address; features with the same `by` expression share it. A
// record has one or more series. Features of a kind with the same events and condition share a
// series, unless they need different numbers or different digests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/cel/expression.h"
#include "engine/features/link_kinds.h"
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

// The events that a feature counts.
enum class FeatureOn : std::uint8_t { kOrder, kPayment, kDispute, kRefund, kMessage, kShipment };

struct Feature {
  std::string name;
  FeatureOp op = FeatureOp::kCount;
  FeatureOn on = FeatureOn::kOrder;
  std::optional<std::int64_t> over;  // window in nanoseconds; empty: forever
  int kind = 0;                      // number of its kind, see FeaturePlan::kinds
  std::size_t series = 0;            // index in KindPlan::series
  int slot = 0;                      // of the variable by which rules read it
  std::string value, by, where;      // expressions in canonical form; where may be empty
};

// One series of a kind. An entry is made for each event that counts, with the number and digest
// that its features need.
struct SeriesPlan {
  FeatureOn on = FeatureOn::kOrder;
  std::optional<cel::Program> where;    // an entry is made where this is true
  std::optional<cel::Program> present;  // and this, if given, is known
  std::optional<cel::Program> number;   // for sum, avg, min, max; unknown is kept as unknown
  std::optional<cel::Program> digest;   // for distinct; unknown is not counted
};

struct KindPlan {
  cel::Program key;
  std::vector<SeriesPlan> series;
};

struct FeaturePlan {
  std::vector<Feature> features;
  LinkSet links;                // whose facts of other buyers a rule reads
  std::vector<KindPlan> kinds;  // kind number k is kinds[k - 1]; kind 0 is the buyer's profile
};

// The type of a feature's value.
cel::Type TypeOf(FeatureOp op);

}  // namespace holdfast
