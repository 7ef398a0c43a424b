// Committer: puts what was taken into the log, and says when its answers may leave.
//
// Threads: Commit and Idle by one; Ensure by any.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "engine/pipeline/pipeline.h"

namespace holdfast {

class Committer {
 public:
  // `log` may be null: then nothing is kept. It outlives the committer. `schema`: of the facts that
  // come with what is taken.
  Committer(EventLog* log, const PipelineOptions& options, std::string schema)
      : log_(log),
        sync_(options.sync),
        render_(options.render),
        taken_over_(!options.decide),
        schema_(std::move(schema)) {}

  // Writes the decisions of the answers as JSON, appends all that was taken to the log, and finds
  // the first answers of events that were taken before.
  // Errors: as EventLog::Append; then none of these answers, and no later one, may leave.
  Status Commit(const std::vector<std::span<SubmissionResult>>& groups);

  // Nothing has come for a while, or nothing more will: what is due is synced.
  Status Idle(bool last);

  // How long to wait for more before Idle.
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
};

}  // namespace holdfast
