#include "engine/cli/rescore/rescore_apply.h"

#include <cstdio>
#include <fstream>
#include <map>
#include <utility>
#include <vector>

#include "engine/base/file.h"
#include "engine/base/hash.h"
#include "engine/base/url.h"
#include "engine/base/wall_time.h"
#include "engine/cli/cases/ops_work.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/progress.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json_object.h"
#include "engine/rescore/merge.h"

namespace holdfast::cli {
namespace {

struct Change {
  std::string merchant, order;
};

struct Plan {
  std::string hash;  // of the pack
  std::vector<Change> changes;
};

Result<Plan> ReadPlan(const std::string& folder) {
  const auto text = ReadFile(folder + "/" + kSummaryFile, kSummaryBytes);
  if (!text) return tl::unexpected(text.error());
  const auto summary = JsonDocument::Parse(*text);
  if (!summary) return tl::unexpected(summary.error());
  Plan plan;
  plan.hash = summary->root()["pack"]["hash"].text();
  std::ifstream flips(folder + "/" + kFlipsJson);
  std::uint64_t count = 0;
  for (std::string line; std::getline(flips, line); ++count) {
    const auto flip = JsonDocument::Parse(line);
    if (!flip) return tl::unexpected(flip.error());
    const JsonValue& root = flip->root();
    // Orders that are shipped, rejected or were never decided are not changed.
    if (root["before"]["outcome"].text() != "hold") continue;
    plan.changes.push_back(
        {std::string(root["merchant"].text()), std::string(root["order_id"].text())});
  }
  if (std::to_string(count) != summary->root()["flipped"].text()) {
    return Fail(ErrorCode::kCorrupt, folder, "has not all the flips of its summary; rescore again");
  }
  return plan;
}

// True when a person decided the order, or it is cancelled or rejected. Rules do not change that.
bool IsSettled(const JsonValue& order) {
  const JsonValue& verdict = order["review"]["verdict"];
  return order["cancelled"].truth() || order["decision"]["outcome"].text() != "hold" ||
         (verdict.IsMap() && verdict["state"].text() == "stands" &&
          verdict["type"].text() != "review.released");
}

// The current state of the orders of a plan.
struct Found {
  std::vector<std::pair<const Change*, std::uint64_t>> open;  // with their last decisions
  std::size_t shipped = 0, done = 0, settled = 0, unpaid = 0;
};

Result<Found> LookAtOrders(OpsClient& client, const ApplyOptions& options, const Plan& plan) {
  Found found;
  Progress progress;
  for (const Change& change : plan.changes) {
    const auto order = client.Get("/v1/orders/" + EncodeUrl(change.order) +
                                  "?merchant=" + EncodeUrl(change.merchant));
    if (!order) return tl::unexpected(order.error());
    const JsonValue& decision = order->root()["decision"];
    if (decision["outcome"].text() == "ship" || !order->root()["dispatched"].list().empty()) {
      ++found.shipped;
    } else if (decision["pack"]["hash"].text() == plan.hash) {
      ++found.done;
    } else if (IsSettled(order->root())) {
      ++found.settled;
    } else if (decision["funds"].text() != "certain") {
      ++found.unpaid;
    } else {
      found.open.emplace_back(&change, SeenOf(order->root()));
    }
    if (progress.Due()) progress.Show("looking at " + change.order);
    if (StopFlag()) return Fail(ErrorCode::kInterrupted, options.plan, {});
  }
  progress.End();
  return found;
}

std::string EventOf(const Plan& plan, const Change& change, std::uint64_t seen) {
  return JsonObject()
      // One id per decision and pack, so that a repeated event is a duplicate.
      .Text("id", "rescored " + plan.hash.substr(plan.hash.find(':') + 1, 16) + " " +
                      std::to_string(seen))
      .Text("type", "review.rescored")
      .Text("merchant", change.merchant)
      .Text("occurred_at", FormatRfc3339(WallTime()))
      .Text("order_id", change.order)
      .Raw("review", JsonObject().Text("reason", plan.hash).Done())
      .Done();
}

}  // namespace

int ApplyPlan(const ApplyOptions& options) {
  const auto plan = ReadPlan(options.plan);
  if (!plan) return ReportFailure(plan.error());
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  const auto packs = (*client)->Get("/v1/packs");
  if (!packs) return ReportFailure(packs.error());
  if (packs->root()["active"]["hash"].text() != plan->hash) {
    return ReportFailure(
        {ErrorCode::kConflict, options.plan,
         "is a plan for another pack than the one that is active; activate that, or "
         "rescore again"});
  }
  // All orders are checked before any is changed.
  const auto found = LookAtOrders(**client, options, *plan);
  if (!found) return ReportFailure(found.error());
  const auto& [open, shipped, done, settled, unpaid] = *found;
  std::fprintf(
      stderr,
      "%zu orders are to be decided again; %zu are to be shipped or have left, %zu were "
      "decided by this pack already, %zu are cancelled, rejected or decided by people, %zu "
      "wait for money that is not certain\n",
      open.size(), shipped, done, settled, unpaid);
  if (open.size() > options.max_changes) {
    return ReportFailure({ErrorCode::kLimitExceeded, "--max-changes",
                          std::to_string(open.size()) + " orders would be changed, more than " +
                              std::to_string(options.max_changes) + "; nothing was done"});
  }
  if (options.rehearse) return open.empty() ? 0 : 1;

  std::map<std::string, std::size_t> outcomes;
  for (const auto& [change, seen] : open) {
    const std::string event = EventOf(*plan, *change, seen);
    const auto answer = (*client)->Send(event, seen);
    if (!answer) {
      std::fprintf(stderr, "order %s: %s\n", Safe(change->order).c_str(),
                   Safe(answer.error().Text()).c_str());
      // The order was decided meanwhile, or another pack is active. It is counted, and the run
      // continues.
      if (answer.error().code != ErrorCode::kConflict) return ReportFailure(answer.error());
      ++outcomes["refused"];
      continue;
    }
    const std::string outcome(answer->root()["decision"]["outcome"].text());
    ++outcomes[outcome];
    if (!options.json) std::printf("order %s: %s\n", Safe(change->order).c_str(), outcome.c_str());
    if (StopFlag()) return ReportFailure({ErrorCode::kInterrupted, options.plan, {}});
  }
  JsonObject counts;
  for (const auto& [outcome, count] : outcomes) counts.Number(outcome, count);
  if (options.json) {
    std::printf("%s\n", JsonObject()
                            .Number("changed", open.size())
                            .Number("to_be_shipped_already", shipped)
                            .Number("decided_already", done)
                            .Number("settled", settled)
                            .Number("funds_not_certain", unpaid)
                            .Raw("outcomes", counts.Done())
                            .Done()
                            .c_str());
  }
  return outcomes.contains("refused") ? 1 : 0;
}

}  // namespace holdfast::cli
