// Replay: reads the events of a log in order.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/model/event.h"
#include "engine/store/event_log.h"

namespace holdfast {

// An event read from a log. Its offset and digest are set.
struct Replayed {
  std::shared_ptr<Event> event;
  std::string decision;  // the decision it led to, as JSON; empty: none
  std::string facts;     // see LogRecord
  bool history = false;  // imported as history
};

// Calls `visit` with every event of `log` from `offset` on, in order, on the caller's thread. The
// first error of `visit` ends the replay and is returned. `visit` may move from its argument.
// Another thread reads and parses ahead.
// Errors: as EventLog::Read; kCorrupt for an event that cannot be parsed.
using VisitEvent = std::function<Status(Replayed& replayed)>;
Status ReplayLog(const EventLog& log, std::uint64_t offset, const VisitEvent& visit);

// Reads the event of a record. Errors: kCorrupt.
Result<std::shared_ptr<Event>> ReadRecord(const LogRecord& record);

}  // namespace holdfast
