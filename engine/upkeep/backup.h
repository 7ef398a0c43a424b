// Backup: a log, copied to another folder. The log is the truth, so it is all that need be kept:
// the state is folded again from it.
//
// A backup is itself a data folder, which `verify`, `log` and `score` read. It may be made while
// another process writes: what is in the log at the beginning is copied.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "engine/base/result.h"

namespace holdfast {

struct BackupReport {
  std::uint64_t copied = 0;  // records
  std::uint64_t last = 0;    // the last offset now
};

// Called with how many offsets of how many have been copied; false stops (kInterrupted), and what
// was copied stays: the same call goes on with it.
using BackupProgress = std::function<bool(std::uint64_t done, std::uint64_t all)>;

// Adds to the log in `to`, made when it is not there, what the log in `from` has more.
// Errors: as OpenWholeLog; kInvalidInput when the records of `to` are not the first of `from`.
Result<BackupReport> BackUp(const std::string& from, const std::string& to,
                            const BackupProgress& progress = {});

// Copies the log in `from` into the new or empty folder `to`; only up to record `at` if that is
// not 0. Until its end `to` is a log that is not whole.
// Errors: as OpenWholeLog; kInvalidInput when `to` has a log, or `from` has no such record.
Result<BackupReport> Restore(const std::string& from, const std::string& to, std::uint64_t at,
                             const BackupProgress& progress = {});

}  // namespace holdfast
