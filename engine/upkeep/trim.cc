#include "engine/upkeep/trim.h"

#include <unordered_set>
#include <vector>

#include "engine/base/file.h"
#include "engine/base/hash.h"
#include "engine/pipeline/data_folder.h"
#include "engine/pipeline/replay.h"

namespace holdfast {
namespace {

// The order of an event, as a digest. Two orders with the same digest are both kept if one is.
std::uint64_t OrderOf(const Event& event) {
  return Hash64(std::string(event.merchant) + '\0' + std::string(event.order_id));
}

// Opens a log that is complete, except for what this trim removed before it was interrupted.
Result<std::unique_ptr<EventLog>> OpenToTrim(const std::string& folder, EventTime before,
                                             LogMode mode) {
  {
    auto log = OpenEventLog(folder, mode);
    if (!log) return log;
    const LogTrim trim = (*log)->trim();
    if (trim.begun == LogTrim::Begun::kTrim && trim.before == before) return log;
  }
  return OpenWholeLog(folder, mode);
}

}  // namespace

Result<TrimReport> TrimLog(const std::string& folder, EventTime before, bool rehearse,
                           const TrimProgress& progress) {
  const auto opened = OpenToTrim(folder, before, rehearse ? LogMode::kRead : LogMode::kChange);
  if (!opened) return tl::unexpected(opened.error());
  EventLog& log = **opened;
  const std::uint64_t all = 2 * log.last();
  const auto go_on = [&](std::uint64_t done) -> Status {
    constexpr std::uint64_t kOften = 256;
    if (done % kOften != 0 || !progress || progress(done, all)) return {};
    return Fail(ErrorCode::kInterrupted, folder, "stopped before anything was taken out");
  };
  std::unordered_set<std::uint64_t> alive;
  const Status first = ReplayLog(log, 1, [&](const Replayed& replayed) -> Status {
    const std::shared_ptr<Event>& event = replayed.event;
    if (event->occurred_at >= before && !event->order_id.empty()) alive.insert(OrderOf(*event));
    return go_on(event->offset);
  });
  if (!first) return tl::unexpected(first.error());
  TrimReport report;
  std::vector<std::uint64_t> gone;
  const Status second = ReplayLog(log, 1, [&](const Replayed& replayed) -> Status {
    const std::shared_ptr<Event>& event = replayed.event;
    const bool stays = event->occurred_at >= before || event->type == EventType::kListChanged ||
                       event->type == EventType::kPackActivated ||
                       (!event->order_id.empty() && alive.contains(OrderOf(*event)));
    ++(stays ? report.kept : report.removed);
    if (!stays) gone.push_back(event->offset);
    return go_on(log.last() + event->offset);
  });
  if (!second) return tl::unexpected(second.error());
  // An interrupted trim must be completed even if nothing is left to remove.
  if (rehearse || (gone.empty() && log.trim().begun == LogTrim::Begun::kNothing)) return report;
  // Remove the state first: there must never be state of a log that no longer exists.
  if (Status removed = RemoveFolder(folder + "/state"); !removed) {
    return tl::unexpected(removed.error());
  }
  if (Status trimmed = log.Trim({log.last(), report.kept, {}, before}, gone); !trimmed) {
    return tl::unexpected(trimmed.error());
  }
  return report;
}

}  // namespace holdfast
