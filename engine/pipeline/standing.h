// Standing: what a decision means for its order until the next one: deadline, hold, permit.
// Threads: one, the fold of the order's shard.
#pragma once

#include "engine/codec/json.h"
#include "engine/model/event.h"
#include "engine/packs/pack.h"
#include "engine/store/store.h"

namespace holdfast {

// Keeps the decision that `event` led to.
void KeepStanding(const Event& event, const DecisionHead& head, const Pack& pack, OrderState& state,
                  Store& store);

// `event`, which was applied with the offset `before`, has another now; `decided`: it may have led
// to a decision.
void KeepOffset(const Event& event, std::uint64_t before, bool decided, OrderState& state,
                Store& store);

}  // namespace holdfast
