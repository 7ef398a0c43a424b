// Replay: folds a log into an engine.
#pragma once

#include <functional>

#include "engine/pipeline/engine.h"
#include "engine/store/event_log.h"

namespace holdfast {

// Applies every record of `log` to `engine`, which has applied none, and calls `visit` with each
// and what came of it, up to its first error, which is handed on.
// Errors: as EventLog::Read; kCorrupt for an event that is refused now.
Status ReplayLog(const EventLog& log, Engine& engine,
                 const std::function<Status(const LogRecord&, const Applied&)>& visit);

}  // namespace holdfast
