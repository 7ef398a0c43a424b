// The shipped pack: cases for every rule, and what it catches of simulated orders.
// docs/pack-cross-border.md carries the figures; HOLDFAST_UPDATE=1 writes them.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "engine/base/file.h"
#include "engine/base/limits.h"
#include "engine/model/names.h"
#include "engine/pipeline/cases.h"
#include "engine/pipeline/engine.h"
#include "engine/simulate/simulator.h"
#include "engine/yaml/yaml_file.h"
#include "tests/report.h"

namespace holdfast {
namespace {

using testing::Say;

const std::string kFolder = std::string(HOLDFAST_SOURCE) + "/rules/cross-border";
const std::string kDocument = std::string(HOLDFAST_SOURCE) + "/docs/pack-cross-border.md";

std::shared_ptr<const Pack> ShippedPack() {
  Diagnostics diagnostics;
  auto pack = LoadPack(kFolder, diagnostics);
  REQUIRE_MESSAGE(pack != nullptr, RenderText(diagnostics));
  CHECK_MESSAGE(diagnostics.empty(), RenderText(diagnostics));
  return pack;
}

std::string Read(const std::string& path) {
  auto text = ReadFile(path, limits::kPackBytes);
  REQUIRE_MESSAGE(text.has_value(), path);
  return *text;
}

TEST_CASE("cross-border: each rule has cases that match, that do not, and without its data") {
  const auto pack = ShippedPack();
  const auto files = FindCaseFiles(kFolder);
  Diagnostics diagnostics;
  const CaseReport report = RunCases(pack, files, diagnostics);
  CHECK_MESSAGE(diagnostics.empty(), RenderText(diagnostics));
  for (const CaseResult& result : report.results) CHECK_MESSAGE(result.passed, result.name);
  // A case is called "RULE, hit: what"; what it expects must say the same.
  static const RE2 name_form("([a-z0-9-]+), (hit|miss|missing): .+");
  std::map<std::string, std::set<std::string>> kinds;
  for (const std::string& path : files) {
    Diagnostics faults;
    const YamlFile file = YamlFile::Parse(path, Read(path), faults);
    REQUIRE(faults.empty());
    for (const YamlNode& node : file.root().Find("cases")->list) {
      const std::string& name = node.Find("name")->text;
      std::string rule, kind;
      REQUIRE_MESSAGE(RE2::FullMatch(name, name_form, &rule, &kind), name);
      const YamlNode* rules = node.Find("expect")->Find("rules");
      REQUIRE_MESSAGE(rules != nullptr, name);
      const bool matches = std::any_of(rules->list.begin(), rules->list.end(),
                                       [&](const YamlNode& one) { return one.text == rule; });
      CHECK_MESSAGE(matches == (kind == "hit"), name);
      kinds[rule].insert(kind);
    }
  }
  for (const Rule& rule : pack->rules) {
    CHECK_MESSAGE(kinds[rule.id].size() == 3, rule.id << " needs a hit, a miss and missing data");
  }
  CHECK(kinds.size() == pack->rules.size());
}

TEST_CASE("cross-border: notes that ask for something else, and notes that do not") {
  const auto pack = ShippedPack();
  const auto asks = [&pack](const char* note) {
    return pack->notes.Says(NoteSense::kOtherAddress, note) == true ||
           pack->notes.Says(NoteSense::kOtherProduct, note) == true;
  };
  for (const char* note :
       {"Hello, no, change the address to 99 Evil Road, Dallas",
        "My old flat? No! Use this address instead: 99 Evil", "the address has changed to 5 Elm",
        "Can you not change the address to 44 Elm St?",
        "Please change the shipping adress to 44 Elm", "change the address。",
        "Please ship to a different address", "换地址，寄到上海", "要不换个地址吧", "换成别的颜色",
        "请发别的", "declare as gift please"}) {
    CHECK_MESSAGE(asks(note), note);
  }
  for (const char* note :
       {"My address is correct, please ring the bell", "Do not change the address",
        "It's a birthday gift, please gift wrap", "请改发票抬头", "请寄到门卫",
        "请换一个好一点的盒子", "Please replace it with bubble wrap",
        "I actually want to thank you", "this is our new address, already in the order",
        "Leave it with the neighbour", "Please use this address exactly as written",
        "Different model numbers in the photos", "I don't want a different model",
        "转运中心不要放太久", "Call me before delivery",
        "Can I have an invoice to my company please"}) {
    CHECK_MESSAGE(!asks(note), note);
  }
}

// What the pack said of an order last, before its parcel was dispatched.
struct Said {
  bool fraud = false, held = false, cooling = false, dispatched = false;
  std::string scenario;
  std::set<std::string> rules;
};

std::map<std::string, Said> Simulate(const std::shared_ptr<const Pack>& pack,
                                     const SimulatorOptions& options) {
  std::map<std::string, Said> orders;
  Simulator simulator(options);
  Engine engine(pack, MakeMemoryStore());
  const auto take = [&orders](const Decision& decision) {
    Said& said = orders[decision.order_id];
    if (said.dispatched) return;
    said.held = decision.outcome != Outcome::kShip;
    said.cooling = said.held && decision.cause == Cause::kCoolingOff;
    said.rules.clear();
    for (const Reason& reason : decision.reasons) said.rules.insert(reason.rule);
  };
  while (auto made = simulator.Next()) {
    const std::shared_ptr<Event> event = std::move(made);
    const std::string id(event->order_id);
    if (event->type == EventType::kOrderPlaced) {
      for (const Attribute& attribute : event->order->attributes) {
        if (attribute.name == "label") orders[id].fraud = attribute.value.text == "fraud";
        if (attribute.name == "scenario") orders[id].scenario = attribute.value.text;
      }
    }
    if (event->type == EventType::kShipmentDispatched) orders[id].dispatched = true;
    const auto applied = engine.Apply(event, [&](const auto&, const Applied& fired) {
      if (fired.decision) take(*fired.decision);
    });
    REQUIRE(applied.has_value());
    if (applied->decision) take(*applied->decision);
  }
  return orders;
}

// The text after "# Source:" above each rule.
std::map<std::string, std::string> SourcesOf(const std::string& pack) {
  std::map<std::string, std::string> sources;
  static const RE2 form(R"((?m)^  # Source: (.+)\n((?:  # .+\n)*)  - id: (\S+)$)");
  re2::StringPiece rest(pack);
  std::string first, more, rule;
  while (RE2::FindAndConsume(&rest, form, &first, &more, &rule)) {
    RE2::GlobalReplace(&more, R"(\n?  # )", " ");
    while (more.ends_with('\n')) more.pop_back();
    sources[rule] = first + more;
  }
  return sources;
}

std::string EffectOf(const Rule& rule) {
  std::string text(NameOf(rule.effect));
  if (rule.effect == Effect::kPoints) text = fmt::format("{:+d} points", rule.points);
  if (rule.effect == Effect::kHold || (rule.effect == Effect::kPoints && rule.points > 0)) {
    text += ", " + std::string(NameOf(rule.cause));
  }
  return text;
}

struct Count {
  int good = 0, fraud = 0;
  void Add(bool is_fraud) { ++(is_fraud ? fraud : good); }
};

std::string Measured(const Pack& pack, const std::map<std::string, Said>& orders) {
  Count dispatched, held, cooling;
  std::map<std::string, std::pair<Count, Count>> scenarios;  // all, held
  std::map<std::string, Count> rules;
  for (const auto& [id, said] : orders) {
    if (!said.dispatched) continue;  // not paid, or cancelled
    dispatched.Add(said.fraud);
    auto& [all, of_held] = scenarios[said.scenario];
    all.Add(said.fraud);
    for (const std::string& rule : said.rules) rules[rule].Add(said.fraud);
    if (!said.held) continue;
    held.Add(said.fraud);
    of_held.Add(said.fraud);
    if (said.cooling) cooling.Add(said.fraud);
  }
  const double all = dispatched.good + dispatched.fraud, all_held = held.good + held.fraud;
  std::string text = fmt::format(
      "{} orders were paid and would have been dispatched, {} of them fraud. Held then: {} of the "
      "fraud, {} of the good ones.\n\n"
      "| measure | value |\n|---|---|\n"
      "| precision (held orders that are fraud) | {:.3f} |\n"
      "| recall (fraud that is held) | {:.3f} |\n"
      "| hold rate | {:.2f} % |\n"
      "| good orders held | {:.2f} % |\n"
      "| recall without orders that only cool off | {:.3f} |\n"
      "| good orders held that only cool off | {:.2f} % |\n\n"
      "| scenario | orders | held |\n|---|---|---|\n",
      all, dispatched.fraud, held.fraud, held.good, held.fraud / all_held,
      static_cast<double>(held.fraud) / dispatched.fraud, 100 * all_held / all,
      100.0 * held.good / dispatched.good,
      static_cast<double>(held.fraud - cooling.fraud) / dispatched.fraud,
      100.0 * cooling.good / dispatched.good);
  for (const auto& [scenario, counts] : scenarios) {
    const auto& [every, of_held] = counts;
    text += fmt::format("| {}{} | {} | {} |\n", scenario, every.fraud > 0 ? " (fraud)" : "",
                        every.good + every.fraud, of_held.good + of_held.fraud);
  }
  text += "\n| rule | effect | matched good | matched fraud | source |\n|---|---|---|---|---|\n";
  const auto sources = SourcesOf(Read(kFolder + "/pack.yaml"));
  for (const Rule& rule : pack.rules) {
    const auto source = sources.find(rule.id);
    REQUIRE_MESSAGE(source != sources.end(), rule.id << " has no source");
    const Count& count = rules[rule.id];
    text += fmt::format("| `{}` | {} | {} | {} | {} |\n", rule.id, EffectOf(rule), count.good,
                        count.fraud, source->second);
  }
  return text;
}

TEST_CASE("accuracy: the shipped pack on simulated orders, as docs/pack-cross-border.md says") {
  const auto pack = ShippedPack();
  const auto orders = Simulate(pack, {.seed = 11, .orders = 30'000, .orders_per_day = 2000});
  const std::string measured = Measured(*pack, orders);
  Say("pack cross-border, simulated: " + measured.substr(0, measured.find('\n')));
  for (const char* measure : {"precision", "recall", "hold rate", "good orders held"}) {
    const std::size_t at = measured.find(std::string("| ") + measure);
    Say("pack cross-border, simulated: " + measured.substr(at, measured.find('\n', at) - at));
  }
  constexpr std::string_view kBegin = "<!-- measured: begin -->\n", kEnd = "<!-- measured: end -->";
  std::string document = Read(kDocument);
  const std::size_t begin = document.find(kBegin), end = document.find(kEnd);
  REQUIRE(begin != document.npos);
  REQUIRE(end != document.npos);
  const std::size_t from = begin + kBegin.size();
  if (std::getenv("HOLDFAST_UPDATE") != nullptr) {
    document.replace(from, end - from, measured);
    std::ofstream(kDocument) << document;
  }
  CHECK_MESSAGE(Read(kDocument).substr(from).starts_with(measured),
                "the figures have changed; HOLDFAST_UPDATE=1 writes them");
}

}  // namespace
}  // namespace holdfast
