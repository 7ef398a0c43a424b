#include "engine/pipeline/replay.h"

#include <thread>
#include <vector>

#include "engine/base/queue.h"
#include "engine/codec/json.h"

namespace holdfast {
namespace {

using Batch = std::vector<Replayed>;

}  // namespace

Result<std::shared_ptr<Event>> ReadRecord(const LogRecord& record) {
  thread_local JsonEventParser parser(UnknownFields::kKeep, kLogLimits);
  auto event = std::make_shared<Event>();
  if (Status parsed = parser.Parse(record.event, *event); !parsed) {
    return Fail(ErrorCode::kCorrupt, "record " + std::to_string(record.offset),
                parsed.error().Text());
  }
  event->digest = record.digest;
  event->offset = record.offset;
  return event;
}

Status ReplayLog(const EventLog& log, std::uint64_t offset, const VisitEvent& visit) {
  constexpr std::size_t kBatch = 256, kAhead = 8;
  Queue<Batch> ahead(kAhead);
  Status read;
  std::thread reader([&] {
    Batch batch;
    read = log.Read(offset, [&](const LogRecord& record) -> Status {
      auto event = ReadRecord(record);
      if (!event) return tl::unexpected(event.error());
      batch.push_back({std::move(*event), std::string(record.decision), std::string(record.facts),
                       record.origin == LogRecord::Origin::kImported});
      if (batch.size() < kBatch) return {};
      if (!ahead.Push(std::exchange(batch, {}))) return Fail(ErrorCode::kInterrupted, {}, {});
      return {};
    });
    ahead.Push(std::move(batch));
    ahead.Close();
  });
  Status visited;
  while (auto batch = ahead.Pop()) {
    for (Replayed& replayed : *batch) {
      if (visited) visited = visit(replayed);
    }
    if (!visited) ahead.Close();
  }
  reader.join();
  return visited ? read : visited;
}

}  // namespace holdfast
