#include <cstdio>
#include <memory>

#include "engine/base/wall_time.h"
#include "engine/cli/cases/case_view.h"
#include "engine/cli/cases/ops_work.h"
#include "engine/cli/commands.h"
#include "engine/cli/ui/output.h"

namespace holdfast::cli {
namespace {

struct Options : OpsOptions {
  std::string order;
};

int Show(const Options& options) {
  auto client = OpenOps(options);
  if (!client) return ReportError(client.error());
  const auto order = FetchOrder(**client, options.order);
  if (!order) return ReportError(order.error());
  Print(order->root(), options.json,
        [&](Screen& screen) { ShowCase(order->root(), WallTime(), screen); });
  return 0;
}

}  // namespace

void AddShow(Command app) {
  auto options = std::make_shared<Options>();
  Command command =
      app.Add("show", "An order on one screen: why it is held, the facts, what would release it");
  command.Value("ORDER", options->order, "Its id").Required();
  AddOpsOptions(command, *options);
  command.Example("holdfast show 100045");
  command.Does([options] { return Show(*options); });
}

}  // namespace holdfast::cli
