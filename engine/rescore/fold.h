// Fold: a rescoring that folds the log again under the new pack, merchants spread over threads.
#pragma once

#include "engine/base/result.h"
#include "engine/rescore/rescore.h"
#include "engine/store/event_log.h"

namespace holdfast {

// What was read of a log, beside the rows that are now in the scratch.
struct LogTaken {
  std::uint64_t events = 0, decisions = 0, same = 0, other_engines = 0;  // as Tally has them
  EventTime latest;
};

// Sets the rows of the log's orders down in `options.work`, options.jobs writers. What a stopped
// fold of the same kind has left there is gone on with. Errors: as Rescore.
Result<LogTaken> FoldLog(const EventLog& log, const RescoreOptions& options,
                         const RescoreProgress& progress);

}  // namespace holdfast
