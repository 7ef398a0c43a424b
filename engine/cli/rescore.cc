// What another pack would have done.
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "engine/base/file.h"
#include "engine/base/scratch.h"
#include "engine/base/text.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/cli/progress.h"
#include "engine/cli/rescore_page.h"
#include "engine/cli/rules_commands.h"
#include "engine/cli/screen.h"
#include "engine/codec/event_reader.h"
#include "engine/ingest/source.h"
#include "engine/pipeline/data_folder.h"
#include "engine/rescore/flips.h"
#include "engine/rescore/labels.h"
#include "engine/rescore/merge.h"
#include "engine/rescore/part.h"
#include "engine/rescore/rescore.h"
#include "engine/rescore/summary.h"

namespace holdfast::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string data, log, pack, baseline, merchant, from, to, as_of, labels, out;
  std::string delay = "60d";
  std::uint32_t jobs = 1;
  std::size_t cache_mb = 1024;
  int review_minutes = 5;
  bool json = false;
  std::vector<std::string> parts;
};

Status TimeOf(const std::string& text, const char* option, std::optional<EventTime>& out) {
  if (text.empty()) return {};
  out = ParseEventTime(text);
  if (out) return {};
  return Fail(ErrorCode::kUsage, option, "must be a time such as 2026-11-20T00:00:00Z");
}

// Who reads it: a share with the interval that it lies in.
std::string Shown(const JsonValue& rate) {
  if (rate["value"].text().empty()) return "-";
  const auto percent = [&](const char* member) {
    char text[16];
    std::snprintf(text, sizeof text, "%.1f",
                  100 * std::atof(std::string(rate[member].text()).c_str()));
    return std::string(text);
  };
  return percent("value") + " % (" + percent("low") + " to " + percent("high") + ")";
}

