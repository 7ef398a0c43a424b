// Rescores from the facts that were recorded with the decisions, without replaying events. For a
// pack that reads only those facts the result is the same as that of a replay.
//
// In a log that was trimmed, older orders are judged by the facts known at the time; a replay no
// longer has the removed events.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/rescore/fold.h"
#include "engine/rescore/rescore.h"
#include "engine/store/event_log.h"

namespace holdfast {

// Returns why recorded facts are not enough, as far as that can be told without reading all of
// them; empty: they are. A pack whose own decisions are to be compared needs a replay. Errors: as
// EventLog::Read.
Result<std::string> WhyNotFromFacts(const EventLog& log, const RescoreOptions& options);

// As FoldLog, with one writer. Errors: kNotFound when the facts are not enough after all, with why;
// as Rescore.
Result<LogTaken> TakeFacts(const EventLog& log, const RescoreOptions& options,
                           const RescoreProgress& progress);

// The scratch folder of TakeFacts, beside that of a replay.
inline std::string FactsScratch(const std::string& work) { return work + "-facts"; }

}  // namespace holdfast
