#include <cstdio>
#include <memory>

#include "engine/base/url.h"
#include "engine/cli/cases/case_view.h"
#include "engine/cli/cases/found.h"
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

void PrintBuyerCsv(const JsonValue& root) {
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

void PrintTimelineCsv(const JsonValue& root) {
  std::vector<std::vector<std::string>> rows = {
      {"offset", "occurred_at", "type", "summary", "outcome", "cause"}};
  for (const TimelineEntry& entry : TimelineOf(root)) {
    rows.push_back({entry.offset, entry.at, entry.type, entry.summary, entry.outcome, entry.cause});
  }
  PrintCsv(rows);
}

// True when an order of the list was found by who bought it.
bool IsBuyer(const JsonValue& list) {
  for (const JsonValue& order : list["orders"].list()) {
    for (const JsonValue& matched : order["matched"].list()) {
      if (matched["kind"].text() == "buyer" || matched["kind"].text() == "email") return true;
    }
  }
  return false;
}

Result<JsonDocument> FetchBuyer(OpsClient& client, const std::string& buyer) {
  const std::string query = client.merchant().empty() ? "" : "?" + client.merchant();
  return client.Get("/v1/buyers/" + EncodeUrl(buyer) + query);
}

int PrintBuyer(const JsonValue& buyer, const Options& options) {
  if (options.csv) {
    PrintBuyerCsv(buyer);
    return 0;
  }
  Print(buyer, options.json, [&](Screen& screen) { ShowBuyer(buyer, screen); });
  return 0;
}

int PrintOrder(const JsonValue& order, const Options& options) {
  if (options.csv) {
    PrintTimelineCsv(order);
    return 0;
  }
  Print(order["events"], options.json, [&](Screen& screen) {
    screen.Line("times are UTC", Colour::kDim);
    ShowTimeline(order, screen);
  });
  return 0;
}

int History(const Options& options) {
  auto client = OpenOps(options);
  if (!client) return ReportError(client.error());
  if (options.buyer) {
    const auto buyer = FetchBuyer(**client, options.of);
    return buyer ? PrintBuyer(buyer->root(), options) : ReportError(buyer.error());
  }
  constexpr int kRows = 25;
  const auto order = FetchOrder(**client, options.of);
  if (order) return PrintOrder(order->root(), options);
  if (order.error().code != ErrorCode::kUnknownOrder) return ReportError(order.error());
  const auto found = FindOrders(**client, options.of, kRows, {});
  if (!found) return ReportError(found.error());
  const JsonValue& list = found->root();
  const auto orders = list["orders"].list();
  if (IsBuyer(list)) {
    const auto buyer = FetchBuyer(**client, options.of);
    if (buyer) return PrintBuyer(buyer->root(), options);
    // The e-mail address may be the payer's.
    if (buyer.error().code != ErrorCode::kUnknownOrder) return ReportError(buyer.error());
  }
  if (orders.size() == 1 && !list["more"].truth()) {
    const auto meant = FetchOrder(**client, std::string(orders[0]["order_id"].text()));
    return meant ? PrintOrder(meant->root(), options) : ReportError(meant.error());
  }
  if (orders.empty() && !list["more"].truth()) {
    return ReportError({ErrorCode::kUnknownOrder,
                        {},
                        "no order is found by '" + options.of + "'; it is no buyer either"});
  }
  Print(list, options.json, [&](Screen& screen) { ShowFound(list, screen); });
  return 1;
}

}  // namespace

void AddHistory(Command app) {
  auto options = std::make_shared<Options>();
  Command command = app.Add("history", "What happened to an order, or the orders of a buyer");
  command
      .Value("ORDER|BUYER", options->of,
             "An order's id, a buyer's id or e-mail, or what `find` takes")
      .Required();
  command.Flag("--buyer", options->buyer, "A buyer, also where an order is called so");
  AddCsvOption(command, options->csv, AddOpsOptions(command, *options));
  command.Example("holdfast history 100045");
  command.Example("holdfast history ada@mail.example --csv");
  command.Does([options] { return History(*options); });
}

}  // namespace holdfast::cli
