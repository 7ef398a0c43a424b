// RescoreRun: runs a rescoring for the commands that judge packs: opens the log, the packs, the
// labels and the scratch folder, and shows progress.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/scratch.h"
#include "engine/cli/command_line.h"
#include "engine/rescore/rescore.h"
#include "engine/rescore/scratch_folder.h"

namespace holdfast::cli {

struct RescoreSource {
  std::string data, log, pack, baseline, merchant, from, to, as_of, labels;
  std::string delay = "60d";
  std::uint32_t jobs = 1;
  bool fold = false;
  bool prove = true;  // see RescoreOptions
  std::size_t cache_mb = 1024;
};

// Takes the lock. If another process has it, waits a little, because a killed process keeps its
// locks until it is gone. Errors: as FolderLock::Take.
Status TakeLock(const FolderLock& lock);

// The options of a source; `baseline` where a command compares.
void AddRescoreSource(Command command, RescoreSource& source, bool baseline);

class RescoreRun {
 public:
  // Loads the packs and the options; findings go to standard error. `out`: a folder whose subfolder
  // `work` has the scratch, so that a stopped run can be continued; it is locked as long as the
  // object lives. Empty: temporary scratch.
  // Errors: kUsage; kInvalidPack, when its findings are said; kBusy; kIo.
  static Result<std::unique_ptr<RescoreRun>> Open(const RescoreSource& source,
                                                  const std::string& out);

  // Folds, with progress, when nobody else wants the processor. Errors:
  // as Rescore.
  Result<Rescored> Run(const std::function<Status(const OrderCase&)>& visit);

  const Pack& pack() const { return *how_.pack; }
  const Pack* baseline() const { return how_.baseline.get(); }
  // A digest of the labels given by the user; empty: none.
  const std::string& labels_digest() const { return labels_digest_; }
  // EventLog::name of the log, in hexadecimal.
  std::string LogName() const;
  // Of the log; before Run.
  std::uint64_t LastRecord() const { return log_->last(); }
  // Only orders placed from it on.
  void SetFrom(EventTime from) { how_.from = from; }
  // The time of the last order. Errors: kNotFound; as EventLog::Read.
  Result<EventTime> LatestOrder();

 private:
  explicit RescoreRun(const RescoreSource& source) : source_(source) {}
  Status OpenLog();

  const RescoreSource& source_;
  RescoreOptions how_;
  std::optional<FolderLock> lock_;  // of `out`
  std::optional<Scratch> scratch_;
  std::unique_ptr<EventLog> log_;
  std::string labels_digest_;
};

}  // namespace holdfast::cli
