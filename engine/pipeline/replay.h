// Replay: the events of a log, one after another, as they were taken.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/model/event.h"
#include "engine/store/event_log.h"

namespace holdfast {

// An event of a log, its offset and digest set.
struct Replayed {
  std::shared_ptr<Event> event;
  std::string decision;  // that it led to
  std::string facts;     // see LogRecord
  bool history = false;  // it was taken over
};

// Calls `visit` with every event of `log` from `offset` on, in order and in the caller's thread, up
// to its first error, which is handed on; it may move from what it gets. Records are read and
// parsed ahead by another thread.
// Errors: as EventLog::Read; kCorrupt for an event that cannot be read.
using VisitEvent = std::function<Status(Replayed& replayed)>;
Status ReplayLog(const EventLog& log, std::uint64_t offset, const VisitEvent& visit);

// Reads the event of a record. Errors: kCorrupt.
Result<std::shared_ptr<Event>> ReadRecord(const LogRecord& record);

}  // namespace holdfast