void Show(const JsonValue& summary, Screen& screen) {
  const auto text = [&](const char* name) { return std::string(summary[name].text()); };
  const auto number = [&](const JsonValue& value) {
    return Grouped(static_cast<unsigned long long>(std::atoll(std::string(value.text()).c_str())));
  };
  screen.Line("pack " + std::string(summary["pack"]["name"].text()) + " version " +
              std::string(summary["pack"]["version"].text()) + ", compared with " +
              (summary["compared_with"].IsMap()
                   ? std::string(summary["compared_with"]["name"].text()) + " version " +
                         std::string(summary["compared_with"]["version"].text())
                   : std::string("what was decided")));
  screen.Line(number(summary["orders"]) + " orders, " + text("amount") + " " +
              text("base_currency") + "; " + number(summary["flipped"]) + " end otherwise, " +
              number(summary["other_cause"]) + " are held for another cause");
  screen.Line(number(summary["same_decisions"]) + " of " + number(summary["decisions"]) +
                  " decisions are the same, byte for byte",
              Colour::kDim);
  std::vector<std::vector<std::string>> rows = {
      {"before", "after", "orders", "money", "fraud", "good", "unknown"}};
  for (const JsonValue& move : summary["moves"].list()) {
    rows.push_back({std::string(move["before"].text()), std::string(move["after"].text()),
                    number(move["orders"]), std::string(move["amount"].text()),
                    number(move["fraud"]), number(move["good"]), number(move["unknown"])});
  }
  screen.Heading("What changes");
  screen.Table(rows);

  const std::pair<const char*, const char*> lines[] = {{"stopped", "orders stopped"},
                                                       {"fraud_stopped", "fraud stopped"},
                                                       {"fraud_passed", "fraud passed"},
                                                       {"good_stopped", "good stopped"},
                                                       {"precision", "fraud, of labelled"},
                                                       {"recall", "stopped, of fraud"},
                                                       {"false_hold_rate", "stopped, of good"},
                                                       {"money_saved", "money saved"},
                                                       {"money_lost", "money lost"},
                                                       {"money_held_wrongly", "money held wrongly"},
                                                       {"review_minutes", "minutes of review"}};
  rows = {{"", "before", "after"}};
  for (const auto& [member, name] : lines) {
    std::vector<std::string> row = {name};
    for (const char* side : {"before", "after"}) {
      const JsonValue& value = summary[side][member];
      row.push_back(value.IsMap() ? Shown(value) : std::string(value.text()));
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

// Puts the results into their folder, and says them. 1: something would have been otherwise.
int Tell(const Options& options, const std::string& summary) {
  const auto document = JsonDocument::Parse(summary);
  if (!document) return ReportError(document.error());
  if (!options.out.empty()) {
    const std::string folder = options.out + "/";
    Status kept = ReplaceFile(folder + kReportFile, RescorePage(document->root()));
    if (kept) kept = ReplaceFile(folder + kSummaryFile, summary + "\n");
    if (!kept) return ReportError(kept.error());
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

// The log of --data, or one made of the export --log in `work`.
Result<std::unique_ptr<EventLog>> OpenLog(const Options& options, const std::string& work) {
  if (!options.data.empty()) return OpenWholeLog(options.data, LogMode::kRead);
  const std::string folder = work + "-log";
  std::error_code fault;
  fs::remove_all(folder, fault);
  const auto fd = OpenInput(options.log);
  if (!fd) return tl::unexpected(fd.error());
  const auto source = MakeNdjsonSource(*fd, &StopFlag());
  return MakePartLog(folder, [&]() -> Result<std::optional<std::string>> {
    auto incoming = source->Next();
    if (incoming && incoming->error) return tl::unexpected(*incoming->error);
    if (!incoming && source->error()) return tl::unexpected(*source->error());
    if (!incoming && StopFlag()) return Fail(ErrorCode::kInterrupted, options.log, {});
    if (!incoming) return std::optional<std::string>();
    return std::optional(std::move(incoming->text));
  });
}

Result<std::string> Fold(const Options& options, RescoreOptions& how) {
  auto log = OpenLog(options, how.work);
  if (!log) return tl::unexpected(log.error());
  std::ofstream json, csv;
  if (!options.out.empty()) {
    json.open(options.out + "/" + kFlipsJson);
    csv.open(options.out + "/" + kFlipsCsv);
    csv << kFlipHead;
  }
  const Currency base = how.pack->amounts->base();
  const std::atomic<bool>& stop = StopFlag();
  Progress progress;
  const auto started = std::chrono::steady_clock::now();
  const auto rescored = Rescore(
      **log, how,
      [&](std::uint64_t done, std::uint64_t all) {
        if (progress.Due()) {
          const double seconds =
              std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
          const double left = seconds / static_cast<double>(done) * static_cast<double>(all - done);
          progress.Show(Grouped(done) + " of " + Grouped(all) + " events, about " +
                        std::to_string(static_cast<long>(left)) + " s left");
        }
        return !stop.load(std::memory_order_relaxed);
      },
      [&](const OrderCase& order) -> Status {
        if (!order.Flipped() || options.out.empty()) return {};
        json << FlipJson(order, base) << '\n';
        csv << FlipCsv(order, base);
        if (!json || !csv) return Fail(ErrorCode::kIo, options.out, "cannot be written");
        return {};
      });
  progress.End();
  if (!rescored) return tl::unexpected(rescored.error());
  json.close();
  csv.close();
  if (!options.out.empty() && (!json || !csv)) {
    return Fail(ErrorCode::kIo, options.out, "cannot be written");
  }
  SummaryHead head;
  head.pack = NameOfPack(*how.pack);
  if (how.baseline != nullptr) head.baseline = NameOfPack(*how.baseline);
  head.base = base.code();
  head.threshold = how.pack->hold_threshold;
  head.merchant = options.merchant;
  head.from = options.from;
  head.to = options.to;
  head.as_of = FormatRfc3339(rescored->as_of);
  head.review_minutes = options.review_minutes;
  return SummaryJson(head, rescored->tally);
}

int RunRescore(const Options& options) {
  if (options.data.empty() == options.log.empty()) {
    return ReportError(
        {ErrorCode::kUsage, "--data", "give a data folder, or an export with --log"});
  }
  RescoreOptions how;
  how.pack = LoadPackOrSay(options.pack);
  if (how.pack == nullptr) return 1;
  if (!options.baseline.empty()) {
    how.baseline = LoadPackOrSay(options.baseline);
    if (how.baseline == nullptr) return 1;
  }
  how.merchant = options.merchant;
  how.jobs = options.jobs;
  how.cache_bytes = options.cache_mb << 20;
  Status read = TimeOf(options.from, "--from", how.from);
  if (read) read = TimeOf(options.to, "--to", how.to);
  if (read) read = TimeOf(options.as_of, "--as-of", how.as_of);
  if (!read) return ReportError(read.error());
  const auto delay = ParseSpan(options.delay);
  if (!delay)
    return ReportError({ErrorCode::kUsage, "--label-delay", "must be a time such as 60d"});
  how.label_delay = *delay;
  if (!options.labels.empty()) {
    how.labels = [&](const RescoreOptions::TakeLabel& take) {
      return ReadLabels(options.labels,
                        options.merchant.empty() ? std::string(kDefaultMerchant) : options.merchant,
                        take);
    };
  }
  // Whoever decides orders on the same machine comes first.
  constexpr int kNice = 10;
  setpriority(PRIO_PROCESS, 0, kNice);

  std::optional<Scratch> scratch;
  if (options.out.empty()) {
    auto made = Scratch::Make();
    if (!made) return ReportError(made.error());
    scratch.emplace(std::move(*made));
    how.work = scratch->path() + "/work";
  } else {
    std::error_code fault;
    fs::create_directories(options.out, fault);
    if (fault) return ReportError({ErrorCode::kIo, options.out, "cannot be made"});
    how.work = options.out + "/work";
  }
  const auto summary = Fold(options, how);
  if (!summary) {
    if (summary.error().code == ErrorCode::kInterrupted && !options.out.empty()) {
      std::fprintf(stderr, "the same command goes on where this one was\n");
    }
    return ReportError(summary.error());
  }
  for (const std::string& folder : {how.work, how.work + "-log"}) {
    if (Status removed = RemoveFolder(folder); !removed) return ReportError(removed.error());
  }
  return Tell(options, *summary);
}

int RunMerge(const Options& options) {
  std::error_code fault;
  fs::create_directories(options.out, fault);
  if (fault) return ReportError({ErrorCode::kIo, options.out, "cannot be made"});
  const auto summary = MergeResults(options.parts, options.out);
  if (!summary) return ReportError(summary.error());
  return Tell(options, *summary);
}

}  // namespace

void AddRescore(CLI::App& app, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "rescore", "What another pack would have done with the orders of a log; nothing is changed");
  command->add_option("--pack", options->pack, "The other pack");
  command->add_option("--data", options->data,
                      "A data folder, also one that a service has open, or a backup");
  command->add_option("--log", options->log,
                      "Or an export, of all or of a part: log export --full, maybe --parts; - for "
                      "standard input");
  command->add_option("--baseline", options->baseline,
                      "Compare with this pack, not with what was decided");
  command->add_option("--from", options->from, "Only orders placed from this time on");
  command->add_option("--to", options->to, "And before this one");
  command->add_option("--merchant", options->merchant, "Only this merchant's");
  command->add_option("--labels", options->labels,
                      "CSV with order_id, label (fraud, good), and maybe merchant; they count more "
                      "than what the log says");
  command
      ->add_option("--label-delay", options->delay,
                   "An order sent and so old has no complaint any more: it is good")
      ->capture_default_str();
  command->add_option("--as-of", options->as_of,
                      "When an order's age is taken; default the latest event. Parts of a log need "
                      "the same");
  command->add_option("--jobs", options->jobs, "Threads that fold; merchants are spread over them")
      ->check(CLI::Range(1U, kShardsMax))
      ->capture_default_str();
  command->add_option("--cache-mb", options->cache_mb, "Megabytes of state in memory, about")
      ->check(CLI::Range(16, 1 << 20))
      ->capture_default_str();
  command
      ->add_option("--review-minutes", options->review_minutes,
                   "That a person needs for an order that is stopped")
      ->check(CLI::Range(0, 10'000))
      ->capture_default_str();
  command->add_option(
      "--out", options->out,
      "A folder for summary, flips and report; a run that was stopped goes on there");
  command->add_flag("--json", options->json, "The summary as one JSON object");
  command->footer("Exit codes: 0 nothing changes, 1 some orders end otherwise, 2 usage, 3 failed.");
  CLI::App* merge = command->add_subcommand("merge", "Put the results of parts together");
  merge->add_option("DIR", options->parts, "Their folders")->required();
  merge->add_option("--out", options->out, "A folder for the result")->required();
  merge->add_flag("--json", options->json, "The summary as one JSON object");
  merge->callback([options, &run] { run = [options] { return RunMerge(*options); }; });
  command->callback([options, command, merge, &run] {
    if (merge->parsed()) return;
    if (options->pack.empty()) throw CLI::RequiredError("--pack");
    run = [options] { return RunRescore(*options); };
  });
}

}  // namespace holdfast::cli
