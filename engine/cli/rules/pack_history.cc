#include "engine/cli/rules/pack_history.h"

#include <cstdio>
#include <filesystem>
#include <memory>

#include "engine/cli/cases/case_view.h"
#include "engine/cli/cases/ops_client.h"
#include "engine/cli/rules/rules_commands.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/screen.h"
#include "engine/codec/json_object.h"
#include "engine/server/api/pack_json.h"

namespace holdfast::cli {
namespace {

struct Options : OpsOptions {
  std::string before, after;  // of diff
};

// The answer of GET /v1/packs or GET /v1/packs/history for a folder, which a service may have open.
Result<JsonDocument> ReadFolder(const std::string& folder, bool history) {
  const auto log = OpenEventLog(folder, LogMode::kRead);
  if (!log) return tl::unexpected(log.error());
  const auto index = ReadPackIndex(**log, folder);
  if (!index) return tl::unexpected(index.error());
  const auto activations = ReadActivations(**log, *index, kActivationsMost);
  if (!activations) return tl::unexpected(activations.error());
  if (history) return JsonDocument::Parse(PackHistoryJson(*activations, folder, true));
  const std::string active(index->active());
  return JsonDocument::Parse(
      JsonObject()
          .Raw("active", activations->empty() ? "null" : ActivePackJson(activations->front()))
          .Raw("stored", StoredPacksJson(*activations, active, folder))
          .Done());
}

Result<JsonDocument> Ask(const Options& options, bool history) {
  if (!options.data.empty() && options.url.empty()) return ReadFolder(options.data, history);
  auto client = OpenOps(options);
  if (!client) return tl::unexpected(client.error());
  return (*client)->Get(history ? "/v1/packs/history" : "/v1/packs");
}

std::string ShortHash(std::string_view hash) {
  constexpr std::size_t kShown = 7 + 12;  // "sha256:" and some digits
  return std::string(hash.substr(0, kShown));
}

void ShowList(const JsonValue& root, Screen& screen) {
  const JsonValue& active = root["active"];
  if (active["hash"].text().empty()) {
    screen.Line("no pack was activated");
  } else {
    screen.Line(
        "active: " + std::string(active["name"].text()) + " version " +
        std::string(active["version"].text()) +
        (active["since"].text().empty() ? "" : ", since " + ShortTime(active["since"].text())));
    screen.Line("  " + std::string(active["hash"].text()));
  }
  std::vector<std::vector<std::string>> rows = {{"stored", "version", "hash", "activated", ""}};
  for (const JsonValue& one : root["stored"].list()) {
    rows.push_back({std::string(one["name"].text()), std::string(one["version"].text()),
                    ShortHash(one["hash"].text()), ShortTime(one["activated_at"].text()),
                    one["active"].truth() ? "active" : ""});
  }
  if (rows.size() > 1) screen.Table(rows);
  for (const JsonValue& name : root["available"].list()) {
    screen.Line("folder: " + std::string(name.text()));
  }
}

void ShowHistory(const JsonValue& root, Screen& screen) {
  for (const JsonValue& one : root["activations"].list()) {
    screen.Line(ShortTime(one["at"].text()) + "  " + std::string(one["name"].text()) + " version " +
                std::string(one["version"].text()) + "  " + ShortHash(one["hash"].text()) +
                "  record " + std::string(one["offset"].text()) +
                (one["stored"].truth() ? "" : ", its files are not kept"));
    for (const char* part : {"by", "reason", "gate"}) {
      if (one[part].text().empty()) continue;
      screen.Item("    " + std::string(part) + ": ", one[part].text());
    }
  }
  if (root["activations"].list().empty()) screen.Line("no pack was activated");
}

int Show(const Options& options, bool history) {
  const auto answer = Ask(options, history);
  if (!answer) return ReportFailure(answer.error());
  Print(answer->root(), options.json, [&](Screen& screen) {
    history ? ShowHistory(answer->root(), screen) : ShowList(answer->root(), screen);
  });
  return 0;
}

// A path to a pack: `text` itself, or that of the stored pack whose hash it is.
Result<std::string> PackPathOf(const std::string& text, const std::string& data) {
  std::error_code ignored;
  if (std::filesystem::exists(text, ignored)) return text;
  if (data.empty()) {
    return Fail(ErrorCode::kUsage, text,
                "is no folder; for the hash of a pack that was active, give --data");
  }
  const auto index = OpenPackIndex(data);
  if (!index) return tl::unexpected(index.error());
  const auto hash = FindPackHash(*index, text);
  if (!hash) return hash;
  if (IsPackStored(data, *hash)) return StoredPackPath(data, *hash);
  return Fail(ErrorCode::kNotFound, StoredPackPath(data, *hash),
              "is missing: the files of this pack were not kept");
}

int Diff(const Options& options) {
  const auto before = PackPathOf(options.before, options.data);
  if (!before) return ReportFailure(before.error());
  const auto after = PackPathOf(options.after, options.data);
  if (!after) return ReportFailure(after.error());
  return ShowPackDifferences(*before, *after, options.json);
}

}  // namespace

Result<std::string> FindPackHash(const PackIndex& index, std::string_view text) {
  constexpr std::string_view kSha256 = "sha256:";
  constexpr std::size_t kLeast = 8;
  std::string_view digits = text;
  if (digits.starts_with(kSha256)) digits.remove_prefix(kSha256.size());
  const std::string where(text);
  if (digits.size() < kLeast) {
    return Fail(ErrorCode::kUsage, where, "is no folder and no hash of eight digits or more");
  }
  std::string found;
  for (const PackIndex::Entry& one : index.activations) {
    if (one.hash.compare(kSha256.size(), digits.size(), digits) != 0 || one.hash == found) continue;
    if (!found.empty()) return Fail(ErrorCode::kUsage, where, "fits several hashes; give more");
    found = one.hash;
  }
  if (found.empty()) {
    return Fail(ErrorCode::kUsage, where,
                "is no hash of a pack that was active; `holdfast packs history` lists them");
  }
  return found;
}

void AddPacksHistory(Command packs) {
  auto options = std::make_shared<Options>();
  Command list =
      packs.Add("list", "The active pack, the stored ones, and those that may be activated");
  Command history = packs.Add("history", "Every activation: when, by whom, which pack, and why");
  for (Command command : {list, history}) {
    AddServiceOptions(command, *options);
    command.Value("--data", options->data, "Or a data folder, also one that a service has open");
    command.Flag("--json", options->json, "The answer as JSON, for programs");
    command.Footer("Exit codes: 0 fine, 2 usage, 3 failed.");
  }
  list.Does([options] { return Show(*options, false); });
  history.Does([options] { return Show(*options, true); });
  Command diff = packs.Add("diff", "Say what another pack does differently, as `rules diff` does");
  diff.Value("A", options->before, "A folder, or the hash of a pack that was active").Required();
  diff.Value("B", options->after, "Another, likewise").Required();
  diff.Value("--data", options->data, "The data folder that has the packs of hashes");
  diff.Flag("--json", options->json, "Differences as one JSON object");
  diff.Footer(
      "Exit codes: 0 both decide alike, 1 they differ, 2 usage, 3 a pack is refused or missing.");
  diff.Does([options] { return Diff(*options); });
}

}  // namespace holdfast::cli
