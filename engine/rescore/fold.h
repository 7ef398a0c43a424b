// Fold: rescores by replaying the log under the new pack, with merchants spread over threads.
#pragma once

#include "engine/base/result.h"
#include "engine/rescore/rescore.h"
#include "engine/store/event_log.h"

namespace holdfast {

// Counts of what was read from a log. The rows are in the scratch folder.
struct LogTaken {
  std::uint64_t events = 0, decisions = 0, same = 0, other_engines = 0;  // as Tally has them
  EventTime latest;
};

// Writes the rows of the log's orders to `options.work`, with options.jobs writers. Continues a
// stopped run of the same kind in that folder. Errors: as Rescore.
Result<LogTaken> FoldLog(const EventLog& log, const RescoreOptions& options,
                         const RescoreProgress& progress);

}  // namespace holdfast
