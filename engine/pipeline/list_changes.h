// Changes of a pack's dynamic lists: which are accepted, and what they do.
#pragma once

#include "engine/base/result.h"
#include "engine/model/event.h"
#include "engine/packs/pack.h"
#include "engine/store/store.h"

namespace holdfast {

// Checks a list.changed event. Errors: kInvalidInput when the pack has no dynamic list of that
// name, or when an entry does not fit the type of the list.
Status CheckListChange(const Event& event, const Pack& pack);

// Applies the change for the event's merchant. It is ignored when the pack has no such list.
// Threads: one, the fold of the merchant's shard.
void KeepListChange(const Event& event, const Pack& pack, Store& store);

}  // namespace holdfast
