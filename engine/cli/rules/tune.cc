// `tune`: points and a threshold that fit the labels.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>

#include "engine/base/file.h"
#include "engine/base/text.h"
#include "engine/cli/commands.h"
#include "engine/cli/rescore/rescore_run.h"
#include "engine/cli/ui/output.h"
#include "engine/cli/ui/screen.h"
#include "engine/codec/json_object.h"
#include "engine/rescore/tune.h"
#include "engine/yaml/yaml_file.h"

namespace holdfast::cli {
namespace {

struct Options : RescoreSource {
  TuneCosts costs;
  double later = 0.3;
  bool json = false;
};

// The lines of a pack with changed points: those removed and those added. Errors: as ReadFile;
// kInvalidPack when points cannot be changed in place.
Result<std::string> DiffOf(const std::string& pack, const std::vector<TunedRule>& rules) {
  const std::string path = std::filesystem::is_directory(pack) ? pack + "/pack.yaml" : pack;
  constexpr std::size_t kPackBytes = 16 << 20;
  auto text = ReadFile(path, kPackBytes);
  if (!text) return tl::unexpected(text.error());
  Diagnostics findings;
  const YamlFile file = YamlFile::Parse(path, std::move(*text), findings);
  std::vector<TextEdit> edits;
  const YamlNode* list = file.root().Find("rules");
  for (const TunedRule& rule : rules) {
    if (rule.now == rule.suggested) continue;
    std::optional<TextEdit> edit;
    for (const YamlNode& node : list == nullptr ? std::vector<YamlNode>() : list->list) {
      const YamlNode* id = node.Find("id");
      const YamlNode* points = node.Find("points");
      if (id == nullptr || id->text != rule.rule || points == nullptr) continue;
      edit = file.Extent(*points);
    }
    if (!edit) return Fail(ErrorCode::kInvalidPack, path, "has no points of '" + rule.rule + "'");
    edit->text = std::to_string(rule.suggested);
    edits.push_back(std::move(*edit));
  }
  if (edits.empty()) return std::string();
  const std::string after = file.Edited(edits);
  std::string diff = "--- " + path + "\n+++ " + path + "\n";
  std::size_t a = 0, b = 0;
  for (int line = 1; a < file.text().size() && b < after.size(); ++line) {
    const std::size_t a_end = std::min(file.text().find('\n', a), file.text().size());
    const std::size_t b_end = std::min(after.find('\n', b), after.size());
    const std::string was = file.text().substr(a, a_end - a), is = after.substr(b, b_end - b);
    const std::string number = std::to_string(line);
    if (was != is) {
      diff += "@@ -" + number + " +" + number + " @@\n-" + was + "\n+" + is + "\n";
    }
    a = a_end + 1;
    b = b_end + 1;
  }
  return diff;
}

std::string Money(double amount) { return fmt::format("{:.2f}", amount); }

std::string OutcomeJson(const TuneOutcome& outcome) {
  return JsonObject()
      .Number("fraud_passed", outcome.fraud_passed)
      .Number("good_stopped", outcome.good_stopped)
      .Text("lost", Money(outcome.lost))
      .Text("cost", Money(outcome.cost))
      .Done();
}

std::string Json(const Tuning& tuning, const std::string& diff) {
  JsonList rules;
  for (const TunedRule& rule : tuning.rules) {
    rules.Add(JsonObject()
                  .Text("rule", rule.rule)
                  .Number("points", rule.now)
                  .Number("suggested", rule.suggested)
                  .Number("fraud", rule.fraud)
                  .Number("good", rule.good)
                  .Done());
  }
  return JsonObject()
      .Raw("rules", rules.Done())
      .Number("earlier_orders", tuning.earlier)
      .Number("later_orders", tuning.later)
      .Raw("earlier_now", OutcomeJson(tuning.earlier_now))
      .Raw("earlier_suggested", OutcomeJson(tuning.earlier_suggested))
      .Raw("later_now", OutcomeJson(tuning.later_now))
      .Raw("later_suggested", OutcomeJson(tuning.later_suggested))
      .GivenText("refused", tuning.refused)
      .Text("diff", diff)
      .Done();
}

void Show(const Tuning& tuning, const std::string& base, Screen& screen) {
  screen.Line("learnt from " + Grouped(tuning.earlier) + " labelled orders, tried on " +
              Grouped(tuning.later) + " later ones");
  std::vector<std::vector<std::string>> rows = {
      {"later orders", "fraud passed", "good stopped", "lost " + base, "cost " + base}};
  for (const auto& [name, outcome] : {std::pair("with the points there are", &tuning.later_now),
                                      {"with those suggested", &tuning.later_suggested}}) {
    rows.push_back({name, Grouped(outcome->fraud_passed), Grouped(outcome->good_stopped),
                    Money(outcome->lost), Money(outcome->cost)});
  }
  screen.Table(rows);
  rows = {{"rule", "points", "suggested", "fraud", "good"}};
  for (const TunedRule& rule : tuning.rules) {
    rows.push_back({rule.rule, std::to_string(rule.now), std::to_string(rule.suggested),
                    Grouped(rule.fraud), Grouped(rule.good)});
  }
  screen.Heading("Rules of points, and the earlier orders that they matched");
  screen.Table(rows);
}

int Tune(const Options& options) {
  RescoreSource source = options;
  source.prove = false;
  const auto run = RescoreRun::Open(source, {});
  if (!run) return ReportFailure(run.error());
  const Pack& pack = (*run)->pack();
  const Currency base = pack.amounts->base();
  double minor = 1;
  for (int i = 0; i < base.exponent(); ++i) minor *= 10;
  Tuner tuner(minor);
  const auto rescored = (*run)->Run([&](const OrderCase& order) -> Status {
    tuner.Add(order);
    return {};
  });
  if (!rescored) return ReportFailure(rescored.error());

  std::map<std::string, int> points;
  for (const Rule& rule : pack.rules) {
    if (rule.effect == Effect::kPoints && !rule.shadow) points[rule.id] = rule.points;
  }
  const Tuning tuning = tuner.Suggest(points, pack.hold_threshold, options.costs, options.later);
  std::string changes;
  if (tuning.refused.empty()) {
    auto diff = DiffOf(options.pack, tuning.rules);
    if (!diff) return ReportFailure(diff.error());
    changes = std::move(*diff);
  }
  if (options.json) {
    std::printf("%s\n", Json(tuning, changes).c_str());
  } else {
    Print({}, false, [&](Screen& screen) { Show(tuning, std::string(base.code()), screen); });
    if (tuning.refused.empty()) {
      std::printf("\n%s", SafeLines(changes).c_str());
    } else {
      std::printf("\nnothing is suggested: %s\n", tuning.refused.c_str());
    }
  }
  return tuning.refused.empty() && !changes.empty() ? 1 : 0;
}

}  // namespace

void AddTune(Command app) {
  auto options = std::make_shared<Options>();
  Command command = app.Add(
      "tune",
      "Suggest points for the rules of a pack from labelled orders; the pack is not changed");
  AddRescoreSource(command, *options, false);
  command
      .Value("--false-hold", options->costs.false_hold,
             "What stopping a good order costs, in the pack's base currency")
      .Positive()
      .ShowDefault();
  command
      .Value("--loss", options->costs.loss,
             "What of an order's amount is lost when it is fraud and passes; 1: all of it")
      .Positive()
      .ShowDefault();
  command
      .Value("--later", options->later,
             "The share of the labelled orders, the latest, on which the points are tried")
      .Between(0.05, 0.95)
      .ShowDefault();
  command.Flag("--json", options->json, "The result as one JSON object");
  command.Footer(
      "Apply what it prints with `patch`. Exit codes: 0 nothing to change, 1 it suggests changes,\n"
      "2 usage, 3 failed.");
  command.Does([options] { return Tune(*options); });
}

}  // namespace holdfast::cli
