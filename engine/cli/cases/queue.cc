#include <chrono>
#include <cstdio>
#include <memory>

#include "engine/base/text.h"
#include "engine/base/url.h"
#include "engine/base/wall_time.h"
#include "engine/cli/cases/case_view.h"
#include "engine/cli/cases/ops_work.h"
#include "engine/cli/commands.h"
#include "engine/cli/desk/desk_run.h"
#include "engine/cli/ui/output.h"

namespace holdfast::cli {
namespace {

struct Options : OpsOptions {
  std::string cause, least, most, held_for, after;
  bool funds = false, all = false, mine = false, unclaimed = false, approval = false, watch = false;
  int limit = 25;
  int every = 5;
};

std::string TargetOf(const Options& options, const OpsClient& client) {
  std::string target = "/v1/queue?limit=" + std::to_string(options.limit);
  const auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) target += "&" + std::string(name) + "=" + EncodeUrl(text);
  };
  if (!client.merchant().empty()) target += "&" + client.merchant();
  add("cause", options.funds ? "funds" : options.cause);
  add("min_amount", options.least);
  add("max_amount", options.most);
  add("held_for", options.held_for);
  add("after", options.after);
  if (options.mine) add("mine", "true");
  if (options.unclaimed) add("unclaimed", "true");
  if (options.approval) add("approval", "true");
  const bool workable = !options.all && !options.funds && options.cause.empty();
  if (workable) add("workable", "true");
  return target;
}

std::string Counts(const JsonValue& held, const Options& options) {
  std::string text;
  for (const auto& [cause, count] : held.members()) {
    text += (text.empty() ? "" : ", ") + std::string(count.text()) + " " + std::string(cause);
  }
  if (!text.empty()) return "held: " + text;
  // With a data folder the merchant is otherwise not known.
  const bool folder = !options.data.empty() && options.merchant.empty();
  return folder ? "nothing is held of the seller 'default'; name another with --merchant"
                : "nothing is held";
}

void Show(const JsonValue& root, const Options& options, Screen& screen) {
  const EventTime now = WallTime();
  std::vector<std::vector<std::string>> rows = {{"order", "cause", "amount", "score", "held for",
                                                 "review due", "buyer", "to", "claimed", "tags"}};
  for (const JsonValue& order : root["orders"].list()) {
    const JsonValue& held = order["held"];
    const auto by = ParseEventTime(held["review_by"].text());
    const auto until = ParseEventTime(held["claimed_until"].text());
    std::string tags;
    for (const JsonValue& tag : order["tags"].list()) {
      tags += (tags.empty() ? "" : " ") + std::string(tag.text());
    }
    constexpr std::size_t kYear = 5;
    std::string due = ShortTime(held["review_by"].text());
    if (by) due = *by <= now ? "overdue" : due.substr(kYear);
    rows.push_back(
        {std::string(order["order_id"].text()), std::string(held["cause"].text()),
         std::string(order["total"].text()) + " " + std::string(order["currency"].text()),
         std::string(held["score"].text()), AgeOf(held["since"].text(), now), due,
         std::string(order["buyer"].text()), std::string(order["country"].text()),
         until && *until > now ? std::string(held["claimed_by"].text()) : "", tags});
  }
  if (rows.size() > 1) screen.Table(rows);
  screen.Line(Counts(root["held"], options), Colour::kDim);
  const bool some_left_out = !options.all && !options.funds && options.cause.empty() &&
                             !root["held"]["funds"].text().empty();
  if (some_left_out) {
    screen.Line(std::string(root["held"]["funds"].text()) +
                    " more are waiting for payment: holdfast queue --funds",
                Colour::kDim);
  }
  if (root["more"].truth()) {
    screen.Item("", "more: --after '" + std::string(root["next"].text()) + "'", Colour::kDim);
  }
}

// The queue in a full screen. Its filters can be changed there; the bounds stay.
int Watch(const Options& options, OpsClient& client) {
  DeskStart start;
  start.mode = Desk::Mode::kWatch;
  start.every = std::chrono::seconds(options.every);
  start.filter = {options.funds ? "" : options.cause, options.mine, options.unclaimed,
                  options.approval};
  using Waiting = QueueFilter::Waiting;
  start.filter.waiting = options.funds ? Waiting::kFunds
                         : options.all ? Waiting::kAll
                                       : Waiting::kWorkable;
  for (const auto& [name, text] : {std::pair("min_amount", &options.least),
                                   {"max_amount", &options.most},
                                   {"held_for", &options.held_for},
                                   {"after", &options.after}}) {
    if (!text->empty()) start.more += "&" + std::string(name) + "=" + EncodeUrl(*text);
  }
  return RunDesk(client, options, start);
}

int Queue(const Options& options) {
  auto client = OpenOps(options);
  if (!client) return ReportError(client.error());
  if (options.watch && !options.json && IsTerminal(0) && IsTerminal(1)) {
    return Watch(options, **client);
  }
  const std::string target = TargetOf(options, **client);
  for (;;) {
    const auto answer = (*client)->Get(target);
    if (!answer) return ReportError(answer.error());
    Print(answer->root(), options.json,
          [&](Screen& screen) { Show(answer->root(), options, screen); });
    if (!options.watch) return 0;
    if (StoppedWithin(std::chrono::seconds(options.every))) return 0;
  }
}

}  // namespace

void AddQueue(Command app) {
  auto options = std::make_shared<Options>();
  Command command =
      app.Add("queue", "The orders that are held, in the order in which they should be looked at");
  command.Value("--cause", options->cause, "Only of this cause");
  command.Flag("--funds", options->funds, "Orders that are waiting for payment");
  command.Flag("--all", options->all, "Those too, behind the others");
  command.Value("--min", options->least, "At least so much, in the pack's base currency");
  command.Value("--max", options->most, "At most so much");
  command.Value("--held-for", options->held_for, "At least so long: 90m, 24h, 3d");
  command.Flag("--mine", options->mine, "Orders that you have claimed");
  command.Flag("--unclaimed", options->unclaimed, "Orders without a claim");
  command.Flag("--approval", options->approval,
               "Released orders that a second person must approve");
  command.Value("--limit", options->limit, "Rows of a page").Between(1, 1000).ShowDefault();
  command.Value("--after", options->after, "The page after this place");
  command.Flag("--watch", options->watch,
               "Show it in a full screen, always up to date; into a pipe, again and again");
  command.Value("--every", options->every, "With --watch, seconds between")
      .Between(1, 3600)
      .ShowDefault();
  AddOpsOptions(command, *options);
  command.Does([options] { return Queue(*options); });
}

}  // namespace holdfast::cli
