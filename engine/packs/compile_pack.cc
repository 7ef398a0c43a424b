// From YAML to an immutable Pack, in stages: parse, read with all errors collected, check types,
// compile.
#include <algorithm>
#include <filesystem>
#include <set>

#include "engine/base/file.h"
#include "engine/base/hash.h"
#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/features/facts.h"
#include "engine/model/engine_version.h"
#include "engine/model/names.h"
#include "engine/packs/check_rules.h"
#include "engine/packs/keys.h"
#include "engine/packs/pack_draft.h"
#include "engine/packs/read_features.h"
#include "engine/packs/read_rules.h"
#include "engine/packs/read_sections.h"
#include "engine/packs/read_tables.h"
#include "engine/packs/shared.h"
#include "engine/packs/trusted_lists.h"
#include "engine/signals/canonical_text.h"
#include "engine/yaml/yaml_file.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

void WarnUnused(PackReader& reader, const PackDraft& draft) {
  std::set<int> read;
  for (const Rule& rule : draft.pack->rules) {
    read.insert(rule.reads.begin(), rule.reads.end());
    for (const auto& part : rule.reason.parts) {
      if (part.expression) {
        const auto& slots = part.expression->program.slots();
        read.insert(slots.begin(), slots.end());
      }
    }
  }
  for (std::size_t i = 0; i < draft.pack->features.features.size(); ++i) {
    const Feature& feature = draft.pack->features.features[i];
    if (read.contains(feature.slot)) continue;
    reader.Warn("unused", *draft.feature_keys[i],
                "no rule reads the feature '" + feature.name + "'");
  }
  read.insert(draft.read_by_features.begin(), draft.read_by_features.end());
  for (std::size_t i = 0; i < draft.pack->lists.size(); ++i) {
    const PackList& list = draft.pack->lists[i];
    if (read.contains(list.slot)) continue;
    reader.Warn("unused", *draft.list_keys[i],
                "no rule or feature reads the list '" + list.name + "'");
  }
}

void CheckWhole(PackReader& reader, const YamlNode& root, const PackDraft& draft) {
  const YamlNode* rules = root.Find("rules");
  const YamlNode& at = rules == nullptr ? root : *rules;
  if (CountErrors(reader.diagnostics()) > 0) return;
  int points = 0;
  bool can_hold = false;
  for (const Rule& rule : draft.pack->rules) {
    if (rule.shadow) continue;
    can_hold = can_hold || rule.effect == Effect::kHold || rule.effect == Effect::kReject;
    if (rule.effect == Effect::kPoints && rule.points > 0) points += rule.points;
  }
  if (draft.pack->hold_threshold > 0 && points >= draft.pack->hold_threshold) can_hold = true;
  if (!can_hold) {
    std::string help = "add an active rule with 'hold' or 'reject'";
    if (draft.pack->hold_threshold > 0) {
      help = "all points together are " + std::to_string(points) + ", the threshold is " +
             std::to_string(draft.pack->hold_threshold);
    } else if (points > 0) {
      help = "points need a threshold: add 'thresholds: { hold: 50 }'";
    }
    reader.Report("never-holds", at, "no rule of this pack can ever hold an order", help);
  } else if (points > 0 && draft.pack->hold_threshold == 0) {
    reader.Warn("never-fires", at, "rules give points, but there is no threshold",
                "add 'thresholds: { hold: 50 }'");
  } else if (draft.pack->hold_threshold > points && points > 0) {
    reader.Warn("never-fires", at,
                "all points together are " + std::to_string(points) + ", less than the threshold " +
                    std::to_string(draft.pack->hold_threshold));
  }
  WarnUnused(reader, draft);
  CheckRules(*draft.pack, reader.file(), draft.whens, reader.diagnostics());
}

// Adds the links whose facts are among `slots`.
void AddLinks(const std::vector<int>& slots, LinkSet& links) {
  for (const int slot : slots) {
    if (static_cast<std::size_t>(slot) >= Facts().size()) continue;
    const std::string_view name = Facts()[static_cast<std::size_t>(slot)].name;
    for (const Link link : kLinks) {
      if (name.starts_with("linked." + std::string(NameOf(link)) + ".")) links.Add(link);
    }
  }
}

// Does the rule read nothing but how many other buyers ordered? Disputes are evidence of their own.
bool IsAboutOthers(const Rule& rule) {
  const auto counts = [](int slot) {
    if (static_cast<std::size_t>(slot) >= Facts().size()) return false;
    const std::string_view name = Facts()[static_cast<std::size_t>(slot)].name;
    return name.starts_with("linked.") &&
           (name.ends_with(".buyers") || name.ends_with(".buyers_since") ||
            name.ends_with(".orders") || name.ends_with(".hub"));
  };
  return !rule.reads.empty() && std::all_of(rule.reads.begin(), rule.reads.end(), counts);
}

