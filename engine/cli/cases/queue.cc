#include <algorithm>
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
#include "engine/cli/ui/csv.h"
#include "engine/cli/ui/output.h"
#include "engine/model/names.h"

namespace holdfast::cli {
namespace {

struct Options : OpsOptions {
  std::string cause, country, least, most, held_for, after, sort = "rank";
  bool funds = false, all = false, mine = false, unclaimed = false, approval = false,
       escalated = false;
  bool answered = false, dispatched = false, watch = false, csv = false;
  int limit = 25, page = 0;
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
  add("country", options.country);
  if (options.sort != "rank") add("sort", options.sort);
  if (options.page > 0) add("page", std::to_string(options.page));
  for (const auto& [name, flag] : {std::pair("mine", options.mine),
                                   {"unclaimed", options.unclaimed},
                                   {"approval", options.approval},
                                   {"escalated", options.escalated},
                                   {"answered", options.answered},
                                   {"dispatched", options.dispatched}}) {
    if (flag) add(name, "true");
  }
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

// "412.00 USD", and what it is in the pack's base currency if that is another.
std::string AmountOf(const JsonValue& order, std::string_view base) {
  std::string text =
      std::string(order["total"].text()) + " " + std::string(order["currency"].text());
  const std::string_view in_base = order["amount_base"].text();
  if (order["currency"].text() != base && !in_base.empty()) {
    text += " (" + std::string(in_base) + " " + std::string(base) + ")";
  }
  return text;
}

// What is special about a held order: "answered, sent", and its tags.
std::string MarksOf(const JsonValue& order) {
  std::string marks;
  const auto add = [&marks](const std::string& text) {
    marks += (marks.empty() ? "" : " ") + text;
  };
  if (order["dispatched"].truth()) add("SENT");
  if (order["held"]["escalated"].truth()) add("ESCALATED");
  if (order["answered"].truth()) add("answered");
  for (const JsonValue& tag : order["tags"].list()) add("#" + std::string(tag.text()));
  return marks;
}

void ShowRows(const JsonValue& root, EventTime now, Screen& screen) {
  std::vector<std::vector<std::string>> rows = {{"order", "cause", "amount", "score", "held for",
                                                 "due (UTC)", "buyer", "to", "claimed", "items",
                                                 "marks"}};
  std::vector<std::string> reasons;
  for (const JsonValue& order : root["orders"].list()) {
    const JsonValue& held = order["held"];
    const auto by = ParseEventTime(held["review_by"].text());
    const auto until = ParseEventTime(held["claimed_until"].text());
    std::string claimed;
    if (until && *until > now) {
      claimed = held["claimed_by"].text();
    } else if (!held["assigned_to"].text().empty()) {
      claimed = "for " + std::string(held["assigned_to"].text());
    }
    constexpr std::size_t kYear = 5;
    std::string due = ShortTime(held["review_by"].text());
    if (by) due = *by <= now ? "overdue" : due.substr(kYear);
    rows.push_back({std::string(order["order_id"].text()), std::string(held["cause"].text()),
                    AmountOf(order, root["base_currency"].text()),
                    std::string(held["score"].text()), AgeOf(held["since"].text(), now), due,
                    std::string(order["buyer"].text()), std::string(order["country"].text()),
                    claimed, std::string(order["items"].text()), MarksOf(order)});
    reasons.emplace_back(order["reason"].text());
  }
  if (rows.size() > 1) screen.Table(rows, reasons);
}

void Show(const JsonValue& root, const Options& options, Screen& screen) {
  ShowRows(root, WallTime(), screen);
  screen.Line(Counts(root["held"], options), Colour::kDim);
  const bool some_left_out = !options.all && !options.funds && options.cause.empty() &&
                             !root["held"]["funds"].text().empty();
  if (some_left_out) {
    screen.Line(std::string(root["held"]["funds"].text()) +
                    " more are waiting for payment: holdfast queue --funds",
                Colour::kDim);
  }
  if (!root["page"].text().empty()) {
    std::string line = "page " + std::string(root["page"].text()) + " of " +
                       std::string(root["pages"].text()) + ", " +
                       std::string(root["matching"].text()) + " orders";
    if (root["more"].truth()) {
      line += "; next: --page " + std::to_string(std::max(options.page, 1) + 1);
    }
    screen.Line(line, Colour::kDim);
  } else if (root["more"].truth()) {
    screen.Item("", "more: --after '" + std::string(root["next"].text()) + "'", Colour::kDim);
  }
}

// Shows the queue in a full screen. Keys change the filters; the bounds of the options stay.
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
                                   {"country", &options.country}}) {
    if (!text->empty()) start.more += "&" + std::string(name) + "=" + EncodeUrl(*text);
  }
  for (const auto& [name, flag] : {std::pair("escalated", options.escalated),
                                   {"answered", options.answered},
                                   {"dispatched", options.dispatched}}) {
    if (flag) start.more += "&" + std::string(name) + "=true";
  }
  return RunDesk(client, options, start);
}

