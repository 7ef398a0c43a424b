#include "engine/pipeline/verify.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "engine/base/text.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/cli/progress.h"
#include "engine/cli/rules_commands.h"
#include "engine/cli/terminal.h"
#include "engine/codec/json.h"

namespace holdfast::cli {
namespace {

struct Options {
  std::string data, pack;
  bool json = false;
};

int Verify(const Options& options) {
  const auto pack = LoadPackOrSay(options.pack);
  if (pack == nullptr) return 1;
  const auto log = OpenEventLog(options.data, LogMode::kRead);
  if (!log) return ReportError(log.error());
  Progress progress;
  const auto verified = VerifyLog(**log, pack, [&](std::uint64_t done) {
    if (progress.Due()) {
      progress.Show(Grouped(done) + " of " + Grouped((*log)->last()) + " events");
    }
  });
  progress.End();
  if (!verified) return ReportError(verified.error());
  const auto& difference = verified->difference;
  if (options.json) {
    std::string json = "{\"ok\":" + std::string(difference ? "false" : "true") +
                       ",\"events\":" + std::to_string(verified->events) + ",\"difference\":";
    if (difference) {
      json += "{\"offset\":" + std::to_string(difference->offset) + ",\"kept\":";
      json += difference->kept.empty() ? "null" : difference->kept;
      json += ",\"now\":" + (difference->now.empty() ? "null" : difference->now) + "}";
    } else {
      json += "null";
    }
    std::printf("%s}\n", json.c_str());
  } else if (difference) {
    std::printf(
        "record %llu: another decision was kept than the log leads to with this pack\n"
        "  kept: %s\n  now:  %s\n",
        static_cast<unsigned long long>(difference->offset), Safe(difference->kept).c_str(),
        Safe(difference->now).c_str());
  } else {
    std::printf("%s events and %s decisions are as the log leads to\n",
                Grouped(verified->events).c_str(), Grouped(verified->decisions).c_str());
  }
  return difference ? 1 : 0;
}

}  // namespace

void AddVerify(CLI::App& app, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "verify", "Fold a data folder's log again, and compare every decision with the one kept");
  command->add_option("--data", options->data, "The folder")->required();
  command->add_option("--pack", options->pack, "The pack that decided")->required();
  command->add_flag("--json", options->json, "The result as one JSON object");
  command->footer("Exit codes: 0 all as it was, 1 a decision differs, 2 usage, 3 failed.");
  command->callback([options, &run] { run = [options] { return Verify(*options); }; });
}

}  // namespace holdfast::cli
