// EventLog: the source of truth: every accepted event, in order, on disk before its answer is sent.
//
// Offsets count from 1, without gaps except those that Trim made. A record appended with `sync`
// survives a power failure. Without `sync` it survives the end of the process, but not of the
// machine.
//
// Threads: one thread calls Append, any thread the rest. One process at a time may have a log open
// for writing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"

namespace holdfast {

struct LogRecord {
  // How the event came. The log stores the values, so they must not change.
  enum class Origin : std::uint8_t {
    kSent = 1,
    kImported = 2,  // imported as history; nothing was decided
    kOwnEvent = 3,  // made by Holdfast before the next kSent record, as for a due deadline
  };

  std::uint64_t offset = 0;
  std::uint64_t digest = 0;   // of the event: see Event::digest
  std::string_view event;     // as JSON
  std::string_view decision;  // that it led to, written by WriteDecision; or empty
  Origin origin = Origin::kSent;
  std::string_view facts = {};  // of the event, written by PutFactRow; or empty
};

// Which records were removed from a log: some of those up to `upto`, of which `kept` are left.
// Above `upto` there are no gaps.
struct LogTrim {
  // An operation that was started and has not finished. The log is then incomplete.
  enum class Begun : std::uint8_t { kNothing, kTrim, kCopy };

  std::uint64_t upto = 0;  // 0: nothing was ever taken out
  std::uint64_t kept = 0;
  Begun begun = Begun::kNothing;
  EventTime before{};  // of a trim that has not finished: the time its caller gave
  bool operator==(const LogTrim&) const = default;
};

class EventLog {
 public:
  virtual ~EventLog() = default;

  // Appends all records or none. Their offsets ascend from last(), without gaps above
  // trim().upto.
  // Errors: kIo, after which the log takes no more records until it is opened again.
  virtual Status Append(std::span<const LogRecord> records, bool sync) = 0;

  // Makes all records appended so far survive a power failure. Errors: as Append.
  virtual Status Sync() = 0;

  // The offset of the last record; 0 for an empty log.
  virtual std::uint64_t last() const = 0;

  // A name that no other log has. State derived from the log stores it (StateHead::log).
  virtual const std::string& name() const = 0;

  virtual LogTrim trim() const = 0;
  // Removes the records at the offsets `gone`, none of them above trim.upto. The log is marked as
  // being trimmed until they are removed, and then as `trim`. On disk when it returns.
  // Errors: as Append; then some of the records may still be there.
  virtual Status Trim(const LogTrim& trim, std::span<const std::uint64_t> gone) = 0;
  // Only marks the log as `trim`, when a copy of a log begins or has finished.
  virtual Status SetTrim(const LogTrim& trim) = 0;

  // Stores a schema of fact rows (FactSchema::text). A row refers to its schema by the Hash64 of
  // the text. Nothing changes when the schema is stored already. On disk when it returns.
  // Threads: as Append. Errors: as Append.
  virtual Status KeepSchema(std::string_view schema) = 0;
  // All schemas. Errors: kIo.
  virtual Result<std::vector<std::string>> Schemas() const = 0;

  // The record at `offset`; its texts are in `memory`. Errors: as Read.
  virtual Result<LogRecord> At(std::uint64_t offset, std::string& memory) const = 0;

  // Calls `visit` with every record from `offset` on, in order. The first error of `visit` ends the
  // reading and is returned. Errors: kIo; kCorrupt for a record that is damaged or missing.
  using Visit = std::function<Status(const LogRecord&)>;
  virtual Status Read(std::uint64_t offset, const Visit& visit) const = 0;
};

// kWrite opens a log for writing, and makes one in a new or empty folder. kChange opens only an
// existing log for writing. kRead changes nothing, and works beside a writer. kRestore makes a log,
// with a file named kRestoring beside it, or continues such a log; the other modes refuse it.
enum class LogMode : std::uint8_t { kWrite, kChange, kRead, kRestore };
inline constexpr char kRestoring[] = "RESTORING";

// Opens the log in `folder`.
// Errors: kNotFound when there is no log, or the files are not a log; kBusy when another process
// has it open; kIo; kCorrupt, also for a restore that has not finished; kNewerFormat when a later
// version of Holdfast wrote it; kInvalidInput with kRestore when there is a log.
Result<std::unique_ptr<EventLog>> OpenEventLog(const std::string& folder,
                                               LogMode mode = LogMode::kWrite);

}  // namespace holdfast
