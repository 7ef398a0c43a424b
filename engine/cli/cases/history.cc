#include <cstdio>
#include <memory>

#include "engine/base/url.h"
#include "engine/cli/cases/case_view.h"
#include "engine/cli/cases/ops_work.h"
#include "engine/cli/commands.h"
#include "engine/cli/ui/csv.h"
#include "engine/cli/ui/output.h"

namespace holdfast::cli {
namespace {

struct Options : OpsOptions {
  std::string of;
  bool buyer = false, csv = false;
};

void ShowBuyer(const JsonValue& root, Screen& screen) {
  std::vector<std::vector<std::string>> rows = {
      {"order", "placed (UTC)", "total", "outcome", "funds", "disputes", "refunds", "sent"}};
  for (const JsonValue& order : root["orders"].list()) {
    rows.push_back(
        {std::string(order["order_id"].text()), ShortTime(order["placed_at"].text()),
         std::string(order["total"].text()) + " " + std::string(order["currency"].text()),
         std::string(order["outcome"].text()), std::string(order["funds"].text()),
         std::string(order["disputes"].text()), std::string(order["refunds"].text()),
         order["dispatched"].truth() ? "yes" : ""});
  }
  screen.Table(rows);
  screen.Heading("Before the last of them");
  for (const auto& [name, value] : root["facts"].members()) {
    screen.Item("  " + std::string(name.substr(name.find('.') + 1)) + ": ", value.text());
  }
}

void PrintBuyer(const JsonValue& root) {
  std::vector<std::vector<std::string>> rows = {{"order_id", "placed_at", "total", "currency",
                                                 "outcome", "funds", "disputes", "refunds",
                                                 "dispatched"}};
  for (const JsonValue& order : root["orders"].list()) {
    std::vector<std::string> row;
    for (const std::string& name : rows[0]) row.emplace_back(order[name].text());
    row.back() = order["dispatched"].truth() ? "true" : "false";
    rows.push_back(std::move(row));
  }
  PrintCsv(rows);
}

void PrintTimeline(const JsonValue& root) {
  std::vector<std::vector<std::string>> rows = {
      {"offset", "occurred_at", "type", "summary", "outcome", "cause"}};
  for (const TimelineEntry& entry : TimelineOf(root)) {
    rows.push_back({entry.offset, entry.at, entry.type, entry.summary, entry.outcome, entry.cause});
  }
  PrintCsv(rows);
}

int History(const Options& options) {
  auto client = OpenOps(options);
  if (!client) return ReportError(client.error());
  const std::string query = (*client)->merchant().empty() ? "" : "?" + (*client)->merchant();
  Result<JsonDocument> found = FetchOrder(**client, options.of);
  const bool is_order = found.has_value() && !options.buyer;
  if (!is_order) {
    if (!found && found.error().code != ErrorCode::kUnknownOrder) return ReportError(found.error());
    found = (*client)->Get("/v1/buyers/" + EncodeUrl(options.of) + query);
    if (!found) return ReportError(found.error());
  }
  if (options.csv) {
    is_order ? PrintTimeline(found->root()) : PrintBuyer(found->root());
    return 0;
  }
  Print(is_order ? found->root()["events"] : found->root(), options.json, [&](Screen& screen) {
    if (!is_order) return ShowBuyer(found->root(), screen);
    screen.Line("times are UTC", Colour::kDim);
    ShowTimeline(found->root(), screen);
  });
  return 0;
}

}  // namespace

void AddHistory(Command app) {
  auto options = std::make_shared<Options>();
  Command command = app.Add("history", "What happened to an order, or the orders of a buyer");
  command.Value("ORDER|BUYER", options->of, "An order's id, or a buyer's id or e-mail").Required();
  command.Flag("--buyer", options->buyer, "A buyer, also where an order is called so");
  AddCsvOption(command, options->csv, AddOpsOptions(command, *options));
  command.Example("holdfast history 100045");
  command.Example("holdfast history ada@mail.example --csv");
  command.Does([options] { return History(*options); });
}

}  // namespace holdfast::cli
