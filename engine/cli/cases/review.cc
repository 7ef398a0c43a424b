// Goes through the queue: one order after another, one key an action.
#include <unistd.h>

#include <memory>

#include "engine/cli/cases/ops_client.h"
#include "engine/cli/commands.h"
#include "engine/cli/desk/desk_run.h"
#include "engine/cli/ui/output.h"

namespace holdfast::cli {
namespace {

int Review(const OpsOptions& options) {
  if (!IsTerminal(STDIN_FILENO) || !IsTerminal(STDOUT_FILENO)) {
    return ReportError({ErrorCode::kUsage, "review",
                        "wants a terminal; programs use queue, show, claim and release"});
  }
  auto client = OpenOps(options);
  if (!client) return ReportError(client.error());
  return RunDesk(**client, options, {});
}

}  // namespace

void AddReview(Command app) {
  auto options = std::make_shared<OpsOptions>();
  Command command =
      app.Add("review", "Walk through the queue: one order a screen, one key an action");
  AddOpsOptions(command, *options);
  command.Does([options] { return Review(*options); });
}

}  // namespace holdfast::cli
