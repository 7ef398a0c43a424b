// Output: writing to standard output with a closed pipe as an ordinary end, and stopping on a
// signal.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace holdfast::cli {

// Becomes true on SIGINT and SIGTERM. Installs the handlers on the first call; a write to a closed
// pipe is an error from then on, not a signal.
const std::atomic<bool>& StopFlag();

// Waits until that is true, `time` at most; whether it is.
bool StoppedWithin(std::chrono::milliseconds time);

// Buffers what goes to standard output.
class Output {
 public:
  ~Output() { Flush(); }
  void Write(std::string_view text);
  void Flush();
  // True when the reader has gone, or the system refuses: nothing more need be computed.
  bool closed() const { return closed_; }
  // True when it was not the reader's doing (a full disk).
  bool failed() const { return failed_; }

 private:
  std::string buffer_;
  bool closed_ = false;
  bool failed_ = false;
};

// A descriptor of the input at `path`, or of standard input for "-".
Result<int> OpenInput(const std::string& path);

// "holdfast: error[invalid-pack]: ..." on standard error, the remedy below; the exit code.
int ReportError(const Error& error);
// The same for commands of which exit code 1 is a result: 3 instead.
int ReportFailure(const Error& error);

}  // namespace holdfast::cli
