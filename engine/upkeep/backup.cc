#include "engine/upkeep/backup.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "engine/pipeline/data_folder.h"
#include "engine/pipeline/pack_store.h"

namespace holdfast {
namespace {

// Copies the records after the end of `to`, up to `last`. Returns their number.
Result<std::uint64_t> CopyUpTo(std::uint64_t last, const EventLog& from, EventLog& to,
                               const BackupProgress& progress) {
  constexpr std::size_t kGroup = 1000;
  constexpr std::size_t kGroupBytes = 4 << 20;
  struct Held {
    LogRecord record;  // without its texts
    std::string event, decision, facts;
  };
  std::vector<Held> held;
  std::size_t bytes = 0;
  std::uint64_t copied = 0;
  const std::uint64_t had = to.last();
  const auto flush = [&]() -> Status {
    std::vector<LogRecord> records;
    for (const Held& h : held) {
      records.push_back(h.record);
      records.back().event = h.event;
      records.back().decision = h.decision;
      records.back().facts = h.facts;
    }
    if (Status appended = to.Append(records, false); !appended) return appended;
    copied += records.size();
    held.clear();
    bytes = 0;
    if (progress && !progress(to.last() - had, last - had)) {
      return Fail(ErrorCode::kInterrupted, {}, "stopped before everything was copied");
    }
    return {};
  };
  if (had >= last) return 0;
  const auto schemas = from.Schemas();
  if (!schemas) return tl::unexpected(schemas.error());
  for (const std::string& schema : *schemas) {
    if (Status kept = to.KeepSchema(schema); !kept) return tl::unexpected(kept.error());
  }
  bool done = false;
  const Status read = from.Read(had + 1, [&](const LogRecord& record) -> Status {
    done = record.offset > last;
    if (done) return Fail(ErrorCode::kInterrupted, {}, {});  // ends the reading
    held.push_back({record, std::string(record.event), std::string(record.decision),
                    std::string(record.facts)});
    bytes += record.event.size() + record.decision.size() + record.facts.size();
    return held.size() < kGroup && bytes < kGroupBytes ? Status() : flush();
  });
  if (!read && !done) return tl::unexpected(read.error());
  if (Status flushed = flush(); !flushed) return tl::unexpected(flushed.error());
  if (Status synced = to.Sync(); !synced) return tl::unexpected(synced.error());
  return copied;
}

// True when the records of `to` are the first ones of `from`. The last record of `to` is compared,
// unless it was trimmed.
Result<bool> Begins(const EventLog& from, const EventLog& to) {
  if (to.last() == 0) return true;
  if (to.last() > from.last()) return false;
  std::string a, b;
  const auto mine = to.At(to.last(), a), its = from.At(to.last(), b);
  if (!mine && to.last() <= to.trim().upto) return to.trim() == from.trim();
  if (!mine) return tl::unexpected(mine.error());
  if (!its && to.last() <= from.trim().upto) return false;
  if (!its) return tl::unexpected(its.error());
  return mine->digest == its->digest && mine->event == its->event &&
         mine->decision == its->decision;
}

// Makes `to` equal to `from` up to `last`.
Result<BackupReport> Copy(const std::string& folder, std::uint64_t last, const EventLog& from,
                          EventLog& to, const BackupProgress& progress) {
  const auto begins = Begins(from, to);
  if (!begins) return tl::unexpected(begins.error());
  if (!*begins || to.last() > last) {
    return Fail(ErrorCode::kInvalidInput, folder,
                "has " + std::to_string(to.last()) +
                    " records that are not the first of what is to be copied; give a new folder");
  }
  const auto copied = CopyUpTo(last, from, to, progress);
  if (!copied) return tl::unexpected(copied.error());
  if (to.trim() != from.trim()) {
    if (Status done = to.SetTrim(from.trim()); !done) return tl::unexpected(done.error());
  }
  return BackupReport{*copied, to.last()};
}

Status CheckOther(const std::string& from, const std::string& to) {
  std::error_code ignored;
  if (!std::filesystem::equivalent(from, to, ignored)) return {};
  return Fail(ErrorCode::kInvalidInput, to, "is the folder itself; give another");
}

// The trim of a log whose records are still being copied.
LogTrim Begun(const EventLog& from) {
  LogTrim trim = from.trim();
  trim.begun = LogTrim::Begun::kCopy;
  return trim;
}

}  // namespace

Result<BackupReport> BackUp(const std::string& from, const std::string& to,
                            const BackupProgress& progress) {
  if (Status other = CheckOther(from, to); !other) return tl::unexpected(other.error());
  const auto source = OpenWholeLog(from, LogMode::kRead);
  if (!source) return tl::unexpected(source.error());
  const auto target = OpenEventLog(to);
  if (!target) return tl::unexpected(target.error());
  // The gaps of a trimmed log can only be created in a new backup, which is incomplete until the
  // end. A backup without gaps is at any moment a valid earlier state of its log.
  if ((*target)->trim() != (*source)->trim()) {
    if ((*target)->last() > 0 && (*target)->trim() != Begun(**source)) {
      return Fail(ErrorCode::kInvalidInput, to,
                  "the log was trimmed since this backup was begun; give a new folder");
    }
    if (Status begun = (*target)->SetTrim(Begun(**source)); !begun) {
      return tl::unexpected(begun.error());
    }
  }
  auto report = Copy(to, (*source)->last(), **source, **target, progress);
  if (!report) return report;
  if (Status copied = CopyStoredPacks(from, to); !copied) return tl::unexpected(copied.error());
  return report;
}

Result<BackupReport> Restore(const std::string& from, const std::string& to, std::uint64_t at,
                             const BackupProgress& progress) {
  if (Status other = CheckOther(from, to); !other) return tl::unexpected(other.error());
  const auto source = OpenWholeLog(from, LogMode::kRead);
  if (!source) return tl::unexpected(source.error());
  const std::uint64_t last = at == 0 ? (*source)->last() : at;
  if (last > (*source)->last()) {
    return Fail(ErrorCode::kInvalidInput, from,
                "has no record " + std::to_string(at) + "; its last is " +
                    std::to_string((*source)->last()));
  }
  if (last < (*source)->trim().upto) {
    return Fail(ErrorCode::kInvalidInput, from,
                "was trimmed when its last record was " + std::to_string((*source)->trim().upto) +
                    "; it cannot go back behind that");
  }
  // Continues a restore that was interrupted.
  auto target = OpenEventLog(to, LogMode::kRestore);
  if (!target) return tl::unexpected(target.error());
  if ((*target)->trim() != (*source)->trim()) {
    if (Status begun = (*target)->SetTrim(Begun(**source)); !begun) {
      return tl::unexpected(begun.error());
    }
  }
  auto report = Copy(to, last, **source, **target, progress);
  if (!report) return report;
  if (Status copied = CopyStoredPacks(from, to); !copied) return tl::unexpected(copied.error());
  target->reset();
  std::error_code fault;
  std::filesystem::remove(to + "/" + kRestoring, fault);
  if (fault) return Fail(ErrorCode::kIo, to, "cannot be changed: " + fault.message());
  return report;
}

}  // namespace holdfast
