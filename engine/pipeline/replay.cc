#include "engine/pipeline/replay.h"

#include "engine/codec/json.h"

namespace holdfast {

Status ReplayLog(const EventLog& log, Engine& engine, bool decide,
                 const std::function<Status(const LogRecord&, const Applied&)>& visit) {
  JsonEventParser parser(UnknownFields::kKeep, kLogLimits);
  return log.Read(1, [&](const LogRecord& record) -> Status {
    auto event = std::make_shared<Event>();
    const std::string where = "record " + std::to_string(record.offset);
    if (Status parsed = parser.Parse(record.event, *event); !parsed) {
      return Fail(ErrorCode::kCorrupt, where, parsed.error().Text());
    }
    event->digest = record.digest;
    const Applied applied = engine.Replay(event, decide);
    if (applied.duplicate || applied.offset != record.offset) {
      return Fail(ErrorCode::kCorrupt, where, "is an event that the log has twice");
    }
    return visit(record, applied);
  });
}

}  // namespace holdfast
