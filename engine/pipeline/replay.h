// Replay: the events of a log, one after another, as they were taken.
#pragma once

#include <functional>
#include <memory>

#include "engine/model/event.h"
#include "engine/store/event_log.h"

namespace holdfast {

// Calls `visit` with every event of `log` from `offset` on, its offset and digest set, and with the
// decision that it led to, in order and in the caller's thread, up to its first error, which is
// handed on. Records are read and parsed ahead by another thread.
// Errors: as EventLog::Read; kCorrupt for an event that cannot be read.
// `history`: it was taken over.
using VisitEvent =
    std::function<Status(const std::shared_ptr<Event>&, std::string_view decision, bool history)>;
Status ReplayLog(const EventLog& log, std::uint64_t offset, const VisitEvent& visit);

// Reads the event of a record. Errors: kCorrupt.
Result<std::shared_ptr<Event>> ReadRecord(const LogRecord& record);

}  // namespace holdfast
