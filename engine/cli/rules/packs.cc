// Activates a pack, or one that was active before, after checks.
#include <cstdio>
#include <filesystem>
#include <memory>

#include "engine/base/text.h"
#include "engine/cli/cases/ops_client.h"
#include "engine/cli/commands.h"
#include "engine/cli/rules/pack_gate.h"
#include "engine/cli/rules/pack_history.h"
#include "engine/cli/rules/rules_commands.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json_object.h"
#include "engine/pipeline/pack_store.h"

namespace holdfast::cli {
namespace {

struct Options : OpsOptions {
  GateOptions gate;
  std::string reason;
  std::string hash;  // of a rollback; empty: the pack active before
  bool rehearse = false;
  bool no_service = false;
};

// Why the log says that the pack was activated.
std::string ReasonText(const Options& options, const Gate& gate, bool back) {
  std::string reason = back ? "rollback" : "";
  if (!options.reason.empty()) reason += (reason.empty() ? "" : ": ") + options.reason;
  if (gate.faults.empty() || options.reason.empty()) return reason;
  std::string faults;
  for (const std::string& fault : gate.faults) faults += (faults.empty() ? "" : "; ") + fault;
  return reason + " (although " + faults + ")";
}

void Say(const Options& options, const JsonValue* answer, const Gate& gate) {
  if (options.json) {
    std::string active = "null";
    if (answer != nullptr) {
      active.clear();
      WriteJson((*answer)["active"], active);
    }
    std::printf("%s\n",
                JsonObject().Raw("active", active).Raw("gate", GateJson(gate)).Done().c_str());
  } else if (answer != nullptr) {
    std::printf("%s version %s is active\n", Safe((*answer)["active"]["name"].text()).c_str(),
                Safe((*answer)["active"]["version"].text()).c_str());
  }
}

// Opens the data folder itself, as its administrator.
Result<std::unique_ptr<OpsClient>> OpenFolder(const Options& given, const Pack& pack) {
  Options options = given;
  options.data = options.gate.source.data;
  options.pack = options.gate.source.pack;
  options.admin = true;
  options.activates = true;
  auto client = OpenOps(options);
  if (!client) return client;
  // The client has locked the folder.
  if (Status stored = StorePack(pack, options.pack, options.data); !stored) {
    return tl::unexpected(stored.error());
  }
  return client;
}

// `back`: a rollback, to a stored pack.
int Activate(const Options& options, bool back) {
  const std::string& path = options.gate.source.pack;
  const auto pack = LoadPackOrSay(path);
  if (pack == nullptr) return 3;
  std::unique_ptr<OpsClient> client;
  std::string log;
  if (!options.no_service) {
    auto opened = OpenOps(options);
    if (!opened) return ReportFailure(opened.error());
    client = std::move(*opened);
    const auto packs = client->Get("/v1/packs");
    if (!packs) return ReportFailure(packs.error());
    log = packs->root()["log"].text();
  }
  const auto gate = JudgePack(options.gate, pack, log);
  if (!gate) return ReportFailure(gate.error());
  ShowGate(*gate);
  const bool open = gate->faults.empty();
  if (!open && options.reason.empty()) {
    std::fprintf(stderr,
                 "the pack is not activated; --reason WHY does it all the same, and is "
                 "logged\n");
  }
  if (options.rehearse || (!open && options.reason.empty())) {
    Say(options, nullptr, *gate);
    return open ? 0 : 1;
  }
  if (options.no_service) {
    auto opened = OpenFolder(options, *pack);
    if (!opened) return ReportFailure(opened.error());
    client = std::move(*opened);
  }
  JsonObject body;
  if (!back && !options.no_service) {
    std::error_code ignored;
    body.Text("pack", std::filesystem::weakly_canonical(path, ignored).filename().string());
  }
  body.Text("hash", pack->hash).GivenText("reason", ReasonText(options, *gate, back));
  const auto answer = client->Post("/v1/packs", body.Text("gate", GateText(*gate)).Done());
  if (!answer) return ReportFailure(answer.error());
  Say(options, &answer->root(), *gate);
  return 0;
}

int RollBack(const Options& given) {
  Options options = given;
  const std::string& data = options.gate.source.data;
  const auto index = OpenPackIndex(data);
  if (!index) return ReportFailure(index.error());
  const auto hash = options.hash.empty() ? Result<std::string>(PackBefore(*index))
                                         : FindPackHash(*index, options.hash);
  if (!hash) return ReportFailure(hash.error());
  if (hash->empty()) {
    return ReportFailure({ErrorCode::kUsage, data, "has no other pack that was active before"});
  }
  if (!IsPackStored(data, *hash)) {
    return ReportFailure({ErrorCode::kNotFound, StoredPackPath(data, *hash),
                          "is missing: the files of this pack were not kept; activate a folder "
                          "with them: holdfast packs activate"});
  }
  options.gate.source.pack = StoredPackPath(data, *hash);
  return Activate(options, true);
}

// The options of both commands.
void AddGateOptions(Command command, const std::shared_ptr<Options>& options) {
  RescoreSource& source = options->gate.source;
  command.Value("--data", source.data, "The service's data folder: what the pack is tried on")
      .Folder()
      .Required();
  command.Value("--days", options->gate.days, "Orders of how many days, up to the latest")
      .Between(1, 3650)
      .ShowDefault();
  command
      .Value("--max-flips", options->gate.most,
             "How many percent of them may end otherwise than they were decided")
      .Between(0.0, 100.0)
      .ShowDefault();
  command.Value("--jobs", source.jobs, "Threads that fold").Between(1U, 64U).ShowDefault();
  command
      .Value("--reason", options->reason,
             "Activate it whatever the gate says; the reason is logged")
      .Check(
          [](const std::string& text) {
            return Trim(text).empty() ? std::string("says nothing") : std::string();
          },
          "");
  command.Flag("--rehearse", options->rehearse, "Only say what the gate says");
  command.Flag("--no-service", options->no_service,
               "No service has the data folder open: activate the pack in the folder itself");
  command.Value("--by", options->by, "With --no-service, who you are; default the user");
  AddServiceOptions(command, *options);
  command.Flag("--json", options->json, "The answer and what the gate says as one JSON object");
  command.Footer(
      "The key is an administrator's of all merchants. Exit codes: 0 it is active, 1 the gate is\n"
      "shut, 2 usage, 3 failed.");
}

}  // namespace

void AddPacks(Command app) {
  Command packs = app.Add("packs", "The packs that a service decides by");
  packs.NeedsCommand();
  auto options = std::make_shared<Options>();
  Command activate =
      packs.Add("activate",
                "Activate a pack, if its cases pass and it changes no more decisions than it may");
  activate
      .Value("PACK", options->gate.source.pack,
             "A folder in the service's folder of packs; with --no-service any folder")
      .Folder()
      .Required();
  AddGateOptions(activate, options);
  activate.Example("holdfast packs activate rules/next --data shop.data");
  activate.Does([options] { return Activate(*options, false); });
  auto back = std::make_shared<Options>();
  Command rollback = packs.Add(
      "rollback", "Activate the pack that was active before this one, through the same gate");
  rollback.Value("HASH", back->hash,
                 "Of a pack that was active, or the first eight digits or more; default the one "
                 "before");
  AddGateOptions(rollback, back);
  rollback.Does([back] { return RollBack(*back); });
  AddPacksHistory(packs);
}

}  // namespace holdfast::cli
