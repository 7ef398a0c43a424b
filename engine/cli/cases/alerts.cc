// alerts: what was raised, and its acknowledgement.
#include <cstdio>
#include <memory>

#include "engine/cli/cases/case_view.h"
#include "engine/cli/cases/ops_client.h"
#include "engine/cli/commands.h"
#include "engine/cli/ui/output.h"
#include "engine/codec/json_object.h"

namespace holdfast::cli {
namespace {

struct Options : OpsOptions {
  std::string alert, note;
  bool all = false;
};

Result<JsonDocument> FetchAlerts(OpsClient& client, bool all) {
  std::string target = std::string("/v1/alerts?all=") + (all ? "true" : "false");
  if (!client.merchant().empty()) target += "&" + client.merchant();
  return client.Get(target);
}

void Show(const JsonValue& root, Screen& screen) {
  std::vector<std::vector<std::string>> rows = {{"no.", "at", "alert", "order", "acknowledged"}};
  for (const JsonValue& alert : root["alerts"].list()) {
    std::string done(alert["acknowledged_by"].text());
    if (!done.empty()) {
      done += " " + ShortTime(alert["acknowledged_at"].text());
      if (!alert["note"].text().empty()) done += ": " + std::string(alert["note"].text());
    }
    rows.push_back({std::string(alert["offset"].text()), ShortTime(alert["at"].text()),
                    std::string(alert["name"].text()), std::string(alert["order_id"].text()),
                    done});
  }
  if (rows.size() == 1) return screen.Line("no alert is open", Colour::kDim);
  screen.Table(rows);
  for (const JsonValue& alert : root["alerts"].list()) {
    screen.Item("  " + std::string(alert["offset"].text()) + "  ", alert["text"].text());
  }
}

int List(const Options& options) {
  auto client = OpenOps(options);
  if (!client) return ReportError(client.error());
  const auto alerts = FetchAlerts(**client, options.all);
  if (!alerts) return ReportError(alerts.error());
  Print(alerts->root(), options.json, [&](Screen& screen) { Show(alerts->root(), screen); });
  return 0;
}

std::string AcknowledgementOf(const JsonValue& alert, const Options& options) {
  const std::string payload = JsonObject()
                                  .Text("name", alert["name"].text())
                                  .Text("of", alert["id"].text())
                                  .Text("note", options.note)
                                  .Done();
  return NewEvent(options, "alert.acknowledged", std::string(alert["order_id"].text()), "alert",
                  payload);
}

int Acknowledge(const Options& options) {
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  const auto alerts = FetchAlerts(**client, true);
  if (!alerts) return ReportFailure(alerts.error());
  for (const JsonValue& alert : alerts->root()["alerts"].list()) {
    if (alert["offset"].text() != options.alert && alert["id"].text() != options.alert) continue;
    if (!alert["acknowledged_by"].text().empty()) {
      return ReportFailure({ErrorCode::kConflict,
                            {},
                            std::string(alert["acknowledged_by"].text()) +
                                " has acknowledged it already, at " +
                                std::string(alert["acknowledged_at"].text())});
    }
    const auto answer = (*client)->Send(AcknowledgementOf(alert, options));
    if (!answer) return ReportFailure(answer.error());
    Print(answer->root(), options.json,
          [&](Screen& screen) { screen.Line("alert " + options.alert + " acknowledged"); });
    return 0;
  }
  return ReportFailure(
      {ErrorCode::kNotFound, "ALERT", "'" + options.alert + "' is no alert of this seller"});
}

}  // namespace

void AddAlerts(Command app) {
  auto list = std::make_shared<Options>();
  Command command = app.Add("alerts", "The alerts that nobody has acknowledged");
  command.Flag("--all", list->all, "Those that were acknowledged too");
  AddOpsOptions(command, *list);
  command.Does([list] { return List(*list); });
  auto one = std::make_shared<Options>();
  Command ack = command.Add("ack", "Acknowledge an alert");
  ack.Value("ALERT", one->alert, "Its number in the list, or its id").Required();
  ack.Value("--note", one->note, "What was done about it").Required();
  AddOpsOptions(ack, *one);
  ack.Does([one] { return Acknowledge(*one); });
}

}  // namespace holdfast::cli
