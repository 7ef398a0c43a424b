// claim, assign, escalate, undo.
#include <cstdio>

#include "engine/base/wall_time.h"
#include "engine/cli/cases/ops_work.h"
#include "engine/cli/cases/order_command.h"
#include "engine/cli/commands.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/terminal.h"

namespace holdfast::cli {
namespace {

struct Options : OpsOptions, ReviewWords {
  std::string order, lease = "15m";
  bool next = false, give_back = false, break_claim = false, nobody = false;
};

Result<JsonDocument> ClaimOne(OpsClient& client, const Options& options, const std::string& order) {
  const auto span = ParseSpan(options.lease);
  if (!span) return Fail(ErrorCode::kUsage, "--for", "must be a time such as 15m or 1h");
  ReviewWords words;
  words.until = EventTime{WallTime().nanos + (options.give_back ? 0 : *span)};
  return SendReview(client, options, "claimed", order, words, nullptr);
}

int ClaimNext(OpsClient& client, const Options& options) {
  std::string target = "/v1/queue?workable=true&unclaimed=true&limit=20";
  if (!client.merchant().empty()) target += "&" + client.merchant();
  const auto queue = client.Get(target);
  if (!queue) return ReportFailure(queue.error());
  // Another person may have claimed the first order meanwhile; try the next.
  for (const JsonValue& one : queue->root()["orders"].list()) {
    const std::string order(one["order_id"].text());
    const auto result = ClaimOne(client, options, order);
    if (!result && result.error().code == ErrorCode::kConflict) continue;
    if (!result) return ReportFailure(result.error());
    if (options.json) return SayResult(*result, order, "", true, "Claim");
    std::printf("%s\n", Safe(order).c_str());
    return 0;
  }
  std::fprintf(stderr, "every waiting order is claimed\n");
  return 1;
}

// Ends the claim of another person.
int Break(OpsClient& client, const Options& options) {
  const auto order = FetchOrder(client, options.order);
  if (!order) return ReportFailure(order.error());
  ReviewWords words;
  words.note = options.note;
  words.person = order->root()["review"]["claimed_by"].text();
  if (words.person.empty()) {
    return ReportFailure(
        {ErrorCode::kConflict, {}, "order '" + options.order + "' is not claimed"});
  }
  const auto result = SendReview(client, options, "claimed", options.order, words, nullptr);
  if (!result) return ReportFailure(result.error());
  return SayResult(*result, options.order, "", options.json, "End of the claim of " + words.person);
}

int Claim(const Options& options) {
  if (options.next != options.order.empty()) {
    return ReportFailure({ErrorCode::kUsage, "ORDER", "give an order, or --next"});
  }
  if (options.break_claim && (options.next || options.give_back)) {
    return ReportFailure({ErrorCode::kUsage, "--break", "takes an ORDER alone"});
  }
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  if (options.next) return ClaimNext(**client, options);
  if (options.break_claim) return Break(**client, options);
  const auto result = ClaimOne(**client, options, options.order);
  if (!result) return ReportFailure(result.error());
  return SayResult(*result, options.order, "", options.json,
                   options.give_back ? "End of the claim" : "Claim");
}

int Assign(const Options& options) {
  if (options.nobody != options.person.empty()) {
    return ReportFailure({ErrorCode::kUsage, "PERSON", "give a person, or --nobody"});
  }
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  const auto result = SendReview(**client, options, "assigned", options.order, options, nullptr);
  if (!result) return ReportFailure(result.error());
  return SayResult(*result, options.order, "", options.json,
                   options.nobody ? "End of the assignment" : "Assignment to " + options.person);
}

int Escalate(const Options& options) {
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  const auto result = SendReview(**client, options, "escalated", options.order, options, nullptr);
  if (!result) return ReportFailure(result.error());
  return SayResult(*result, options.order, "", options.json, "Escalation");
}

int Undo(const Options& options) {
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  const auto order = FetchOrder(**client, options.order);
  if (!order) return ReportFailure(order.error());
  const auto result =
      SendReview(**client, options, "undone", options.order, options, &order->root());
  if (!result) return ReportFailure(result.error());
  return SayResult(*result, options.order, "", options.json, "Undo");
}

void TakeOne(Command command, Options& options) {
  command.Value("ORDER", options.order, "Its id").Required();
}

}  // namespace

void AddClaims(Command app) {
  AddOn<Options>(
      app, "claim", "Claim an order, so that no other person decides it meanwhile",
      [](Command command, Options& options) {
        command.Value("ORDER", options.order, "Its id");
        command.Flag("--next", options.next,
                     "The next unclaimed order of the queue; prints its id");
        command.Value("--for", options.lease, "How long; at most 8h").ShowDefault();
        command.Flag("--give-back", options.give_back, "End your claim");
        command.Flag("--break", options.break_claim,
                     "As an administrator: end the claim of another person");
        command.Value("--note", options.note, "With --break, why");
      },
      &Claim);
  AddOn<Options>(
      app, "assign", "Assign an order to a person, who sees it with queue --mine",
      [](Command command, Options& options) {
        TakeOne(command, options);
        command.Value("PERSON", options.person, "The name of the person, as in that person's key");
        command.Flag("--nobody", options.nobody, "End the assignment");
        command.Value("--note", options.note, "Why");
      },
      &Assign);
  AddOn<Options>(
      app, "escalate", "Pass an order to the administrators (queue --escalated)",
      [](Command command, Options& options) {
        TakeOne(command, options);
        command.Value("--note", options.note, "Why").Required();
      },
      &Escalate);
  AddOn<Options>(
      app, "undo", "Take back your rejection of an order, before another person works on it",
      [](Command command, Options& options) {
        TakeOne(command, options);
        command.Value("--note", options.note, "Why");
      },
      &Undo);
}

}  // namespace holdfast::cli
