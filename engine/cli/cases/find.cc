#include <memory>
#include <string>
#include <vector>

#include "engine/base/limits.h"
#include "engine/cli/cases/found.h"
#include "engine/cli/commands.h"
#include "engine/cli/ui/output.h"

namespace holdfast::cli {
namespace {

struct Options : OpsOptions {
  std::vector<std::string> text;
  int limit = 25;
  std::string after;
};

int Find(const Options& options) {
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  std::string text;
  for (const std::string& word : options.text) text += (text.empty() ? "" : " ") + word;
  const auto found = FindOrders(**client, text, options.limit, options.after);
  if (!found) return ReportFailure(found.error());
  Print(found->root(), options.json, [&](Screen& screen) { ShowFound(found->root(), screen); });
  return found->root()["orders"].list().empty() ? 1 : 0;
}

}  // namespace

void AddFind(Command app) {
  auto options = std::make_shared<Options>();
  Command command = app.Add("find", "Find orders by number, e-mail, phone, name, address and more");
  command
      .Value(
          "TEXT", options->text,
          "A number of an order, payment, refund, dispute or parcel; an e-mail address, a phone "
          "number, an IP address, a SKU; words of a name or an address, of which the last may be "
          "incomplete")
      .Required();
  command.Value("--limit", options->limit, "Rows of a page")
      .Between(1, static_cast<int>(limits::kFindOrders))
      .ShowDefault();
  command.Value("--after", options->after, "The page after this place, which a page prints");
  AddOpsOptions(command, *options);
  command.Footer("Exit codes: 0 found, 1 no order is found, 2 usage error, 3 failed.");
  command.Does([options] { return Find(*options); });
}

}  // namespace holdfast::cli
