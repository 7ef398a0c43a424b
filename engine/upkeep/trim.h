// Trim: takes what is old out of a log, and with it out of everything that is folded from the log.
//
// What stays: every event from `before` on; all events of orders of which one is from then on, so
// that they stay whole; changes of lists. What goes is forgotten: it counts in no feature, and an
// event that comes again is taken as new. Offsets stay as they are.
//
// The state is taken away and made again from what is left, so that a replay stays exact; decisions
// made before cannot be verified any more, for what they were made from is gone.
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

// Called with how many records of how many have been looked at; false stops (kInterrupted).
using TrimProgress = std::function<bool(std::uint64_t done, std::uint64_t all)>;

// Trims the log in `folder`; with `rehearse` only counts. A trim that was interrupted is brought to
// its end by another with the same `before`.
// Errors: as OpenWholeLog and ReplayLog.
Result<TrimReport> TrimLog(const std::string& folder, EventTime before, bool rehearse,
                           const TrimProgress& progress = {});

}  // namespace holdfast
