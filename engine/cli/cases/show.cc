#include <cstdio>
#include <memory>

#include "engine/base/wall_time.h"
#include "engine/cli/cases/case_view.h"
#include "engine/cli/cases/found.h"
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
  const auto meant = FetchMeant(**client, options.order);
  if (!meant) return ReportError(meant.error());
  if (meant->list) {
    const JsonValue& list = meant->list->root();
    Print(list, options.json, [&](Screen& screen) { ShowFound(list, screen); });
    return 1;
  }
  const JsonValue& order = meant->order->root();
  Print(order, options.json, [&](Screen& screen) { ShowCase(order, WallTime(), screen); });
  return 0;
}

}  // namespace

void AddShow(Command app) {
  auto options = std::make_shared<Options>();
  Command command =
      app.Add("show", "An order on one screen: why it is held, the facts, what would release it");
  command.Value("ORDER", options->order, "Its id, or what `find` takes; several orders are listed")
      .Required();
  AddOpsOptions(command, *options);
  command.Example("holdfast show 100045");
  command.Does([options] { return Show(*options); });
}

}  // namespace holdfast::cli
