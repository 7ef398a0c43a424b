#include "engine/upkeep/verify.h"

#include <fmt/format.h>

#include <atomic>
#include <cstdio>
#include <memory>

#include "engine/base/text.h"
#include "engine/cli/commands.h"
#include "engine/cli/rules/rules_commands.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/progress.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json_object.h"

namespace holdfast::cli {
namespace {

struct Options {
  std::string data, pack;
  bool json = false;
};

// True when the pack made no decision in this log, so it is the wrong pack.
bool IsOtherPack(const Verification& v) {
  return v.decisions == 0 && v.trimmed == 0 && v.other_engines == 0 && v.other_packs > 0;
}

bool IsGood(const Verification& v) { return v.ok() && !IsOtherPack(v); }

std::string DecidedJson(const Verification& v) {
  if (!v.decided) return "null";
  return JsonObject()
      .Number("offset", v.decided->offset)
      .Raw("kept", v.decided->kept.empty() ? "null" : v.decided->kept)
      .Raw("now", v.decided->now.empty() ? "null" : v.decided->now)
      .Done();
}

std::string KeptJson(const Verification& v) {
  if (!v.kept) return "null";
  return JsonObject()
      .Text("family", NameOf(v.kept->family))
      .Text("key", KeyText(v.kept->family, v.kept->key))
      .Bool("on_disk", v.kept->on_disk)
      .Bool("in_fold", v.kept->in_fold)
      .Done();
}

std::string StateJson(const Verification& v) {
  if (!v.has_state) return "null";
  JsonObject families;
  for (const Family family : kFamilies) {
    const auto& records = v.records[static_cast<std::size_t>(family)];
    families.Raw(NameOf(family), JsonObject()
                                     .Number("records", records.count)
                                     .Text("digest", fmt::format("{:016x}", records.digest))
                                     .Done());
  }
  return JsonObject()
      .Number("offset", v.state)
      .Raw("families", families.Done())
      .Raw("difference", KeptJson(v))
      .Done();
}

// The differences, as JSON and as text.
std::string Json(const Verification& v) {
  return JsonObject()
      .Bool("ok", IsGood(v))
      .Number("events", v.events)
      .Number("decisions", v.decisions)
      .Number("trimmed", v.trimmed)
      .Number("other_packs", v.other_packs)
      .Number("other_engines", v.other_engines)
      .Raw("difference", DecidedJson(v))
      .Number("facts", v.facts)
      .Raw("facts_differ", v.facts_differ ? std::to_string(*v.facts_differ) : "null")
      .Raw("state", StateJson(v))
      .Done();
}

void Show(const Verification& v) {
  if (v.decided) {
    std::printf(
        "record %llu: another decision was kept than the log leads to with this pack\n"
        "  kept: %s\n  now:  %s\n",
        static_cast<unsigned long long>(v.decided->offset), Safe(v.decided->kept).c_str(),
        Safe(v.decided->now).c_str());
  }
  if (v.facts_differ) {
    std::printf("record %llu: other facts were recorded than the log leads to with this pack\n",
                static_cast<unsigned long long>(*v.facts_differ));
  }
  if (v.kept) {
    std::printf("state, %s: '%s' %s\n", std::string(NameOf(v.kept->family)).c_str(),
                Safe(KeyText(v.kept->family, v.kept->key)).c_str(),
                !v.kept->on_disk   ? "is not on disk, but the log leads to it"
                : !v.kept->in_fold ? "is on disk, but the log does not lead to it"
                                   : "is another on disk than the log leads to");
  }
  if (IsGood(v)) {
    std::printf("%s events and %s decisions, %s with their facts, are as the log leads to\n",
                Grouped(v.events).c_str(), Grouped(v.decisions).c_str(), Grouped(v.facts).c_str());
  }
  if (v.trimmed > 0) {
    std::printf("%s decisions were made before the log was trimmed, and not compared\n",
                Grouped(v.trimmed).c_str());
  }
  if (v.other_packs > 0) {
    std::printf("%s decisions of other packs were not compared\n", Grouped(v.other_packs).c_str());
  }
  if (IsOtherPack(v)) {
    std::printf(
        "this pack, as its files now are, has decided nothing in this log: give --pack the one "
        "that "
        "did\n");
  }
  if (v.other_engines > 0) {
    std::printf("%s decisions were made by another version of Holdfast, and not compared\n",
                Grouped(v.other_engines).c_str());
  }
  if (!v.has_state) {
    std::printf("there is no state for this pack; it will be made from the log\n");
    return;
  }
  std::printf("state as of record %llu:\n", static_cast<unsigned long long>(v.state));
  for (const Family family : kFamilies) {
    const auto& records = v.records[static_cast<std::size_t>(family)];
    std::printf("  %-10s %12s records  %s\n", std::string(NameOf(family)).c_str(),
                Grouped(records.count).c_str(), fmt::format("{:016x}", records.digest).c_str());
  }
}

int Verify(const Options& options) {
  const auto pack = LoadPackOrSay(options.pack);
  if (pack == nullptr) return 1;
  const std::atomic<bool>& stop = StopFlag();
  Progress progress;
  const auto verified =
      VerifyFolder(options.data, pack, [&](std::uint64_t done, std::uint64_t all) {
        if (progress.Due()) {
          progress.Show(Grouped(done) + " of " + Grouped(all) + " events");
        }
        return !stop.load(std::memory_order_relaxed);
      });
  progress.End();
  if (!verified) return ReportError(verified.error());
  if (options.json) {
    std::printf("%s\n", Json(*verified).c_str());
  } else {
    Show(*verified);
  }
  return IsGood(*verified) ? 0 : 1;
}

}  // namespace

void AddVerify(Command app) {
  auto options = std::make_shared<Options>();
  Command command = app.Add(
      "verify",
      "Fold a data folder's log again, and compare every decision, and every record of the state, "
      "with what was kept");
  command.Value("--data", options->data, "The folder").Folder().Required();
  command.Value("--pack", options->pack, "The pack that decided").File().Required();
  command.Flag("--json", options->json, "The result as one JSON object");
  command.Footer("Exit codes: 0 all as it was, 1 something differs, 2 usage, 3 failed.");
  command.Example("holdfast verify --data shop.data --pack rules/starter");
  command.Does([options] { return Verify(*options); });
}

}  // namespace holdfast::cli
