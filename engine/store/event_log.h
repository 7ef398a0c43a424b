// EventLog: the truth. Every accepted event in its order, on disk before its answer leaves.
//
// Offsets count from 1 without gaps, but for those that Trim has made. A record that Append has
// returned for with `sync` survives the loss of power; without it, the end of the process, but not
// of the machine.
//
// Threads: one calls Append, any the rest. One process has a log open for writing at a time.
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
  // How it came. The numbers stand in the log.
  enum class Origin : std::uint8_t {
    kSent = 1,
    kTakenOver = 2,  // as history: nothing was decided
    kDue = 3,        // by itself, as a deadline that the next record kSent had reached
  };

  std::uint64_t offset = 0;
  std::uint64_t digest = 0;   // of the event: see Event::digest
  std::string_view event;     // as JSON
  std::string_view decision;  // that it led to, as WriteDecision writes it; or empty
  Origin origin = Origin::kSent;
  std::string_view facts = {};  // of the event, as PutFactRow writes them; or empty
};

// What has been taken out of a log: some records up to `upto`, of which `kept` are left. Above it
// there are no gaps.
struct LogTrim {
  // What was begun and is not at its end: the log is not whole.
  enum class Begun : std::uint8_t { kNothing, kTrim, kCopy };

  std::uint64_t upto = 0;  // 0: nothing was ever taken out
  std::uint64_t kept = 0;
  Begun begun = Begun::kNothing;
  EventTime before{};  // of a trim that was begun, what its caller gave
  bool operator==(const LogTrim&) const = default;
};

class EventLog {
 public:
  virtual ~EventLog() = default;

  // Appends all records or none. REQUIRES: their offsets ascend from last(), without gaps above
  // trim().upto.
  // Errors: kIo, after which the log takes no more records until it is opened again.
  virtual Status Append(std::span<const LogRecord> records, bool sync) = 0;

  // Makes what Append has taken without `sync` survive the loss of power. Errors: as Append.
  virtual Status Sync() = 0;

  // The offset of the last record; 0 for an empty log.
  virtual std::uint64_t last() const = 0;

  // Tells this log from every other: what is folded from it bears its name.
  virtual const std::string& name() const = 0;

  virtual LogTrim trim() const = 0;
  // Takes the records at the offsets `gone` out, which are not above trim.upto, and says that the
  // log is then as `trim`, and until then that this was begun. On disk when it returns.
  // Errors: as Append; what was to go may then be there in part.
  virtual Status Trim(const LogTrim& trim, std::span<const std::uint64_t> gone) = 0;
  // Only says so, of a copy that begins or is at its end.
  virtual Status SetTrim(const LogTrim& trim) = 0;

  // Says what the facts of records are, and of which there are: schemas, that rows name by the
  // Hash64 of their texts. One that is known already changes nothing. On disk when it returns.
  // Threads: as Append. Errors: as Append.
  virtual Status KeepSchema(std::string_view schema) = 0;
  // All schemas. Errors: kIo.
  virtual Result<std::vector<std::string>> Schemas() const = 0;

  // The record at `offset`; its texts are in `memory`. Errors: as Read.
  virtual Result<LogRecord> At(std::uint64_t offset, std::string& memory) const = 0;

  // Calls `visit` with every record from `offset` on, in order, up to its first error, which is
  // handed on. Errors: kIo; kCorrupt for a record that is damaged or missing.
  using Visit = std::function<Status(const LogRecord&)>;
  virtual Status Read(std::uint64_t offset, const Visit& visit) const = 0;
};

// kWrite makes a log in a new or empty folder; kChange wants one. kRead changes nothing, also
// beside a writer. kRestore makes one, with the file kRestoring beside it, or goes on with such;
// the others refuse it.
enum class LogMode : std::uint8_t { kWrite, kChange, kRead, kRestore };
inline constexpr char kRestoring[] = "RESTORING";

// Opens the log in `folder`.
// Errors: kNotFound where there is none, or files that are no log; kBusy when another process has
// it open; kIo; kCorrupt, also when a restore has not come to its end; kNewerFormat when a later
// version of Holdfast wrote it; kInvalidInput with kRestore where there is a log.
Result<std::unique_ptr<EventLog>> OpenEventLog(const std::string& folder,
                                               LogMode mode = LogMode::kWrite);

}  // namespace holdfast
