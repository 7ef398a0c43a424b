// RunDesk: runs the review screen in this terminal until the user quits.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "engine/cli/desk/desk.h"

namespace holdfast::cli {

struct DeskStart {
  Desk::Mode mode = Desk::Mode::kWalk;
  QueueFilter filter;
  std::string more;                           // further parameters of the queue
  std::optional<std::chrono::seconds> every;  // how often the queue is loaded again
};

// Returns the exit code. A signal ends it as `q` does: the terminal is restored, and a claim is
// given back. REQUIRES: standard input and output are a terminal.
int RunDesk(OpsClient& client, const OpsOptions& options, const DeskStart& start);

}  // namespace holdfast::cli
