#include "engine/pipeline/verify.h"

#include "engine/codec/json.h"
#include "engine/pipeline/replay.h"

namespace holdfast {

Result<Verification> VerifyLog(const EventLog& log, std::shared_ptr<const Pack> pack,
                               const std::function<void(std::uint64_t done)>& progress) {
  Verification verification;
  Engine engine(std::move(pack), MakeMemoryStore());
  std::string now;
  const Status replayed =
      ReplayLog(log, engine, true, [&](const LogRecord& record, const Applied& applied) -> Status {
        ++verification.events;
        if (progress) progress(record.offset);
        if (verification.difference) return {};
        now.clear();
        if (applied.decision) WriteDecision(*applied.decision, now);
        if (!now.empty()) ++verification.decisions;
        if (now != record.decision) {
          verification.difference = {record.offset, std::string(record.decision), now};
        }
        return {};
      });
  if (!replayed) return tl::unexpected(replayed.error());
  return verification;
}

}  // namespace holdfast