LinkSet LinksOf(const Pack& pack) {
  LinkSet links;
  for (const Rule& rule : pack.rules) {
    AddLinks(rule.reads, links);
    for (const auto& part : rule.reason.parts) {
      if (part.expression) AddLinks(part.expression->program.slots(), links);
    }
  }
  if (pack.evidence) AddLinks(pack.evidence->program.slots(), links);
  return links;
}

// See Pack::fold.
std::string FoldText(const PackDraft& draft) {
  Sha256 fold;
  const auto add = [&fold](std::string_view text) {
    fold.Add(std::to_string(text.size()) + ":");
    fold.Add(text);
  };
  for (const Link link : kLinks) add(draft.pack->features.links.Has(link) ? NameOf(link) : "");
  add("engine " + std::to_string(kEngineVersion));
  AddTables(*draft.pack, add);
  for (const Feature& feature : draft.pack->features.features) {
    add(std::to_string(static_cast<int>(feature.op)));
    for (const std::string& part : {feature.by, feature.value, feature.where}) add(part);
    for (const std::size_t part : {static_cast<std::size_t>(feature.on), feature.series,
                                   static_cast<std::size_t>(feature.kind)}) {
      add(std::to_string(part));
    }
  }
  if (!draft.pack->lists.empty()) add(CanonicalTextVersion());  // the edits of lists are stored
  for (const PackList& list : draft.pack->lists) {
    add(list.name);
    add(std::to_string(static_cast<int>(list.type)));
    // The contents of a list that a feature's condition reads affect what is counted.
    if (draft.read_by_features.contains(list.slot)) add(draft.pack->hash);
  }
  return fold.Hex();
}

std::shared_ptr<const Pack> Compile(PackReader& reader) {
  const YamlNode& root = reader.file().root();
  if (!root.IsMap()) {
    if (CountErrors(reader.diagnostics()) == 0) {
      reader.Report("syntax", root, "a pack is a map of keys: pack, version, funds, rules, ...");
    }
    return nullptr;
  }
  PackDraft draft;
  Pack& pack = *draft.pack;
  reader.CheckKeys(root, Section::kPack);
  reader.AddToHash(std::to_string(reader.file().text().size()) + ":");
  reader.AddToHash(reader.file().text());
  ReadHead(reader, root, draft);
  ReadTables(reader, root, pack);
  ReadFunds(reader, root, draft);
  ReadThresholds(reader, root, draft);
  DeclareFacts(pack.environment, pack.amounts->tier_names());
  ReadLists(reader, root, draft);
  ReadFeatures(reader, root, draft);
  ReadRules(reader, root, draft);
  ReadReview(reader, root, draft);
  ReadPacking(reader, root, draft);
  CheckWhole(reader, root, draft);
  if (CountErrors(reader.diagnostics()) > 0) return nullptr;
  ShareSubexpressions(pack);
  pack.hash = "sha256:" + reader.Hash();
  pack.files.assign(reader.files().begin(), reader.files().end());
  for (Rule& rule : pack.rules) rule.about_others = IsAboutOthers(rule);
  MarkTrustedLists(pack);
  pack.features.links = LinksOf(pack);
  pack.fold = FoldText(draft);
  return draft.pack;
}

}  // namespace

std::shared_ptr<const Pack> CompilePack(const std::string& name, std::string text,
                                        const std::string& folder, Diagnostics& diagnostics) {
  const YamlFile file = YamlFile::Parse(name, std::move(text), diagnostics);
  PackReader reader(file, folder, diagnostics);
  auto pack = Compile(reader);
  // Errors are found in stages and shown from top to bottom.
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) {
                     return std::pair(a.line, a.column) < std::pair(b.line, b.column);
                   });
  return pack;
}

std::string PackFile(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? (fs::path(path) / "pack.yaml").string() : path;
}

std::shared_ptr<const Pack> LoadPack(const std::string& path, Diagnostics& diagnostics) {
  const fs::path file = PackFile(path);
  const bool is_folder = file != fs::path(path);
  auto text = ReadFile(file.string(), limits::kPackBytes);
  if (!text) {
    diagnostics.push_back({Severity::kError,
                           "unreadable-file",
                           file.string(),
                           0,
                           0,
                           0,
                           {},
                           text.error().detail,
                           is_folder ? "a pack is a folder with pack.yaml, or one YAML file" : ""});
    return nullptr;
  }
  return CompilePack(file.string(), std::move(*text), file.parent_path().string(), diagnostics);
}

}  // namespace holdfast
