// Trim: removes old events from a log, and so from all state derived from it.
//
// Kept are: every event from `before` on; all events of an order that has one of those; changes of
// lists; activations of packs. Removed events count in no feature, and if such an event is sent
// again, it is accepted as new. Offsets do not change.
//
// The state is deleted and rebuilt from what is left, so that a replay stays exact. Decisions made
// before cannot be verified any more, because their events are gone.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "engine/base/result.h"
#include "engine/base/time.h"

namespace holdfast {

struct TrimReport {
  std::uint64_t removed = 0, kept = 0;  // records
};

// Reports progress: `done` of `all` records are examined. Returning false stops (kInterrupted).
using TrimProgress = std::function<bool(std::uint64_t done, std::uint64_t all)>;

// Trims the log in `folder`; with `rehearse` only counts. A trim that was interrupted is brought to
// its end by another with the same `before`.
// Errors: as OpenWholeLog and ReplayLog.
Result<TrimReport> TrimLog(const std::string& folder, EventTime before, bool rehearse,
                           const TrimProgress& progress = {});

}  // namespace holdfast
