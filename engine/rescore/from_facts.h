// A rescoring from the facts that were recorded with the decisions: nothing is folded, no event is
// read. It gives what a fold gives, for a pack that reads nothing else.
//
// Of a log that was trimmed, older orders are judged by what was known of them then; a fold knows
// nothing any more of what was taken out.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/rescore/fold.h"
#include "engine/rescore/rescore.h"
#include "engine/store/event_log.h"

namespace holdfast {

// Empty where recorded facts are enough, as far as can be told without reading them all. A pack
// that has decided itself is folded where its decisions are to be compared. Errors: as
// EventLog::Read.
Result<std::string> WhyNotFromFacts(const EventLog& log, const RescoreOptions& options);

// As FoldLog, with one writer. Errors: kNotFound when the facts are not enough after all, with why;
// as Rescore.
Result<LogTaken> TakeFacts(const EventLog& log, const RescoreOptions& options,
                           const RescoreProgress& progress);

// Where that has its scratch, beside that of a fold.
inline std::string FactsScratch(const std::string& work) { return work + "-facts"; }

}  // namespace holdfast
