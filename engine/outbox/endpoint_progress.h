// EndpointProgress: the progress of an endpoint, in memory and on disk: the cursor and the waiting
// messages in BASE.json, dead letters in BASE.dead.ndjson. Times are seconds since 1970.
// Threads: one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "engine/base/exclusive_use.h"
#include "engine/base/result.h"

namespace holdfast {

// A message that is being sent, or is to be tried again.
struct WaitingMessage {
  int attempts = 0;
  std::int64_t first = 0, next = 0;  // when it was ready; when it is due
  std::string why;                   // why the last attempt failed
  bool running = false;
};

class EndpointProgress {
 public:
  explicit EndpointProgress(std::string base) : base_(std::move(base)) {}

  // `end`: the last record of the log. An endpoint without a file begins there; one whose log was
  // restored from a backup, and ends before the cursor, goes on there. Errors: kIo, kCorrupt.
  Status Load(std::uint64_t end);
  // Writes it to disk if it has changed. Errors: kIo.
  Status Keep();
  // The same, at most once a second.
  void KeepEachSecond();
  // Writes a dead letter; the caller drops the message then. Errors: kIo.
  Status Bury(std::uint64_t offset, const WaitingMessage& message);

  std::uint64_t cursor = 0;                         // all up to it has left or waits
  std::map<std::uint64_t, WaitingMessage> waiting;  // by offset
  std::uint64_t dead() const { return dead_; }      // dead letters since the folder was made
  // The last record of the log when the endpoint was added; 0 in files of earlier versions. Set by
  // Load.
  std::uint64_t begin() const { return begin_; }

 private:
  const std::string base_;
  std::uint64_t dead_ = 0, begin_ = 0;
  std::string kept_;
  std::int64_t kept_at_ = 0;
  mutable ExclusiveUse use_;
};

}  // namespace holdfast
