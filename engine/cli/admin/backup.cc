#include "engine/upkeep/backup.h"

#include <atomic>
#include <cstdio>
#include <memory>

#include "engine/base/text.h"
#include "engine/cli/commands.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/progress.h"
#include "engine/codec/json_object.h"

namespace holdfast::cli {
namespace {

struct Options {
  std::string from, to;
  std::uint64_t at = 0;
  bool json = false;
};

int Copy(const Options& options, bool restores) {
  const std::atomic<bool>& stop = StopFlag();
  Progress progress;
  const auto show = [&](std::uint64_t done, std::uint64_t all) {
    if (progress.Due()) progress.Show(Grouped(done) + " of " + Grouped(all) + " records");
    return !stop.load(std::memory_order_relaxed);
  };
  const auto report = restores ? Restore(options.from, options.to, options.at, show)
                               : BackUp(options.from, options.to, show);
  progress.End();
  if (!report) return ReportError(report.error());
  if (options.json) {
    std::printf(
        "%s\n",
        JsonObject().Number("copied", report->copied).Number("last", report->last).Done().c_str());
  } else {
    std::printf("%s records copied, the last is record %s\n", Grouped(report->copied).c_str(),
                Grouped(report->last).c_str());
  }
  return 0;
}

}  // namespace

void AddBackup(Command app) {
  auto options = std::make_shared<Options>();
  Command backup = app.Add(
      "backup", "Copy what a data folder's log has more than its backup; also while it is in use");
  backup.Value("--data", options->from, "The folder").Folder().Required();
  backup.Value("--to", options->to, "The backup, made when it is not there").Folder().Required();
  Command restore = app.Add(
      "restore", "Make a data folder of a backup, as it is or as it was at a record of the log");
  restore.Value("--from", options->from, "The backup").Folder().Required();
  restore.Value("--data", options->to, "The folder to make, new or empty").Folder().Required();
  restore.Value("--at", options->at, "Up to this record; default all").Positive();
  for (Command command : {backup, restore}) {
    command.Flag("--json", options->json, "The result as one JSON object");
    command.Footer(
        "A backup holds the log, from which everything else is made again: it is a data folder\n"
        "itself, and `holdfast verify` checks it. One that was stopped goes on when it is run "
        "again.\n"
        "Exit codes: 0 fine, 1 it cannot be done with these folders, 2 usage, 3 failed.");
  }
  backup.Example("holdfast backup --data shop.data --to backup");
  backup.Does([options] { return Copy(*options, false); });
  restore.Does([options] { return Copy(*options, true); });
}

}  // namespace holdfast::cli
