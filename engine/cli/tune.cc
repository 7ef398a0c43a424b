// Points and a threshold that the labels speak for.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>

#include "engine/base/file.h"
#include "engine/base/text.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/cli/rescore_run.h"
#include "engine/cli/screen.h"
#include "engine/codec/json_object.h"
#include "engine/rescore/tune.h"

namespace holdfast::cli {
namespace {

struct Options : RescoreSource {
  TuneCosts costs;
  double later = 0.3;
  bool json = false;
};

// The pack's text, line by line, with the changes: what is taken out and what comes in its place.
class PackDiff {
 public:
  explicit PackDiff(const std::string& pack) {
    path_ = std::filesystem::is_directory(pack) ? pack + "/pack.yaml" : pack;
    constexpr std::size_t kPackBytes = 16 << 20;
    const auto text = ReadFile(path_, kPackBytes);
    std::size_t at = 0;
    for (; text && at < text->size(); at = text->find('\n', at) + 1) {
      const std::size_t end = std::min(text->find('\n', at), text->size());
      lines_.push_back(text->substr(at, end - at));
      if (end == text->size()) break;
    }
  }

  // Replaces the number behind `key` in the rule `id`, or anywhere when `id` is empty.
  void Change(const std::string& id, const std::string& key, int now, int suggested) {
    bool inside = id.empty();
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const std::string& line = lines_[i];
      if (const std::size_t at = line.find("id: "); !id.empty() && at != line.npos) {
        const std::string name(Trim(line.substr(at + 4, line.find_first_of(",}", at) - at - 4)));
        inside = name == id;
      }
      const std::string old = key + ": " + std::to_string(now);
      const std::size_t at = line.find(old);
      if (!inside || at == line.npos) continue;
      if (at + old.size() < line.size() && std::isdigit(line[at + old.size()]) != 0) continue;
      std::string changed = line;
      changed.replace(at, old.size(), key + ": " + std::to_string(suggested));
      hunks_[i] = changed;
      return;
    }
  }

  std::string Text() const {
    std::string text = "--- " + path_ + "\n+++ " + path_ + "\n";
    for (const auto& [line, changed] : hunks_) {
      const std::string number = std::to_string(line + 1);
      text += "@@ -" + number + " +" + number + " @@\n-" + lines_[line] + "\n+" + changed + "\n";
    }
    return hunks_.empty() ? std::string() : text;
  }

 private:
  std::string path_;
  std::vector<std::string> lines_;
  std::map<std::size_t, std::string> hunks_;
};

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
      .Number("threshold", tuning.threshold)
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
  const auto run = RescoreRun::Open(options, {});
  if (!run) return ReportError(run.error());
  const Pack& pack = (*run)->pack();
  const Currency base = pack.amounts->base();
  double minor = 1;
  for (int i = 0; i < base.exponent(); ++i) minor *= 10;
  Tuner tuner(minor);
  const auto rescored = (*run)->Run([&](const OrderCase& order) -> Status {
    tuner.Add(order);
    return {};
  });
  if (!rescored) return ReportError(rescored.error());

  std::map<std::string, int> points;
  for (const Rule& rule : pack.rules) {
    if (rule.effect == Effect::kPoints && !rule.shadow) points[rule.id] = rule.points;
  }
  const Tuning tuning = tuner.Suggest(points, pack.hold_threshold, options.costs, options.later);
  PackDiff diff(options.pack);
  for (const TunedRule& rule : tuning.rules) {
    if (rule.now != rule.suggested) diff.Change(rule.rule, "points", rule.now, rule.suggested);
  }
  const std::string changes = tuning.refused.empty() ? diff.Text() : std::string();
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

void AddTune(CLI::App& app, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "tune",
      "Suggest points for the rules of a pack from labelled orders; the pack is not changed");
  AddRescoreSource(command, *options, false);
  command
      ->add_option("--false-hold", options->costs.false_hold,
                   "What stopping a good order costs, in the pack's base currency")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command
      ->add_option("--loss", options->costs.loss,
                   "What of an order's amount is lost when it is fraud and passes; 1: all of it")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command
      ->add_option("--later", options->later,
                   "The share of the labelled orders, the latest, on which the points are tried")
      ->check(CLI::Range(0.05, 0.95))
      ->capture_default_str();
  command->add_flag("--json", options->json, "The result as one JSON object");
  command->footer(
      "Apply what it prints with `patch`. Exit codes: 0 nothing to change, 1 it suggests changes,\n"
      "2 usage, 3 failed.");
  command->callback([options, &run] { run = [options] { return Tune(*options); }; });
}

}  // namespace holdfast::cli
