#include "engine/cli/rules/pack_gate.h"

#include <algorithm>
#include <cstdio>

#include "engine/base/text.h"
#include "engine/base/wall_time.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json_object.h"
#include "engine/model/names.h"
#include "engine/pipeline/cases.h"

namespace holdfast::cli {
namespace {

void RunItsCases(const std::string& path, const std::shared_ptr<const Pack>& pack, Gate& gate) {
  Diagnostics findings;
  const CaseReport report = RunCases(pack, FindCaseFiles(path), findings);
  gate.cases = report.results.size();
  for (const CaseResult& result : report.results) {
    if (result.passed) continue;
    gate.failed.push_back(result.file + ":" + std::to_string(result.line) + ": " + result.name);
  }
  std::fputs(SafeLines(RenderText(findings)).c_str(), stderr);
  if (gate.cases == 0) gate.faults.push_back("it has no cases");
  if (!gate.failed.empty() || CountErrors(findings) > 0) {
    gate.faults.push_back(std::to_string(gate.failed.size()) + " of its " +
                          std::to_string(gate.cases) + " cases fail");
  }
}

std::string RulingText(const Ruling& ruling) {
  std::string text(ruling.Word());
  if (ruling.cause != Cause::kNone) text += " " + std::string(NameOf(ruling.cause));
  return text;
}

void AddFlip(const OrderCase& order, Currency base, Gate& gate) {
  std::vector<std::string> rules;
  for (const Difference& difference : DifferencesIn(*order.rulings)) {
    rules.push_back(difference.rule);
  }
  if (rules.empty()) rules.emplace_back();
  for (const std::string& rule : rules) {
    RuleFlips& flips = gate.rules[rule];
    ++flips.orders;
    constexpr std::size_t kExamples = 3;
    if (flips.examples.size() == kExamples) continue;
    const std::string amount =
        order.amount ? FormatMinor(*order.amount, base) + " " + std::string(base.code()) : "";
    flips.examples.push_back({order.merchant, order.order_id, amount, RulingText(order.before()),
                              RulingText(order.after())});
  }
}

void CheckLimits(const GateOptions& options, Gate& gate) {
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
                          " orders to test it on, and 30 are needed; use more --days");
  }
}

// Compares what the pack would have decided with what was decided. A log without orders has nothing
// to compare.
Status CompareOrders(const GateOptions& options, RescoreRun& run, Gate& gate) {
  const auto latest = run.LatestOrder();
  if (!latest && latest.error().code == ErrorCode::kNotFound) return {};
  if (!latest) return tl::unexpected(latest.error());
  constexpr std::int64_t kDay = 86'400 * kNanosPerSecond;
  // An order dated in the future must not move the period that is examined.
  const EventTime end = std::min(*latest, WallTime());
  run.SetFrom(EventTime{end.nanos - options.days * kDay});
  const Currency base = run.pack().amounts->base();
  const auto rescored = run.Run([&](const OrderCase& order) -> Status {
    if (order.Flipped()) AddFlip(order, base, gate);
    return {};
  });
  if (!rescored) return tl::unexpected(rescored.error());
  // Orders that were never decided cannot be compared.
  gate.orders = rescored->tally.orders.All().orders - rescored->tally.undecided.orders;
  gate.flipped = rescored->tally.flipped;
  for (const auto& [move, sums] : rescored->tally.moves) {
    const std::size_t at = move.find('>');
    if (move.substr(0, at) == move.substr(at + 1) || move.starts_with("none>")) continue;
    gate.moves[move.substr(at + 1) + " instead of " + move.substr(0, at)] = sums.All().orders;
  }
  return {};
}

std::string FlipJson(const GateFlip& flip) {
  return JsonObject()
      .Text("order_id", flip.order_id)
      .Text("merchant", flip.merchant)
      .Text("amount", flip.amount)
      .Text("before", flip.before)
      .Text("after", flip.after)
      .Done();
}

