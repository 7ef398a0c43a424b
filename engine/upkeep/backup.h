// Backup: copies a log, and the packs that were activated, to another folder. All state can be
// rebuilt from the log, so nothing else needs a backup.
//
// A backup is itself a data folder, which `verify`, `log` and `score` can read. It can be made
// while another process writes; it then has what was in the log at the start.
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

// Reports progress: `done` of `all` offsets are copied. Returning false stops (kInterrupted); a
// later call with the same arguments continues.
using BackupProgress = std::function<bool(std::uint64_t done, std::uint64_t all)>;

// Appends to the log in `to`, which is created if needed, the records that the log in `from` has in
// addition.
// Errors: as OpenWholeLog; kInvalidInput when the records of `to` are not the first of `from`.
Result<BackupReport> BackUp(const std::string& from, const std::string& to,
                            const BackupProgress& progress = {});

// Copies the log in `from` into the new or empty folder `to`; only up to record `at` if that is
// not 0. Until its end `to` is a log that is not whole.
// Errors: as OpenWholeLog; kInvalidInput when `to` has a log, or `from` has no such record.
Result<BackupReport> Restore(const std::string& from, const std::string& to, std::uint64_t at,
                             const BackupProgress& progress = {});

}  // namespace holdfast
