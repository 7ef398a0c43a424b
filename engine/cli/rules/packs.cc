// Activates a pack, after checks.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "engine/base/text.h"
#include "engine/base/wall_time.h"
#include "engine/cli/cases/ops_client.h"
#include "engine/cli/commands.h"
#include "engine/cli/rescore/rescore_run.h"
#include "engine/cli/rules/rules_commands.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json_object.h"
#include "engine/pipeline/cases.h"

namespace holdfast::cli {
namespace {

struct Options : OpsOptions {
  RescoreSource source;
  std::string reason;
  int days = 7;
  double most = 5;  // percent
  bool rehearse = false;
};

// Why a pack must not be activated.
struct Gate {
  std::vector<std::string> faults;
  std::size_t cases = 0;
  std::uint64_t orders = 0, flipped = 0;
};

void RunItsCases(const std::string& path, const std::shared_ptr<const Pack>& pack, Gate& gate) {
  Diagnostics findings;
  const CaseReport report = RunCases(pack, FindCaseFiles(path), findings);
  gate.cases = report.results.size();
  std::size_t failed = 0;
  for (const CaseResult& result : report.results) {
    if (result.passed) continue;
    ++failed;
    std::fprintf(stderr, "%s:%d: failed: %s\n", result.file.c_str(), result.line,
                 Safe(result.name).c_str());
  }
  std::fputs(SafeLines(RenderText(findings)).c_str(), stderr);
  if (gate.cases == 0) gate.faults.push_back("it has no cases");
  if (failed > 0 || CountErrors(findings) > 0) {
    gate.faults.push_back(std::to_string(failed) + " of its " + std::to_string(gate.cases) +
                          " cases fail");
  }
}

// `log`: the service's log.
Result<Gate> Judge(const Options& options, const std::string& log) {
  Gate gate;
  const auto run = RescoreRun::Open(options.source, {});
  if (!run) return tl::unexpected(run.error());
  if ((*run)->LogName() != log) {
    gate.faults.push_back("--data is not the folder of the service's log");
  }
  const auto latest = (*run)->LatestOrder();
  if (!latest) return tl::unexpected(latest.error());
  constexpr std::int64_t kDay = 86'400 * kNanosPerSecond;
  // An order dated in the future must not move the period that is examined.
  const EventTime end = std::min(*latest, WallTime());
  (*run)->SetFrom(EventTime{end.nanos - options.days * kDay});
  const auto rescored = (*run)->Run([](const OrderCase&) -> Status { return {}; });
  if (!rescored) return tl::unexpected(rescored.error());
  // Orders that were never decided cannot be compared.
  gate.orders = rescored->tally.orders.All().orders - rescored->tally.undecided.orders;
  gate.flipped = rescored->tally.flipped;
  for (const auto& [move, sums] : rescored->tally.moves) {
    const std::size_t at = move.find('>');
    if (move.substr(0, at) == move.substr(at + 1) || move.starts_with("none>")) continue;
    std::fprintf(stderr, "%s orders: %s instead of %s\n", Grouped(sums.All().orders).c_str(),
                 move.substr(at + 1).c_str(), move.substr(0, at).c_str());
  }
  const double share =
      gate.orders == 0 ? 0
                       : 100 * static_cast<double>(gate.flipped) / static_cast<double>(gate.orders);
  if (share > options.most) {
    char text[160];
    std::snprintf(text, sizeof text,
                  "%.1f %% of the orders of the last %d days end otherwise, more than %.1f %%",
                  share, options.days, options.most);
    gate.faults.emplace_back(text);
  }
  constexpr std::uint64_t kFew = 30;
  if (gate.orders < kFew) {
    gate.faults.push_back("there are only " + std::to_string(gate.orders) +
                          " orders to try it on, 30 are the least; more --days has more");
  }
  return gate;
}

int Activate(const Options& given) {
  Options options = given;
  const auto pack = LoadPackOrSay(options.source.pack);
  if (pack == nullptr) return 3;
  auto client = OpenOps(options);
  if (!client) return ReportFailure(client.error());
  const auto packs = (*client)->Get("/v1/packs");
  if (!packs) return ReportFailure(packs.error());
  auto gate = Judge(options, std::string(packs->root()["log"].text()));
  if (!gate) return ReportFailure(gate.error());
  RunItsCases(options.source.pack, pack, *gate);
  std::fprintf(stderr, "%zu cases; %s of %s orders of the last %d days end otherwise\n",
               gate->cases, Grouped(gate->flipped).c_str(), Grouped(gate->orders).c_str(),
               options.days);
  for (const std::string& fault : gate->faults)
    std::fprintf(stderr, "the gate: %s\n", fault.c_str());
  if (!gate->faults.empty() && options.reason.empty()) {
    std::fprintf(stderr,
                 "the pack is not activated; --reason WHY does it all the same, and is "
                 "logged\n");
    return 1;
  }
  if (options.rehearse) return gate->faults.empty() ? 0 : 1;
  std::error_code ignored;
  const std::string name =
      std::filesystem::weakly_canonical(options.source.pack, ignored).filename().string();
  std::string reason;
  if (!gate->faults.empty()) {
    for (const std::string& fault : gate->faults) reason += (reason.empty() ? "" : "; ") + fault;
    reason = options.reason + " (although " + reason + ")";
  }
  const auto answer = (*client)->Post(
      "/v1/packs",
      JsonObject().Text("pack", name).Text("hash", pack->hash).GivenText("reason", reason).Done());
  if (!answer) return ReportFailure(answer.error());
  if (options.json) {
    std::string text;
    WriteJson(answer->root(), text);
    std::printf("%s\n", text.c_str());
  } else {
    std::printf("%s version %s is active\n", Safe(answer->root()["active"]["name"].text()).c_str(),
                Safe(answer->root()["active"]["version"].text()).c_str());
  }
  return 0;
}

}  // namespace

void AddPacks(Command app) {
  Command packs = app.Add("packs", "The pack that a service decides by");
  packs.NeedsCommand();
  auto options = std::make_shared<Options>();
  Command command = packs.Add(
      "activate",
      "Put a pack in place: when its cases pass, and it does not change more than it may");
  command
      .Value("PACK", options->source.pack,
             "A folder of the service's folder of packs, as it lies there")
      .Required();
  command
      .Value("--data", options->source.data, "The service's data folder: what the pack is tried on")
      .Folder()
      .Required();
  command.Value("--days", options->days, "Orders of how many days, up to the latest")
      .Between(1, 3650)
      .ShowDefault();
  command
      .Value("--max-flips", options->most,
             "How many percent of them may end otherwise than they were decided")
      .Between(0.0, 100.0)
      .ShowDefault();
  command.Value("--jobs", options->source.jobs, "Threads that fold").Between(1U, 64U).ShowDefault();
  command
      .Value("--reason", options->reason,
             "Activate it whatever the gate says; the reason is logged")
      .Check(
          [](const std::string& text) {
            return Trim(text).empty() ? std::string("says nothing") : std::string();
          },
          "");
  command.Flag("--rehearse", options->rehearse, "Only say what the gate says");
  AddServiceOptions(command, *options);
  command.Flag("--json", options->json, "The answer as JSON");
  command.Footer(
      "The key is an administrator's of all merchants. Exit codes: 0 it is active, 1 the gate is\n"
      "shut, 2 usage, 3 failed.");
  command.Example("holdfast packs activate rules/next --data shop.data");
  command.Does([options] { return Activate(*options); });
}

}  // namespace holdfast::cli