// The rules with the most orders first.
std::vector<const std::pair<const std::string, RuleFlips>*> Sorted(const Gate& gate) {
  std::vector<const std::pair<const std::string, RuleFlips>*> rules;
  for (const auto& one : gate.rules) rules.push_back(&one);
  std::stable_sort(rules.begin(), rules.end(), [](const auto* a, const auto* b) {
    return a->second.orders > b->second.orders;
  });
  return rules;
}

}  // namespace

Result<Gate> JudgePack(const GateOptions& options, const std::shared_ptr<const Pack>& pack,
                       const std::string& log) {
  Gate gate;
  gate.days = options.days;
  const auto run = RescoreRun::Open(options.source, {});
  if (!run) return tl::unexpected(run.error());
  if (!log.empty() && (*run)->LogName() != log) {
    gate.faults.push_back("--data is not the folder of the service's log");
  }
  if (Status weighed = CompareOrders(options, **run, gate); !weighed) {
    return tl::unexpected(weighed.error());
  }
  CheckLimits(options, gate);
  RunItsCases(options.source.pack, pack, gate);
  return gate;
}

void ShowGate(const Gate& gate) {
  for (const std::string& failed : gate.failed) {
    std::fprintf(stderr, "failed: %s\n", Safe(failed).c_str());
  }
  for (const auto& [move, orders] : gate.moves) {
    std::fprintf(stderr, "%s orders: %s\n", Grouped(orders).c_str(), move.c_str());
  }
  constexpr std::size_t kShown = 20;
  std::size_t shown = 0;
  for (const auto* one : Sorted(gate)) {
    if (shown++ == kShown) {
      std::fprintf(stderr, "  and %zu more rules; --json has all\n", gate.rules.size() - kShown);
      break;
    }
    std::fprintf(stderr, "  %s: %s %s\n",
                 one->first.empty() ? "the threshold" : Safe(one->first).c_str(),
                 Grouped(one->second.orders).c_str(), one->second.orders == 1 ? "order" : "orders");
    for (const GateFlip& flip : one->second.examples) {
      std::fprintf(stderr, "    order %s of %s: %s -> %s%s\n", Safe(flip.order_id).c_str(),
                   Safe(flip.merchant).c_str(), flip.before.c_str(), flip.after.c_str(),
                   flip.amount.empty() ? "" : (", " + flip.amount).c_str());
    }
  }
  std::fprintf(stderr, "%zu cases; %s of %s orders of the last %d days end otherwise\n", gate.cases,
               Grouped(gate.flipped).c_str(), Grouped(gate.orders).c_str(), gate.days);
  for (const std::string& fault : gate.faults) {
    std::fprintf(stderr, "the gate: %s\n", fault.c_str());
  }
}

std::string GateJson(const Gate& gate) {
  JsonList rules;
  for (const auto* one : Sorted(gate)) {
    JsonList examples;
    for (const GateFlip& flip : one->second.examples) examples.Add(FlipJson(flip));
    rules.Add(JsonObject()
                  .Text("rule", one->first)
                  .Number("orders", one->second.orders)
                  .Raw("examples", examples.Done())
                  .Done());
  }
  JsonObject moves;
  for (const auto& [move, orders] : gate.moves) moves.Number(move, orders);
  return JsonObject()
      .Bool("open", gate.faults.empty())
      .Raw("faults", JsonTexts(gate.faults))
      .Number("cases", gate.cases)
      .Raw("failed_cases", JsonTexts(gate.failed))
      .Number("days", gate.days)
      .Number("orders", gate.orders)
      .Number("flipped", gate.flipped)
      .Raw("moves", moves.Done())
      .Raw("rules", rules.Done())
      .Done();
}

std::string GateText(const Gate& gate) {
  std::string text = gate.faults.empty() ? "passed: " : "did not pass: ";
  for (const std::string& fault : gate.faults) text += fault + "; ";
  return text + std::to_string(gate.cases) + " cases; " + Grouped(gate.flipped) + " of " +
         Grouped(gate.orders) + " orders of the last " + std::to_string(gate.days) +
         " days end otherwise";
}

}  // namespace holdfast::cli