void PrintRows(const JsonValue& root) {
  std::vector<std::vector<std::string>> rows = {
      {"order_id",   "merchant",      "cause",         "rule",    "reason",   "total",
       "currency",   "amount_base",   "base_currency", "items",   "score",    "placed_at",
       "held_since", "review_by",     "buyer",         "country", "answered", "dispatched",
       "claimed_by", "claimed_until", "released_by",   "tags"}};
  for (const JsonValue& order : root["orders"].list()) {
    const JsonValue& held = order["held"];
    std::vector<std::string> row;
    for (const std::string& name : rows[0]) {
      const JsonValue& value = name == "base_currency"     ? root[name]
                               : name == "held_since"      ? held["since"]
                               : held[name].text().empty() ? order[name]
                                                           : held[name];
      row.emplace_back(value.kind() == JsonValue::Kind::kBool ? (value.truth() ? "true" : "false")
                                                              : value.text());
    }
    for (const JsonValue& tag : order["tags"].list()) {
      row.back() += (row.back().empty() ? "" : " ") + std::string(tag.text());
    }
    rows.push_back(std::move(row));
  }
  PrintCsv(rows);
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
    if (options.csv) {
      PrintRows(answer->root());
      return 0;
    }
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
  const auto causes = NamesOf<Cause>();
  command.Value("--cause", options->cause, "Only of this cause")
      .OneOf({causes.begin() + 1, causes.end()});
  command.Flag("--funds", options->funds, "Orders that are waiting for payment");
  command.Flag("--all", options->all, "Those too, behind the others");
  command.Value("--min", options->least, "At least so much, in the pack's base currency");
  command.Value("--max", options->most, "At most so much");
  command.Value("--held-for", options->held_for, "At least so long: 90m, 24h, 3d");
  command.Flag("--mine", options->mine,
               "Orders that you have claimed, or that are assigned to you");
  command.Flag("--unclaimed", options->unclaimed,
               "Orders without a claim, and not assigned to another person");
  command.Flag("--approval", options->approval,
               "Released orders that a second person must approve");
  command.Flag("--escalated", options->escalated, "Orders that were passed to the administrators");
  command.Flag("--answered", options->answered, "Orders whose buyer answered a question");
  command.Flag("--dispatched", options->dispatched, "Orders that left although they are held");
  command.Value("--country", options->country, "Orders that go there: a code such as DE");
  command
      .Value(
          "--sort", options->sort,
          "rank: as they should be looked at; amount, score: the largest first; age: the longest "
          "hold first; due: the earliest review first")
      .OneOf({"rank", "amount", "age", "due", "score"})
      .ShowDefault();
  command.Value("--limit", options->limit, "Rows of a page").Between(1, 1000).ShowDefault();
  Option page =
      command.Value("--page", options->page, "The page of this number").Between(1, 100000);
  command.Value("--after", options->after, "The page after this place, by rank").Excludes(page);
  command.Flag("--watch", options->watch,
               "Show the queue in a full screen and refresh it; into a pipe, print it repeatedly");
  command.Value("--every", options->every, "With --watch, seconds between")
      .Between(1, 3600)
      .ShowDefault();
  AddCsvOption(command, options->csv, AddOpsOptions(command, *options));
  command.Example("holdfast queue --unclaimed --sort amount");
  command.Example("holdfast queue --cause identity --country DE --csv");
  command.Does([options] { return Queue(*options); });
}

}  // namespace holdfast::cli
