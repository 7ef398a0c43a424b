// Changes of a pack's dynamic lists: which are accepted, and what they do.
#pragma once

#include "engine/base/result.h"
#include "engine/model/event.h"
#include "engine/packs/pack.h"
#include "engine/store/store.h"

namespace holdfast {

// Errors: kInvalidInput for a list that the pack has not, or not as a dynamic one, and for entries
// that are not of its type.
Status CheckListChange(const Event& event, const Pack& pack);

// Keeps the change for the event's merchant. Of a list that the pack has not nothing is kept.
// Threads: one, the fold of the merchant's shard.
void KeepListChange(const Event& event, const Pack& pack, Store& store);

}  // namespace holdfast
