// Stores what a decision sets for its order until the next one: deadline, hold, permit.
// Threads: one, the fold of the order's shard.
#pragma once

#include "engine/codec/json.h"
#include "engine/model/event.h"
#include "engine/packs/pack.h"
#include "engine/store/store.h"

namespace holdfast {

// Stores in `state` and `store` what the decision that `event` led to sets.
void StoreDecisionEffects(const Event& event, const DecisionHead& head, const Pack& pack,
                          OrderState& state, Store& store);

// Updates the stored offsets after `event`, applied with the offset `before`, got another one.
// `decided`: it may have led to a decision.
void UpdateStoredOffsets(const Event& event, std::uint64_t before, bool decided, OrderState& state,
                         Store& store);

}  // namespace holdfast
