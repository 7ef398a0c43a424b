#include <cstdio>
#include <memory>

#include "engine/cli/rules/rules_commands.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json_object.h"
#include "engine/features/facts.h"
#include "engine/packs/keys.h"

namespace holdfast::cli {
namespace {

struct Options {
  std::string pack;
  bool json = false;
  bool missing = false;
};

// A fact that a rule reads and that may be missing.
struct MayMiss {
  std::string fact;
  std::string why;
};

// When the feature is missing.
std::string WhyMissing(const Feature& feature) {
  const bool needs_one = feature.op == FeatureOp::kAvg || feature.op == FeatureOp::kMin ||
                         feature.op == FeatureOp::kMax || feature.op == FeatureOp::kFirstAt ||
                         feature.op == FeatureOp::kLastAt;
  std::string why = "the order lacks what '" + feature.by + "' reads";
  if (needs_one) why += ", or nothing is in the window";
  if (feature.op == FeatureOp::kSum || feature.op == FeatureOp::kAvg) {
    why += ", or an amount in it has no rate";
  }
  return why;
}

std::vector<MayMiss> MissingOf(const Rule& rule, const Pack& pack) {
  std::vector<MayMiss> missing;
  const std::size_t facts = Facts().size(), lists = pack.lists.size();
  for (const int slot : rule.reads) {
    const auto index = static_cast<std::size_t>(slot);
    if (index < facts) {
      const Fact& fact = Facts()[index];
      if (fact.missing_when.empty()) continue;
      missing.push_back({std::string(fact.name), std::string(fact.missing_when)});
    } else if (index >= facts + lists) {
      const Feature& feature = pack.features.features[index - facts - lists];
      missing.push_back({feature.name, WhyMissing(feature)});
    }
  }
  return missing;
}

std::string_view OnMissingOf(const Rule& rule) {
  return OnMissingWords()[static_cast<std::size_t>(rule.on_missing)];
}

void ShowMissing(const Pack& pack) {
  for (const Rule& rule : pack.rules) {
    const auto missing = MissingOf(rule, pack);
    if (missing.empty()) continue;
    std::printf("%s: when one is missing, %s\n", rule.id.c_str(),
                std::string(OnMissingOf(rule)).c_str());
    for (const MayMiss& one : missing) {
      std::printf("    %-36s %s\n", one.fact.c_str(), one.why.c_str());
    }
  }
}

// Prints the findings and a last line with the conclusion.
void ShowText(const Diagnostics& diagnostics, const std::shared_ptr<const Pack>& pack,
              bool missing) {
  std::fputs(SafeLines(RenderText(diagnostics)).c_str(), stdout);
  const std::string counts = CountText(diagnostics);
  if (pack == nullptr) {
    std::printf("%s; the pack is refused\n", counts.c_str());
    return;
  }
  if (missing) ShowMissing(*pack);
  std::printf("pack %s version %lld: %zu rules, %zu features, %zu lists%s%s\n%s\n",
              pack->name.c_str(), static_cast<long long>(pack->version), pack->rules.size(),
              pack->features.features.size(), pack->lists.size(), counts.empty() ? "" : "; ",
              counts.c_str(), pack->hash.c_str());
  std::size_t may_miss = 0;
  for (const Rule& rule : pack->rules) may_miss += MissingOf(rule, *pack).empty() ? 0 : 1;
  if (!missing && may_miss > 0) {
    std::printf("%zu rules read facts that an order may lack; --missing lists them\n", may_miss);
  }
}

std::string RulesJson(const Pack& pack) {
  JsonList rules;
  for (const Rule& rule : pack.rules) {
    JsonList may_miss;
    for (const MayMiss& one : MissingOf(rule, pack)) {
      may_miss.Add(JsonObject().Text("fact", one.fact).Text("when", one.why).Done());
    }
    rules.Add(JsonObject()
                  .Text("id", rule.id)
                  .Text("on_missing", OnMissingOf(rule))
                  .Raw("may_miss", may_miss.Done())
                  .Done());
  }
  return rules.Done();
}

std::string PackJson(const Pack* pack) {
  if (pack == nullptr) return "null";
  return JsonObject()
      .Text("name", pack->name)
      .Number("version", pack->version)
      .Text("hash", pack->hash)
      .Raw("rules", RulesJson(*pack))
      .Done();
}

int Check(const Options& options) {
  Diagnostics diagnostics;
  const auto pack = LoadPack(options.pack, diagnostics);
  if (!options.json) {
    ShowText(diagnostics, pack, options.missing);
    return pack == nullptr ? 1 : 0;
  }
  const std::string json = JsonObject()
                               .Bool("ok", pack != nullptr)
                               .Raw("pack", PackJson(pack.get()))
                               .Raw("diagnostics", RenderJson(diagnostics))
                               .Done();
  std::printf("%s\n", json.c_str());
  return pack == nullptr ? 1 : 0;
}

}  // namespace

void AddRulesCheck(Command rules) {
  auto options = std::make_shared<Options>();
  Command command = rules.Add("check", "Say everything that is wrong with a pack");
  command.Value("PACK", options->pack, "A folder with pack.yaml, or one YAML file")
      .File()
      .Required();
  command.Flag("--missing", options->missing,
               "List what facts each rule may lack, and what follows");
  command.Flag("--json", options->json, "Everything as one JSON object");
  command.Footer(kRulesFooter);
  command.Example("holdfast rules check rules/starter");
  command.Does([options] { return Check(*options); });
}

}  // namespace holdfast::cli
