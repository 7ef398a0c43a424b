// Replay: folds a log into an engine.
#pragma once

#include <functional>

#include "engine/pipeline/engine.h"
#include "engine/store/event_log.h"

namespace holdfast {

// Replays every record of `log` into `engine`, which has applied none, and calls `visit` with each
// and what came of it, up to its first error, which is handed on. See Engine::Replay for `decide`.
// Errors: as EventLog::Read; kCorrupt for an event that cannot be read, or is there twice.
Status ReplayLog(const EventLog& log, Engine& engine, bool decide,
                 const std::function<Status(const LogRecord&, const Applied&)>& visit);

}  // namespace holdfast
