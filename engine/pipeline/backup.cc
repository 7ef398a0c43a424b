#include "engine/pipeline/backup.h"

#include <algorithm>
#include <vector>

#include "engine/pipeline/data_folder.h"

namespace holdfast {
namespace {

// Copies the records behind the end of `to`, up to `last`.
Status CopyUpTo(std::uint64_t last, const EventLog& from, EventLog& to,
                const BackupProgress& progress) {
  constexpr std::size_t kGroup = 1000;
  constexpr std::size_t kGroupBytes = 4 << 20;
  struct Held {
    std::uint64_t offset, digest;
    std::string event, decision;
    bool history;
  };
  std::vector<Held> held;
  std::size_t bytes = 0;
  const std::uint64_t had = to.last();
  const auto flush = [&]() -> Status {
    std::vector<LogRecord> records;
    for (const Held& h : held)
      records.push_back({h.offset, h.digest, h.event, h.decision, h.history});
    if (Status appended = to.Append(records, false); !appended) return appended;
    held.clear();
    bytes = 0;
    if (progress && !progress(to.last() - had, last - had)) {
      return Fail(ErrorCode::kInterrupted, {}, "stopped before everything was copied");
    }
    return {};
  };
  if (had >= last) return {};
  bool done = false;
  const Status read = from.Read(had + 1, [&](const LogRecord& record) -> Status {
    held.push_back({record.offset, record.digest, std::string(record.event),
                    std::string(record.decision), record.history});
    bytes += record.event.size() + record.decision.size();
    if (record.offset == last) {
      done = true;
      return Fail(ErrorCode::kInterrupted, {}, {});  // ends the reading
    }
    return held.size() < kGroup && bytes < kGroupBytes ? Status() : flush();
  });
  if (!read && !done) return read;
  if (Status flushed = flush(); !flushed) return flushed;
  return to.Sync();
}

// Makes `to` ready for the gaps of a trimmed log.
Status CopyTrim(const EventLog& from, EventLog& to) {
  const LogTrim trim = from.trim();
  if (trim == to.trim()) return {};
  if (to.last() == 0 || to.trim() == LogTrim{trim.upto, LogTrim::kCopying}) {
    return to.Trim({trim.upto, LogTrim::kCopying}, {});
  }
  return Fail(ErrorCode::kInvalidInput, {},
              "the log was trimmed since this backup was begun; give a new folder");
}

}  // namespace

Result<BackupReport> BackUp(const std::string& from, const std::string& to,
                            const BackupProgress& progress) {
  auto source = OpenEventLog(from, LogMode::kRead);
  if (!source) return tl::unexpected(source.error());
  if ((*source)->trim().kept == LogTrim::kTrimming) {
    return tl::unexpected(CheckWhole(**source, from).error());
  }
  auto target = OpenEventLog(to);
  if (!target) return tl::unexpected(target.error());
  BackupReport report;
  report.had = (*target)->last();
  if (Status begun = CopyTrim(**source, **target); !begun) return tl::unexpected(begun.error());
  const std::uint64_t last = (*source)->last();
  bool same = report.had <= last;
  if (same && report.had > (*source)->trim().upto) {
    std::string a, b;
    const auto mine = (*target)->At(report.had, a), its = (*source)->At(report.had, b);
    if (!mine) return tl::unexpected(mine.error());
    if (!its) return tl::unexpected(its.error());
    same =
        mine->digest == its->digest && mine->event == its->event && mine->decision == its->decision;
  }
  if (!same) {
    return Fail(ErrorCode::kInvalidInput, to,
                "is no backup of " + from + ": its " + std::to_string(report.had) +
                    " records are not the first of that log; give a new folder");
  }
  if (Status copied = CopyUpTo(last, **source, **target, progress); !copied) {
    return tl::unexpected(copied.error());
  }
  if (Status done = (*target)->Trim((*source)->trim(), {}); !done) {
    return tl::unexpected(done.error());
  }
  report.last = (*target)->last();
  report.copied = report.last - report.had;
  return report;
}

Result<BackupReport> Restore(const std::string& from, const std::string& to, std::uint64_t at,
                             const BackupProgress& progress) {
  auto source = OpenEventLog(from, LogMode::kRead);
  if (!source) return tl::unexpected(source.error());
  if (Status whole = CheckWhole(**source, from); !whole) return tl::unexpected(whole.error());
  const std::uint64_t last = at == 0 ? (*source)->last() : at;
  if (last > (*source)->last()) {
    return Fail(ErrorCode::kInvalidInput, from,
                "has no record " + std::to_string(at) + "; its last is " +
                    std::to_string((*source)->last()));
  }
  auto target = OpenEventLog(to);
  if (!target) return tl::unexpected(target.error());
  if ((*target)->last() > 0) {
    return Fail(ErrorCode::kInvalidInput, to, "has a log already; give a new or empty folder");
  }
  if (last < (*source)->trim().upto) {
    return Fail(ErrorCode::kInvalidInput, from,
                "was trimmed when its last record was " + std::to_string((*source)->trim().upto) +
                    "; it cannot go back behind that");
  }
  if (Status begun = CopyTrim(**source, **target); !begun) return tl::unexpected(begun.error());
  if (Status copied = CopyUpTo(last, **source, **target, progress); !copied) {
    return tl::unexpected(copied.error());
  }
  if (Status done = (*target)->Trim((*source)->trim(), {}); !done) {
    return tl::unexpected(done.error());
  }
  return BackupReport{0, last, (*target)->last()};
}

}  // namespace holdfast
