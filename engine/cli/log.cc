#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>

#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/store/event_log.h"

namespace holdfast::cli {
namespace {

struct Options {
  std::string data;
  std::uint64_t from = 1;
  std::uint64_t count = 10;
};

// Events, one a line, from a record on.
int Print(const std::string& data, std::uint64_t from_end, std::uint64_t from) {
  const std::atomic<bool>& stop = StopFlag();
  const auto log = OpenEventLog(data, LogMode::kRead);
  if (!log) return ReportError(log.error());
  const std::uint64_t last = (*log)->last();
  const std::uint64_t begin = from_end > 0 ? last - std::min(last, from_end) + 1 : from;
  Output output;
  std::string line;
  const Status read =
      (*log)->Read(std::max<std::uint64_t>(begin, 1), [&](const LogRecord& record) -> Status {
        if (stop.load() || output.closed()) {
          return Fail(ErrorCode::kInterrupted, data, "stopped before the end of the log");
        }
        line = record.event;
        line += '\n';
        output.Write(line);
        return {};
      });
  output.Flush();
  if (output.closed() && !output.failed()) return 0;
  return read ? 0 : ReportError(read.error());
}

}  // namespace

void AddLog(CLI::App& app, Run& run) {
  CLI::App* log = app.add_subcommand("log", "Read the log of a data folder");
  log->require_subcommand(1);
  auto options = std::make_shared<Options>();
  CLI::App* all =
      log->add_subcommand("export", "Print every event as NDJSON; `holdfast score` reads it again");
  all->add_option("--data", options->data, "The folder")->required();
  all->add_option("--from", options->from, "Begin with this record")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  CLI::App* tail = log->add_subcommand("tail", "Print the last events");
  tail->add_option("--data", options->data, "The folder")->required();
  tail->add_option("-n", options->count, "How many")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  for (CLI::App* command : {all, tail}) command->footer("Exit codes: 0 fine, 2 usage, 3 failed.");
  all->callback(
      [options, &run] { run = [options] { return Print(options->data, 0, options->from); }; });
  tail->callback(
      [options, &run] { run = [options] { return Print(options->data, options->count, 1); }; });
}

}  // namespace holdfast::cli
