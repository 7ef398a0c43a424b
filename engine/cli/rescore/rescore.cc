// `rescore`: what another pack would have decided.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "engine/base/file.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/cli/commands.h"
#include "engine/cli/rescore/rescore_apply.h"
#include "engine/cli/rescore/rescore_page.h"
#include "engine/cli/rescore/rescore_run.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/screen.h"
#include "engine/rescore/flips.h"
#include "engine/rescore/merge.h"
#include "engine/rescore/scratch_folder.h"
#include "engine/rescore/summary.h"

namespace holdfast::cli {
namespace {

namespace fs = std::filesystem;

struct Options : RescoreSource {
  std::string out;
  int review_minutes = 5;
  ApplyOptions apply;
  bool json = false;
  std::vector<std::string> parts;
};

void Show(const JsonValue& summary, Screen& screen) {
  const auto text = [&](const char* name) { return std::string(summary[name].text()); };
  const auto number = [&](const JsonValue& value) {
    return Grouped(ParseNumber<unsigned long long>(value.text()).value_or(0));
  };
  screen.Line("pack " + ComparedText(summary));
  screen.Line(number(summary["orders"]) + " orders, " + text("amount") + " " +
              text("base_currency") + "; " + number(summary["flipped"]) + " end otherwise, " +
              number(summary["other_cause"]) + " are held for another cause");
  // A decision's bytes include the name of the pack.
  if (summary["same_decisions"].text() != "0") {
    screen.Line(number(summary["same_decisions"]) + " of " + number(summary["decisions"]) +
                    " decisions of the whole log are the same, byte for byte",
                Colour::kDim);
  }
  std::vector<std::vector<std::string>> rows = {
      {"before", "after", "orders", "money", "fraud", "good", "unknown"}};
  for (const JsonValue& move : summary["moves"].list()) {
    rows.push_back({std::string(move["before"].text()), std::string(move["after"].text()),
                    number(move["orders"]), std::string(move["amount"].text()),
                    number(move["fraud"]), number(move["good"]), number(move["unknown"])});
  }
  screen.Heading("What changes");
  screen.Table(rows);

  rows = {{"", "before", "after"}};
  for (const auto& [member, name] : ConfusionRows()) {
    std::vector<std::string> row = {name};
    for (const char* side : {"before", "after"}) {
      const JsonValue& value = summary[side][member];
      row.push_back(value.IsMap() ? RateText(value) : std::string(value.text()));
    }
    rows.push_back(std::move(row));
  }
  screen.Heading("What is stopped, and rightly?");
  screen.Table(rows);

  rows = {{"rule", "hits", "stops", "needed", "fraud", "good", "saved", "held wrongly", "changes"}};
  for (const JsonValue& rule : summary["rules"].list()) {
    rows.push_back({std::string(rule["rule"].text()), number(rule["hits"]), number(rule["stops"]),
                    number(rule["needed"]), number(rule["needed_fraud"]),
                    number(rule["needed_good"]), std::string(rule["money_saved"].text()),
                    std::string(rule["money_held_wrongly"].text()), number(rule["flips"])});
  }
  screen.Heading("Rules (needed: nothing else would stop the order)");
  screen.Table(rows);
  for (const JsonValue& rule : summary["rules"].list()) {
    if (rule["may_go"].text().empty()) continue;
    screen.Item("  may go: ",
                std::string(rule["rule"].text()) + ": " + std::string(rule["may_go"].text()));
  }
  for (const JsonValue& warning : summary["warnings"].list()) {
    screen.Item("! ", warning.text(), Colour::kYellow);
  }
}

// Writes the results to their folder and prints them. Returns 1 when a decision would differ.
int Tell(const Options& options, const std::string& summary) {
  const auto document = JsonDocument::Parse(summary);
  if (!document) return ReportFailure(document.error());
  if (!options.out.empty()) {
    const std::string folder = options.out + "/";
    Status kept = ReplaceFile(folder + kReportFile, RescorePage(document->root()));
    if (kept) kept = ReplaceFile(folder + kSummaryFile, summary + "\n");
    if (!kept) return ReportFailure(kept.error());
    std::fprintf(stderr, "%s%s, %s, %s and %s are written\n", folder.c_str(), kSummaryFile,
                 kFlipsJson, kFlipsCsv, kReportFile);
  }
  if (options.json) {
    std::printf("%s\n", summary.c_str());
  } else {
    Print(document->root(), false, [&](Screen& screen) { Show(document->root(), screen); });
  }
  return document->root()["flipped"].text() == "0" ? 0 : 1;
}

Result<std::string> Rescore(const Options& options, RescoreRun& run) {
  std::ofstream json, csv;
  if (!options.out.empty()) {
    // Until this completes, the folder contains no plan.
    std::error_code fault;
    for (const char* name : {kSummaryFile, kFlipsJson, kFlipsCsv}) {
      fs::remove(options.out + "/" + name, fault);
    }
    json.open(options.out + "/" + kFlipsJson);
    csv.open(options.out + "/" + kFlipsCsv);
    csv << kFlipHead;
  }
  const Currency base = run.pack().amounts->base();
  const std::uint64_t last_record = run.LastRecord();
  const auto rescored = run.Run([&](const OrderCase& order) -> Status {
    if (!order.Flipped() || options.out.empty()) return {};
    json << FlipJson(order, base) << '\n';
    csv << FlipCsv(order, base);
    if (!json || !csv) return Fail(ErrorCode::kIo, options.out, "cannot be written");
    return {};
  });
  if (!rescored) return tl::unexpected(rescored.error());
  json.close();
  csv.close();
  if (!options.out.empty() && (!json || !csv)) {
    return Fail(ErrorCode::kIo, options.out, "cannot be written");
  }
  SummaryHead head;
  head.pack = NameOfPack(run.pack());
  if (run.baseline() != nullptr) head.baseline = NameOfPack(*run.baseline());
  head.base = base.code();
  head.threshold = run.pack().hold_threshold;
  head.merchant = options.merchant;
  head.from = options.from;
  head.to = options.to;
  head.as_of = FormatRfc3339(rescored->as_of);
  head.label_delay = options.delay;
  head.labels = run.labels_digest();
  if (rescored->labels_unknown > 0) {
    std::fprintf(stderr, "%s labels are of orders that the log has not, or of another merchant's\n",
                 Grouped(rescored->labels_unknown).c_str());
  }
  if (!options.merchant.empty() && rescored->tally.orders.All().orders == 0) {
    return Fail(ErrorCode::kNotFound, "--merchant",
                "'" + options.merchant + "' has no orders in the log, or none within the bounds");
  }
  if (rescored->recorded_of_trimmed) head.judged_by = "recorded facts of a trimmed log";
  head.review_minutes = options.review_minutes;
  head.last_record = last_record;
  return SummaryJson(head, rescored->tally);
}

int RunRescore(const Options& options) {
  if (!options.apply.plan.empty()) {
    ApplyOptions apply = options.apply;
    apply.data = options.data;
    apply.pack = options.pack;
    apply.admin = true;
    apply.json = options.json;
    return ApplyPlan(apply);
  }
  // Keeps other processes from --out until everything is written.
  const auto run = RescoreRun::Open(options, options.out);
  if (!run) return ReportFailure(run.error());
  const auto summary = Rescore(options, **run);
  if (!summary) {
    if (summary.error().code == ErrorCode::kInterrupted && !options.out.empty()) {
      std::fprintf(stderr, "run again, a fold goes on from its last checkpoint\n");
    }
    return ReportFailure(summary.error());
  }
  return Tell(options, *summary);
}

int RunMerge(const Options& options) {
  std::error_code fault;
  fs::create_directories(options.out, fault);
  if (fault) return ReportFailure({ErrorCode::kIo, options.out, "cannot be made"});
  const FolderLock lock(options.out);
  if (Status taken = TakeLock(lock); !taken) return ReportFailure(taken.error());
  const auto summary = MergeResults(options.parts, options.out);
  if (!summary) return ReportFailure(summary.error());
  return Tell(options, *summary);
}

}  // namespace

void AddRescore(Command app) {
  auto options = std::make_shared<Options>();
  Command command = app.Add(
      "rescore", "What another pack would have done with the orders of a log; nothing is changed");
  AddRescoreSource(command, *options, true);
  command
      .Value("--review-minutes", options->review_minutes,
             "That a person needs for an order that is stopped")
      .Between(0, 10'000)
      .ShowDefault();
  command
      .Value(
          "--out", options->out,
          "A folder for summary, flips and report; a fold that was stopped goes on there from its "
          "last checkpoint, of which there is one every 250,000 events")
      .Folder();
  command
      .Value("--apply", options->apply.plan,
             "Instead: have the orders of a result's folder that are still held decided "
             "again by its pack, which is active at --url or is the --pack of --data")
      .Folder();
  command
      .Value("--max-changes", options->apply.max_changes,
             "With --apply: more orders, and nothing is done")
      .Between(0, 1'000'000'000)
      .ShowDefault();
  command.Flag("--rehearse", options->apply.rehearse, "With --apply: only say how many");
  AddServiceOptions(command, options->apply);
  command.Flag("--json", options->json, "The summary as one JSON object");
  command.Footer(
      "Exit codes: 0 nothing changes, 1 some orders end otherwise, 2 usage, 3 failed. With "
      "--apply:\n"
      "0 done, or nothing to do; 1 some were refused, or --rehearse found some; 2 usage, 3 "
      "failed.");
  Command merge = command.Add("merge", "Put the results of parts together");
  merge.Value("DIR", options->parts, "Their folders").Folder().Required();
  merge.Value("--out", options->out, "A folder for the result").Folder().Required();
  merge.Flag("--json", options->json, "The summary as one JSON object");
  merge.Footer("Exit codes: 0 nothing changes, 1 some orders end otherwise, 2 usage, 3 failed.");
  merge.Does([options] { return RunMerge(*options); });
  command.Example("holdfast rescore --pack rules/next --data shop.data --out result");
  command.Does([options] { return RunRescore(*options); });
}

}  // namespace holdfast::cli
