// Committer: appends applied events and their decisions to the log. After Commit has returned
// without an error, the answers may be sent.
//
// Threads: one owner, the commit stage of the pipeline.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "engine/base/exclusive_use.h"
#include "engine/pipeline/pipeline.h"

namespace holdfast {

class Committer {
 public:
  // `log` may be null; then nothing is stored. It must outlive the committer. `schema` is the
  // schema of the recorded facts (FactSchema::text); empty when no facts are recorded.
  Committer(EventLog* log, const PipelineOptions& options, std::string schema)
      : log_(log),
        sync_(options.sync),
        render_(options.render),
        taken_over_(!options.decide),
        schema_(std::move(schema)) {}

  // Writes the decisions of the answers as JSON, appends all applied events to the log, and loads
  // the original decisions of duplicates.
  // Errors: as EventLog::Append and EventLog::At. After an error neither these answers nor later
  // ones may be sent.
  Status Commit(const std::vector<std::span<SubmissionResult>>& groups);

  // To be called when no answers came for kInterval, or with `last` when no more will come. Syncs
  // records that are not synced yet; with Sync::kNever only if `last`. Errors: as EventLog::Sync.
  Status Idle(bool last);

  // How long to wait for more answers before Idle is called.
  static constexpr std::chrono::milliseconds kInterval{1000};

 private:
  bool SyncIsDue();
  Status LoadOriginalAnswer(SubmissionResult& answer);

  EventLog* const log_;
  const Sync sync_;
  const bool render_, taken_over_;
  const std::string schema_;
  bool schema_kept_ = false;
  bool unsynced_ = false;
  std::chrono::steady_clock::time_point synced_ = std::chrono::steady_clock::now();
  std::vector<LogRecord> records_;  // scratch
  mutable ExclusiveUse use_;
};

}  // namespace holdfast
