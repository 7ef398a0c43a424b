// From YAML to an immutable Pack, in stages: parse, read with all errors collected, check types,
// compile.
#include <algorithm>
#include <filesystem>
#include <map>
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
#include "engine/packs/pack.h"
#include "engine/packs/pack_reader.h"
#include "engine/packs/read_tables.h"
#include "engine/packs/shared.h"
#include "engine/yaml/yaml_file.h"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

bool IsRuleId(std::string_view text) {
  return !text.empty() && text.size() <= limits::kIdBytes &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

class PackCompiler : private PackReader {
 public:
  PackCompiler(const YamlFile& file, std::string folder, Diagnostics& diagnostics)
      : PackReader(file, std::move(folder), diagnostics) {}

  std::shared_ptr<const Pack> Run() {
    const YamlNode& root = file_.root();
    if (!root.IsMap()) {
      if (CountErrors(diagnostics_) == 0) {
        Report("syntax", root, "a pack is a map of keys: pack, version, funds, rules, ...");
      }
      return nullptr;
    }
    CheckKeys(root, Section::kPack);
    hash_.Add(std::to_string(file_.text().size()) + ":");
    hash_.Add(file_.text());
    ReadHead(root);
    ReadTables(*this, root, *pack_);
    ReadFunds(root);
    ReadPayments(root);
    ReadThresholds(root);
    DeclareFacts(pack_->environment, pack_->amounts->tier_names());
    ReadLists(root);
    ReadFeatures(root);
    ReadRules(root);
    ReadReview(root);
    ReadPacking(root);
    CheckWhole(root);
    if (CountErrors(diagnostics_) > 0) return nullptr;
    ShareSubexpressions(*pack_);
    pack_->hash = "sha256:" + hash_.Hex();
    pack_->features.links = ReadsLinks();
    pack_->fold = FoldText();
    return pack_;
  }

 private:
  // ---- the sections
  // --------------------------------------------------------------------------------

  void ReadHead(const YamlNode& root) {
    if (const YamlNode* name = root.Find("pack")) {
      if (const auto text = Text(name, "pack")) pack_->name = *text;
      if (!IsRuleId(pack_->name)) {
        Report("bad-name", *name, "a pack's name has lower-case letters, digits, '-' and '_'");
      }
    } else {
      Report("missing-key", root, "the pack has no name", "add 'pack: my-pack'");
    }
    const YamlNode* version = root.Find("version");
    if (version == nullptr) {
      Report("missing-key", root, "the pack has no version", "add 'version: 1'");
    }
    pack_->version = Whole(version, "version", 1, 1'000'000'000).value_or(0);
    constexpr std::string_view kDefaultReview = "24h";
    // A year and the season after it.
    constexpr std::string_view kDefaultRetention = "400d";
    const YamlNode* within = root.Find("review_within");
    const auto span =
        ParseSpan(within == nullptr ? kDefaultReview : std::string_view(within->text));
    if (!span)
      Report("type-mismatch", *within, "review_within must be a time such as 90m, 24h or 3d");
    pack_->review_within = span.value_or(0);
    const YamlNode* retention = root.Find("retention");
    const auto kept =
        ParseSpan(retention == nullptr ? kDefaultRetention : std::string_view(retention->text));
    if (!kept) Report("type-mismatch", *retention, "retention must be a time such as 90d or 400d");
    pack_->retention = kept.value_or(0);
  }

  void ReadFunds(const YamlNode& root) {
    const YamlNode* funds = root.Find("funds");
    const YamlNode* when = funds == nullptr || !funds->IsMap() ? nullptr : funds->Find("ship_when");
    if (when == nullptr) {
      Report("no-funds-gate", funds == nullptr ? root : *funds,
             "the pack does not say when the money is sure enough to ship",
             "add 'funds: { ship_when: [certain] }'");
      return;
    }
    CheckKeys(*funds, Section::kFunds);
    if (!when->IsList() || when->list.empty()) {
      Report("no-funds-gate", *when, "ship_when must list at least one certainty",
             "write 'ship_when: [certain]'");
      return;
    }
    const auto names = NamesOf<FundsCertainty>();
    const std::vector<std::string_view> words(names.begin(), names.end());
    for (const YamlNode& entry : when->list) {
      if (const auto index = Word(&entry, "a certainty", words)) pack_->ship_when[*index] = true;
    }
    auto& reserved = pack_->ship_when[static_cast<std::size_t>(FundsCertainty::kReserved)];
    if (const auto choice = Word(funds->Find("reserved"), "reserved", {"hold", "ship"})) {
      if (*choice == 0 && reserved) {
        Report("contradiction", *funds->Find("reserved"),
               "ship_when lists reserved, and this holds it");
      }
      reserved = *choice == 1;
    }
    std::vector<std::string_view> unsafe;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto certainty = static_cast<FundsCertainty>(i);
      const bool safe =
          certainty == FundsCertainty::kCertain || certainty == FundsCertainty::kReserved;
      if (pack_->ship_when[i] && !safe) unsafe.push_back(words[i]);
    }
    gate_is_open_ =
        std::all_of(pack_->ship_when.begin(), pack_->ship_when.end(), [](bool b) { return b; });
    if (gate_is_open_) {
      Warn("open-funds-gate", *when,
           "the funds gate is open: orders ship whatever became of their money");
    } else if (!unsafe.empty()) {
      Warn("open-funds-gate", *when, "orders ship although their funds are " + OrList(unsafe));
    }
  }

  void ReadMethods(const YamlNode* node) {
    if (node == nullptr) return;
    if (!node->IsMap()) {
      return Report("type-mismatch", *node, "methods must be a map such as { cod: [none] }");
    }
    const auto names = NamesOf<FundsCertainty>();
    const std::vector<std::string_view> words(names.begin(), names.end());
    for (const auto& [key, value] : node->members) {
      CertaintySet& gate = pack_->funds.methods[pack_->funds.NameOf(key.text)];
      if (!value.IsList() || value.list.empty()) {
        Report("type-mismatch", key,
               "give the certainties that are enough: '" + key.text + ": [reserved]'");
        continue;
      }
      for (const YamlNode& entry : value.list) {
        if (const auto index = Word(&entry, "a certainty", words)) gate[*index] = true;
      }
      const bool unsafe = gate[static_cast<std::size_t>(FundsCertainty::kContested)] ||
                          gate[static_cast<std::size_t>(FundsCertainty::kLost)];
      if (unsafe) {
        Report("contradiction", key,
               "money that is contested or lost is never enough for a part of an order");
      }
    }
  }

  void ReadPayments(const YamlNode& root) {
    const YamlNode* node = root.Find("payments");
    if (node != nullptr && !node->IsMap()) {
      return Report("type-mismatch", *node, "payments must be a map of aliases and trust_shop");
    }
    if (node != nullptr) {
      CheckKeys(*node, Section::kPayments);
      if (const YamlNode* aliases = node->Find("aliases")) ReadAliases(*aliases);
      if (const YamlNode* trusted = node->Find("trust_shop")) {
        if (!trusted->IsList() || trusted->list.empty()) {
          return Report("type-mismatch", *trusted,
                        "trust_shop must be a list of gateways such as [gift_card]");
        }
        for (const YamlNode& entry : trusted->list) {
          if (const auto text = Text(&entry, "a gateway")) {
            pack_->funds.trust_shop.insert(pack_->funds.NameOf(*text));
          }
        }
      }
    }
    // Methods are called as the aliases say.
    if (const YamlNode* funds = root.Find("funds")) ReadMethods(funds->Find("methods"));
  }

  void ReadAliases(const YamlNode& aliases) {
    if (!aliases.IsMap()) {
      return Report("type-mismatch", aliases,
                    "aliases must be a map such as { paypal: [ppcp-gateway] }");
    }
    for (const auto& [key, value] : aliases.members) {
      if (!value.IsList()) {
        Report("type-mismatch", key, "give a list: '" + key.text + ": [its other name]'");
        continue;
      }
      for (const YamlNode& entry : value.list) {
        const auto text = Text(&entry, "a name");
        if (!text) continue;
        const std::string provider = NormalName(key.text);
        const auto [at, added] = pack_->funds.aliases.emplace(NormalName(*text), provider);
        if (!added && at->second != provider) {
          Report("contradiction", entry,
                 "'" + *text + "' is a name of '" + at->second + "' already",
                 "a name means one provider or method");
        }
      }
    }
  }

  void ReadThresholds(const YamlNode& root) {
    const YamlNode* node = root.Find("thresholds");
    if (node == nullptr) return;
    if (!node->IsMap())
      return Report("type-mismatch", *node, "thresholds must be a map such as { hold: 50 }");
    CheckKeys(*node, Section::kThresholds);
    pack_->hold_threshold =
        static_cast<int>(Whole(node->Find("hold"), "thresholds.hold", 1, 100).value_or(0));
  }

  void ReadLists(const YamlNode& root) {
    const YamlNode* node = root.Find("lists");
    if (node == nullptr) return;
    if (!node->IsMap())
      return Report("type-mismatch", *node, "lists must be a map of names to lists");
    if (node->members.size() > limits::kLists) {
      return Report("limit", *node, "more than " + std::to_string(limits::kLists) + " lists");
    }
    for (const auto& [key, value] : node->members) {
      if (!IsName(key.text)) {
        Report("bad-name", key, "a list's name has lower-case letters, digits and '_'");
        continue;
      }
      if (!value.IsMap()) {
        Report("type-mismatch", key, "a list is a map such as { file: names.txt, type: text }");
        continue;
      }
      CheckKeys(value, Section::kList);
      PackList list;
      list.name = key.text;
      const std::vector<std::string_view> types(ListTypeWords().begin(), ListTypeWords().end());
      list.type = static_cast<ListType>(Word(value.Find("type"), "type", types).value_or(0));
      list.dynamic = Flag(value.Find("dynamic"), "dynamic");
      const YamlNode* file = value.Find("file");
      const YamlNode* values = value.Find("values");
      if (file == nullptr && values == nullptr && !list.dynamic) {
        Report("missing-key", key, "the list has no entries and cannot get any",
               "give a file or values, or 'dynamic: true'");
      }
      if (values != nullptr) {
        if (!values->IsList()) Report("type-mismatch", *values, "values must be a list");
        for (const YamlNode& entry : values->list) AddEntry(list, entry.text, entry, {});
      }
      if (file != nullptr) ReadListFile(list, *file);
      list.networks.Seal();
      list.slot = pack_->environment.AddVariable("lists." + key.text, cel::ParseType("set"));
      pack_->lists.push_back(std::move(list));
      list_keys_.push_back(&key);
    }
  }

  void ReadListFile(PackList& list, const YamlNode& name) {
    const auto bytes = ReadPackFile(name, limits::kListBytes);
    if (!bytes) return;
    ForEachEntry(*bytes, [&](std::size_t number, std::string_view line) {
      AddEntry(list, line, name, name.text + ", line " + std::to_string(number) + ": ");
    });
  }

  void AddEntry(PackList& list, std::string_view text, const YamlNode& at,
                const std::string& where) {
    std::string entry = NormaliseEntry(list.type, text);
    if (const std::string fault = FaultOfEntry(list.type, entry); !fault.empty()) {
      return Report("bad-entry", at, where + fault);
    }
    if (list.type == ListType::kIp) return list.networks.Add(*NetworkOfEntry(entry));
    list.texts.Add(entry);
  }

  // ---- expressions
  // -------------------------------------------------------------------------------

  std::optional<cel::Expression> Compile(const YamlNode& node, std::string_view what) {
    if (!node.IsScalar() || Trim(node.text).empty()) {
      Report("missing-key", node, std::string(what) + " must be an expression");
      return std::nullopt;
    }
    cel::Issues issues;
    auto expression = cel::CompileExpression(node.text, pack_->environment, issues,
                                             cel::Checking::kStrict, CostOfSlots(*pack_));
    for (const cel::Issue& issue : issues) {
      diagnostics_.push_back(file_.At(Severity::kError, node, issue));
    }
    return expression;
  }

  // Only what may be read in this place: history not in features, event payloads not in rules.
  bool CheckScope(const YamlNode& node, const cel::Program& program, bool in_feature) {
    const auto facts = Facts();
    if (in_feature) read_by_features_.insert(program.slots().begin(), program.slots().end());
    for (const int slot : program.slots()) {
      if (static_cast<std::size_t>(slot) >= facts.size()) {
        const auto& name = pack_->environment.variables()[static_cast<std::size_t>(slot)].name;
        if (!in_feature || name.starts_with("lists.")) continue;
        Report("not-here", node, "a feature cannot read the feature '" + name + "'");
        return false;
      }
      const Fact& fact = facts[static_cast<std::size_t>(slot)];
      if (in_feature && fact.scope == FactScope::kRules) {
        Report("not-here", node, "a feature cannot read '" + std::string(fact.name) + "'",
               "it is itself made of history; read it in a rule");
        return false;
      }
      if (!in_feature && fact.scope == FactScope::kFeatures) {
        Report("not-here", node, "a rule cannot read '" + std::string(fact.name) + "'",
               "count it with a feature that has 'on: " +
                   std::string(fact.name.substr(0, fact.name.find('.'))) + "'");
        return false;
      }
    }
    return true;
  }

  // ---- features
  // ----------------------------------------------------------------------------------

  void ReadFeatures(const YamlNode& root) {
    const YamlNode* node = root.Find("features");
    if (node == nullptr) return;
    if (!node->IsMap()) {
      return Report("type-mismatch", *node, "features must be a map of names to features");
    }
    if (node->members.size() > limits::kFeatures) {
      return Report("limit", *node, "more than " + std::to_string(limits::kFeatures) + " features");
    }
    // Features may not read each other, so all are compiled before the first is declared.
    std::vector<std::pair<Feature, const YamlNode*>> made;
    for (const auto& [key, value] : node->members) {
      if (!IsName(key.text)) {
        Report("bad-name", key, "a feature's name has lower-case letters, digits and '_'");
      } else if (IsTaken(key.text)) {
        Report("bad-name", key, "'" + key.text + "' is a name of the language or of a fact");
      } else if (auto feature = ReadFeature(key, value)) {
        made.emplace_back(std::move(*feature), &key);
      }
    }
    for (auto& [feature, key] : made) {
      feature.slot = pack_->environment.AddVariable(feature.name, TypeOf(feature.op));
      feature_keys_.push_back(key);
      pack_->features.features.push_back(std::move(feature));
    }
  }

  bool IsTaken(const std::string& name) const {
    const cel::Environment& env = pack_->environment;
    if (env.FindFunction(name) != nullptr || !env.FindTypeName(name).empty() || name == "lists") {
      return true;
    }
    return std::any_of(env.variables().begin(), env.variables().end(),
                       [&](const auto& variable) { return variable.name.starts_with(name + "."); });
  }

  std::optional<Feature> ReadFeature(const YamlNode& key, const YamlNode& node) {
    const std::vector<std::string_view> ops(FeatureOpWords().begin(), FeatureOpWords().end());
    if (!node.IsMap()) {
      Report("type-mismatch", node,
             "a feature is a map such as { count: order.id, by: order.ip, over: 24h }");
      return std::nullopt;
    }
    CheckKeys(node, Section::kFeature);
    Feature feature;
    feature.name = key.text;
    const YamlNode* value = nullptr;
    for (std::size_t i = 0; i < ops.size(); ++i) {
      const YamlNode* found = node.Find(ops[i]);
      if (found == nullptr) continue;
      if (value != nullptr) {
        Report("contradiction", *found, "a feature computes one thing, this one computes two");
        return std::nullopt;
      }
      value = found;
      feature.op = static_cast<FeatureOp>(i);
    }
    const YamlNode* by = node.Find("by");
    const YamlNode* over = node.Find("over");
    if (value == nullptr || by == nullptr || over == nullptr) {
      Report("missing-key", key,
             std::string("the feature needs ") + (value == nullptr ? "one of " + OrList(ops)
                                                  : by == nullptr  ? "'by'"
                                                                   : "'over'"),
             "for example { count: order.id, by: order.ip, over: 24h }");
      return std::nullopt;
    }
    feature.on = static_cast<FeatureOn>(
        Word(node.Find("on"), "on", {FeatureOnWords().begin(), FeatureOnWords().end()})
            .value_or(0));
    if (over->text != "forever") {
      feature.over = ParseSpan(over->text);
      if (!feature.over) {
        Report("type-mismatch", *over, "over must be a time such as 90s, 15m, 24h, 7d, or forever");
        return std::nullopt;
      }
      if (*feature.over > pack_->retention) {
        Report("window", *over, "the window is longer than history is kept (retention)",
               "shorten it, raise 'retention', or count 'over: forever'");
      }
    }
    return PlanFeature(std::move(feature), *value, *by, node.Find("where"));
  }

  std::optional<Feature> PlanFeature(Feature feature, const YamlNode& value, const YamlNode& by,
                                     const YamlNode* where) {
    auto value_expression = Compile(value, "the value");
    auto by_expression = Compile(by, "by");
    std::optional<cel::Expression> where_expression;
    if (where != nullptr) where_expression = Compile(*where, "where");
    if (!value_expression || !by_expression || (where != nullptr && !where_expression)) {
      return std::nullopt;
    }
    bool fine = CheckScope(value, value_expression->program, true);
    fine = CheckScope(by, by_expression->program, true) && fine;
    if (where != nullptr) {
      fine = CheckScope(*where, where_expression->program, true) && fine;
      if (!IsBool(where_expression->type)) {
        Report("type-mismatch", *where,
               "where must be true or false, not " + where_expression->type.Text());
        fine = false;
      }
    }
    const bool wants_number = feature.op == FeatureOp::kSum || feature.op == FeatureOp::kAvg ||
                              feature.op == FeatureOp::kMin || feature.op == FeatureOp::kMax;
    const cel::TypeKind type = value_expression->type.kind();
    if (wants_number && type != cel::TypeKind::kInt && type != cel::TypeKind::kDouble &&
        type != cel::TypeKind::kUint) {
      Report("type-mismatch", value,
             "the value must be a number, not " + value_expression->type.Text());
      fine = false;
    }
    if (!fine) return std::nullopt;

    const std::string kind_text = cel::Unparse(*by_expression->tree);
    auto [kind, new_kind] = kinds_.try_emplace(kind_text, pack_->features.kinds.size() + 1);
    if (new_kind) pack_->features.kinds.push_back({std::move(by_expression->program), {}});
    feature.kind = static_cast<int>(kind->second);
    KindPlan& plan = pack_->features.kinds[kind->second - 1];
    const std::string value_text = cel::Unparse(*value_expression->tree);
    feature.value = value_text;
    feature.by = kind_text;
    if (where_expression) feature.where = cel::Unparse(*where_expression->tree);
    std::vector<SeriesText>& texts = series_[feature.kind];
    const bool distinct = feature.op == FeatureOp::kDistinct;
    const bool counts = !wants_number && !distinct;
    const SeriesText wanted = {feature.on, feature.where,
                               counts && !IsAlwaysKnown(value_text) ? value_text : "",
                               wants_number ? value_text : "", distinct ? value_text : ""};
    feature.series = static_cast<std::size_t>(
        std::find_if(texts.begin(), texts.end(),
                     [&](const SeriesText& text) { return text.Serves(wanted); }) -
        texts.begin());
    if (feature.series == texts.size()) {
      texts.push_back({feature.on, feature.where, wanted.present, "", ""});
      plan.series.emplace_back().on = feature.on;
      if (where_expression) plan.series.back().where = std::move(where_expression->program);
    }
    SeriesText& text = texts[feature.series];
    SeriesPlan& series = plan.series[feature.series];
    if (!wanted.number.empty()) {
      text.number = wanted.number;
      series.number = std::move(value_expression->program);
    } else if (!wanted.digest.empty()) {
      text.digest = wanted.digest;
      series.digest = std::move(value_expression->program);
    } else if (!wanted.present.empty()) {
      series.present = std::move(value_expression->program);
    }
    if (wants_number && IsMoney(value.text)) money_features_.insert(feature.name);
    return feature;
  }

  static bool IsBool(const cel::Type& type) {
    return type.Is(cel::TypeKind::kBool) || type.Is(cel::TypeKind::kDyn);
  }

  // ---- rules
  // -------------------------------------------------------------------------------------

  void ReadRules(const YamlNode& root) {
    const YamlNode* node = root.Find("rules");
    if (node == nullptr) return;
    if (!node->IsList()) return Report("type-mismatch", *node, "rules must be a list");
    if (node->list.size() > limits::kRules) {
      return Report("limit", *node, "more than " + std::to_string(limits::kRules) + " rules");
    }
    std::set<std::string> ids;
    for (const YamlNode& entry : node->list) {
      if (!entry.IsMap()) {
        Report("type-mismatch", entry, "a rule is a map with id, when and an effect");
        continue;
      }
      CheckKeys(entry, Section::kRule);
      const YamlNode* id = entry.Find("id");
      if (id == nullptr) {
        Report("missing-key", entry, "the rule has no id");
        continue;
      }
      if (!IsRuleId(id->text)) {
        Report("bad-name", *id, "a rule's id has lower-case letters, digits, '-' and '_'");
        continue;
      }
      if (IsOwnName(id->text)) {
        Report("bad-name", *id, "'" + id->text + "' is a reason of the engine's own");
        continue;
      }
      if (!ids.insert(id->text).second) {
        Report("duplicate-rule", *id, "there is another rule with the id '" + id->text + "'");
        continue;
      }
      ReadRule(entry, *id);
    }
  }

  void ReadRule(const YamlNode& node, const YamlNode& id) {
    Rule rule;
    rule.id = id.text;
    rule.title = Text(node.Find("title"), "title").value_or(rule.id);
    rule.code = Text(node.Find("code"), "code").value_or(ToConstantName(rule.id));
    rule.ask = Text(node.Find("ask"), "ask").value_or("");
    rule.hard = Flag(node.Find("hard"), "hard");
    rule.shadow = Word(node.Find("mode"), "mode", {"active", "shadow"}).value_or(0) == 1;
    const bool has_effect = ReadEffect(node, id, rule);
    ReadOnMissing(node, rule);
    ReadDeadline(node, rule);
    ReadReason(node, rule);

    const YamlNode* when = node.Find("when");
    if (when == nullptr) {
      return Report("missing-key", id, "the rule has no condition", "add 'when: ...'");
    }
    auto expression = Compile(*when, "when");
    if (!expression) return;
    if (!IsBool(expression->type)) {
      return Report("type-mismatch", *when,
                    "when must be true or false, not " + expression->type.Text());
    }
    if (!CheckScope(*when, expression->program, false)) return;
    const std::size_t before = diagnostics_.size();
    CheckCondition(*expression->tree, *pack_, file_, *when, diagnostics_);
    if (diagnostics_.size() > before) return;
    if (!CheckCertain(*when, *expression) || !has_effect) return;
    whens_.push_back(when);
    rule.when = std::move(*expression);
    rule.reads = rule.when.program.slots();
    pack_->rules.push_back(std::move(rule));
  }

  void ReadDeadline(const YamlNode& node, Rule& rule) {
    const YamlNode* deadline = node.Find("deadline");
    const YamlNode* then = node.Find("on_deadline");
    if (deadline == nullptr && then == nullptr) return;
    if (deadline == nullptr) {
      return Report("contradiction", *then,
                    "on_deadline says what follows a deadline, but none is set",
                    "add 'deadline: 48h'");
    }
    if (rule.effect != Effect::kHold) {
      return Report("contradiction", *deadline, "only a rule that holds has a deadline");
    }
    rule.deadline = ParseSpan(deadline->text);
    if (!rule.deadline) {
      return Report("type-mismatch", *deadline, "deadline must be a time such as 90m, 24h or 3d");
    }
    rule.on_deadline = static_cast<OnDeadline>(
        Word(then, "on_deadline", {OnDeadlineWords().begin(), OnDeadlineWords().end()})
            .value_or(0));
    if (rule.cause == Cause::kFunds && rule.on_deadline == OnDeadline::kShip) {
      Report("contradiction", *then, "funds are not released by time",
             "let the hold go on, or reject the order");
    }
  }

  // ---- people
  // ------------------------------------------------------------------------------------

  void ReadReview(const YamlNode& root) {
    ReviewPolicy& policy = pack_->review;
    const auto codes = [](std::initializer_list<const char*> words) {
      return std::vector<std::string>(words.begin(), words.end());
    };
    policy.release_reasons = codes({"confirmed_by_buyer", "documents_seen", "known_buyer",
                                    "address_corrected", "false_alarm", "low_risk", "other"});
    policy.reject_reasons = codes({"fraud", "unreachable", "wrong_details", "too_risky",
                                   "buyer_withdrew", "not_paid", "other"});
    policy.hold_reasons = codes(
        {"waiting_for_buyer", "waiting_for_documents", "suspicious", "not_available", "other"});
    const YamlNode* node = root.Find("review");
    if (node == nullptr) return;
    if (!node->IsMap()) {
      return Report("type-mismatch", *node,
                    "review must be a map such as { second_person_above: { review: 500 } }");
    }
    CheckKeys(*node, Section::kReview);
    ReadReasons(node->Find("release_reasons"), policy.release_reasons);
    ReadReasons(node->Find("reject_reasons"), policy.reject_reasons);
    ReadReasons(node->Find("hold_reasons"), policy.hold_reasons);
    const YamlNode* above = node->Find("second_person_above");
    if (above == nullptr) return;
    if (!above->IsMap()) {
      return Report("type-mismatch", *above,
                    "second_person_above must be a map such as { review: 500, admin: 5000 }");
    }
    for (const auto& [key, value] : above->members) {
      if (key.text != "review" && key.text != "admin") {
        Report("unknown-key", key, "there is no role '" + key.text + "'", "review or admin");
        continue;
      }
      const auto amount = Number(value, "an amount");
      if (!amount) continue;
      const auto minor = FromUnits(*amount, pack_->amounts->base());
      if (!minor) {
        Report("limit", value, "the amount is too large");
        continue;
      }
      (key.text == "admin" ? policy.above_admin : policy.above_review) = *minor;
    }
    pack_->funds.second_above = policy.above_review;
  }

  void ReadReasons(const YamlNode* node, std::vector<std::string>& codes) {
    if (node == nullptr) return;
    if (!node->IsList() || node->list.empty()) {
      return Report("type-mismatch", *node, "reasons must be a list of codes");
    }
    codes.clear();
    for (const YamlNode& entry : node->list) {
      if (!entry.IsScalar() || !IsRuleId(entry.text)) {
        Report("bad-name", entry, "a reason's code has lower-case letters, digits, '-' and '_'");
        continue;
      }
      codes.push_back(entry.text);
    }
  }

  void ReadPacking(const YamlNode& root) {
    const YamlNode* node = root.Find("packing");
    if (node == nullptr) return;
    if (!node->IsMap()) {
      return Report("type-mismatch", *node,
                    "packing must be a map such as { evidence: CONDITION }");
    }
    CheckKeys(*node, Section::kPacking);
    pack_->permit_required = Flag(node->Find("permit_required"), "permit_required");
    const YamlNode* evidence = node->Find("evidence");
    if (evidence == nullptr) return;
    auto expression = Compile(*evidence, "evidence");
    if (!expression || !CheckScope(*evidence, expression->program, false)) return;
    if (!IsBool(expression->type)) {
      return Report("type-mismatch", *evidence,
                    "evidence must be true or false, not " + expression->type.Text());
    }
    pack_->evidence = std::move(*expression);
  }

  // A condition that is certain before any order is seen either never fires or always does.
  bool CheckCertain(const YamlNode& when, const cel::Expression& expression) {
    cel::Truth truth = cel::TruthOf(*expression.tree, BoundsOfValues(*pack_));
    std::string fault;
    if (expression.program.slots().empty()) {
      const cel::Value value = cel::Machine().Run(expression.program, nullptr);
      truth = value.IsTrue() ? cel::Truth::kAlways : cel::Truth::kNever;
      if (value.IsAbsent()) fault = cel::ToText(value);
    }
    if (truth == cel::Truth::kNever) {
      Report("never-fires", when,
             fault.empty() ? "the condition is never true" : "the condition always fails: " + fault,
             "correct it or delete the rule");
      return false;
    }
    if (truth == cel::Truth::kAlways) {
      Warn("always-fires", when, "the condition is always true");
    }
    return true;
  }

  bool ReadEffect(const YamlNode& node, const YamlNode& id, Rule& rule) {
    const std::vector<std::pair<std::string_view, Effect>> effects = {{"reject", Effect::kReject},
                                                                      {"allow", Effect::kAllow},
                                                                      {"hold", Effect::kHold},
                                                                      {"points", Effect::kPoints},
                                                                      {"advise", Effect::kAdvise}};
    const YamlNode* value = nullptr;
    for (const auto& [name, effect] : effects) {
      const YamlNode* found = node.Find(name);
      if (found == nullptr) continue;
      if (value != nullptr) {
        Report("contradiction", *found, "a rule has one effect, this one has two");
        return false;
      }
      value = found;
      rule.effect = effect;
    }
    if (value == nullptr) {
      Report("missing-key", id, "the rule has no effect",
             "add one of reject: true, allow: true, hold: CAUSE, points: N, advise: TEXT");
      return false;
    }
    const auto names = NamesOf<Cause>().subspan(1);
    const std::vector<std::string_view> causes(names.begin(), names.end());
    const auto cause_of = [&](const YamlNode* cause, std::string_view what) {
      const auto index = Word(cause, what, causes);
      if (index) rule.cause = static_cast<Cause>(*index + 1);
      return index.has_value();
    };
    if (const YamlNode* cause = node.Find("cause")) {
      if (rule.effect != Effect::kPoints) {
        Report("contradiction", *cause,
               "only a points rule has a cause of its own; write 'hold: CAUSE'");
        return false;
      }
      if (!cause_of(cause, "cause")) return false;
    }
    switch (rule.effect) {
      case Effect::kHold:
        return cause_of(value, "hold");
      case Effect::kPoints: {
        const auto points = Whole(value, "points", -100, 100);
        rule.points = static_cast<int>(points.value_or(0));
        if (points && *points == 0) Report("never-fires", *value, "0 points have no effect");
        return points.has_value();
      }
      case Effect::kAdvise:
        advice_ = value;
        return Text(value, "advise").has_value();
      default:
        if (value->text != "true") {
          Report("type-mismatch", *value,
                 "write 'true'; a rule without this effect leaves the key out");
          return false;
        }
        return true;
    }
  }

  void ReadOnMissing(const YamlNode& node, Rule& rule) {
    const bool closes = rule.effect == Effect::kHold || rule.effect == Effect::kReject;
    rule.on_missing = closes ? OnMissing::kHold : OnMissing::kSkip;
    const YamlNode* given = node.Find("on_missing");
    const auto index =
        Word(given, "on_missing", {OnMissingWords().begin(), OnMissingWords().end()});
    if (!index) return;
    rule.on_missing = static_cast<OnMissing>(*index);
    const bool opens =
        rule.effect == Effect::kAllow || (rule.effect == Effect::kPoints && rule.points < 0);
    if (opens && rule.on_missing == OnMissing::kMatch) {
      Report("fails-open", *given,
             "a rule that speaks for the order may not match on missing facts",
             "a missing fact must never turn a hold into a ship");
    }
  }

  void ReadReason(const YamlNode& node, Rule& rule) {
    const YamlNode* text = node.Find("reason");
    if (text == nullptr && rule.effect == Effect::kAdvise) text = advice_;
    if (text == nullptr) {
      rule.reason.source = rule.title;
      rule.reason.parts.push_back({rule.title, std::nullopt, false});
      return;
    }
    if (!text->IsScalar()) return Report("type-mismatch", *text, "reason must be a text");
    rule.reason = ReadTemplate(*text);
  }

  // Where the brace closes that was opened before `at`; braces in texts and maps do not close it.
  static std::size_t EndOfExpression(const std::string& text, std::size_t at) {
    int depth = 0;
    char quote = '\0';
    for (; at < text.size(); ++at) {
      const char c = text[at];
      if (quote != '\0') {
        if (c == '\\') ++at;
        if (c == quote) quote = '\0';
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '{') {
        ++depth;
      } else if (c == '}' && depth-- == 0) {
        return at;
      }
    }
    return std::string::npos;
  }

  Template ReadTemplate(const YamlNode& node) {
    Template made;
    made.source = node.text;
    const std::string& text = node.text;
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
      const char c = text[at];
      const bool doubled = at + 1 < text.size() && text[at + 1] == c;
      if ((c == '{' || c == '}') && doubled) {
        plain += c;
        ++at;
      } else if (c == '{') {
        const std::size_t end = EndOfExpression(text, at + 1);
        if (end == std::string::npos) {
          cel::Issue issue{"syntax",
                           {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + 1)},
                           "'{' is not closed",
                           "write '{{' for a brace"};
          diagnostics_.push_back(file_.At(Severity::kError, node, issue));
          return made;
        }
        ReadTemplateExpression(node, at + 1, end, plain, made);
        plain.clear();
        at = end;
      } else {
        plain += c;
      }
    }
    made.parts.push_back({std::move(plain), std::nullopt, false});
    return made;
  }

  // Is the expression one fact or feature that is an amount in base currency?
  bool IsMoney(std::string_view name) const {
    return name.ends_with("_base") || name == "buyer.spend" || money_features_.contains(name);
  }

  void ReadTemplateExpression(const YamlNode& node, std::size_t begin, std::size_t end,
                              const std::string& plain, Template& made) {
    cel::Issues issues;
    auto expression =
        cel::CompileExpression(node.text.substr(begin, end - begin), pack_->environment, issues);
    for (cel::Issue& issue : issues) {
      issue.range.begin += static_cast<std::uint32_t>(begin);
      issue.range.end += static_cast<std::uint32_t>(begin);
      diagnostics_.push_back(file_.At(Severity::kError, node, issue));
    }
    if (!expression || !CheckScope(node, expression->program, false)) return;
    const std::string_view source = Trim(std::string_view(node.text).substr(begin, end - begin));
    const bool is_money = expression->type.Is(cel::TypeKind::kDouble) && IsMoney(source);
    made.parts.push_back({plain, std::move(expression), is_money});
  }

  // ---- the whole
  // ---------------------------------------------------------------------------------

  void CheckWhole(const YamlNode& root) {
    const YamlNode* rules = root.Find("rules");
    const YamlNode& at = rules == nullptr ? root : *rules;
    if (CountErrors(diagnostics_) > 0) return;
    int points = 0;
    bool can_hold = false;
    for (const Rule& rule : pack_->rules) {
      if (rule.shadow) continue;
      can_hold = can_hold || rule.effect == Effect::kHold || rule.effect == Effect::kReject;
      if (rule.effect == Effect::kPoints && rule.points > 0) points += rule.points;
    }
    if (pack_->hold_threshold > 0 && points >= pack_->hold_threshold) can_hold = true;
    if (!can_hold) {
      std::string help = "add an active rule with 'hold' or 'reject'";
      if (pack_->hold_threshold > 0) {
        help = "all points together are " + std::to_string(points) + ", the threshold is " +
               std::to_string(pack_->hold_threshold);
      } else if (points > 0) {
        help = "points need a threshold: add 'thresholds: { hold: 50 }'";
      }
      Report("never-holds", at, "no rule of this pack can ever hold an order", help);
    } else if (points > 0 && pack_->hold_threshold == 0) {
      Warn("never-fires", at, "rules give points, but there is no threshold",
           "add 'thresholds: { hold: 50 }'");
    } else if (pack_->hold_threshold > points && points > 0) {
      Warn("never-fires", at,
           "all points together are " + std::to_string(points) + ", less than the threshold " +
               std::to_string(pack_->hold_threshold));
    }
    WarnUnused();
    CheckRules(*pack_, file_, whens_, diagnostics_);
  }

  bool ReadsLinks() const {
    const auto linked = [](int slot) {
      return static_cast<std::size_t>(slot) < Facts().size() &&
             Facts()[static_cast<std::size_t>(slot)].name.starts_with("linked.");
    };
    const auto reads = [&linked](const std::vector<int>& slots) {
      return std::any_of(slots.begin(), slots.end(), linked);
    };
    for (const Rule& rule : pack_->rules) {
      if (reads(rule.reads)) return true;
      for (const auto& part : rule.reason.parts) {
        if (part.expression && reads(part.expression->program.slots())) return true;
      }
    }
    return pack_->evidence && reads(pack_->evidence->program.slots());
  }

  // Is `text` a fact that is never missing?
  static bool IsAlwaysKnown(std::string_view text) {
    const auto fact = std::find_if(Facts().begin(), Facts().end(),
                                   [text](const Fact& f) { return f.name == text; });
    return fact != Facts().end() && fact->missing_when.empty();
  }

  // See Pack::fold.
  std::string FoldText() const {
    Sha256 fold;
    const auto add = [&fold](std::string_view text) {
      fold.Add(std::to_string(text.size()) + ":");
      fold.Add(text);
    };
    add(pack_->features.links ? "links" : "");
    add("engine " + std::to_string(kEngineVersion));
    AddTables(*pack_, add);
    for (const Feature& feature : pack_->features.features) {
      add(std::to_string(static_cast<int>(feature.op)));
      for (const std::string& part : {feature.by, feature.value, feature.where}) add(part);
      for (const std::size_t part : {static_cast<std::size_t>(feature.on), feature.series,
                                     static_cast<std::size_t>(feature.kind)}) {
        add(std::to_string(part));
      }
    }
    for (const PackList& list : pack_->lists) {
      add(list.name);
      add(std::to_string(static_cast<int>(list.type)));
      // What a feature's condition reads of a list shapes what is counted.
      if (read_by_features_.contains(list.slot)) add(pack_->hash);
    }
    return fold.Hex();
  }

  void WarnUnused() {
    std::set<int> read;
    for (const Rule& rule : pack_->rules) {
      read.insert(rule.reads.begin(), rule.reads.end());
      for (const auto& part : rule.reason.parts) {
        if (part.expression) {
          const auto& slots = part.expression->program.slots();
          read.insert(slots.begin(), slots.end());
        }
      }
    }
    for (std::size_t i = 0; i < pack_->features.features.size(); ++i) {
      const Feature& feature = pack_->features.features[i];
      if (read.contains(feature.slot)) continue;
      Warn("unused", *feature_keys_[i], "no rule reads the feature '" + feature.name + "'");
    }
    read.insert(read_by_features_.begin(), read_by_features_.end());
    for (std::size_t i = 0; i < pack_->lists.size(); ++i) {
      const PackList& list = pack_->lists[i];
      if (read.contains(list.slot)) continue;
      Warn("unused", *list_keys_[i], "no rule or feature reads the list '" + list.name + "'");
    }
  }

  std::shared_ptr<Pack> pack_ = std::make_shared<Pack>();
  bool gate_is_open_ = false;
  // What a series is made of, as texts; empty: nothing.
  struct SeriesText {
    FeatureOn on;
    std::string where, present, number, digest;

    // Does it hold what `wanted` wants, or can it without another entry?
    bool Serves(const SeriesText& wanted) const {
      const auto fits = [](const std::string& mine, const std::string& its) {
        return its.empty() || mine.empty() || mine == its;
      };
      return on == wanted.on && where == wanted.where && present == wanted.present &&
             fits(number, wanted.number) && fits(digest, wanted.digest);
    }
  };
  std::map<std::string, std::size_t> kinds_;
  std::map<int, std::vector<SeriesText>> series_;  // by kind
  std::set<std::string, std::less<>> money_features_;
  std::vector<const YamlNode*> feature_keys_, list_keys_;
  std::set<int> read_by_features_;      // slots
  std::vector<const YamlNode*> whens_;  // of the rules
  const YamlNode* advice_ = nullptr;
};

}  // namespace

std::shared_ptr<const Pack> CompilePack(const std::string& name, std::string text,
                                        const std::string& folder, Diagnostics& diagnostics) {
  const YamlFile file = YamlFile::Parse(name, std::move(text), diagnostics);
  auto pack = PackCompiler(file, folder, diagnostics).Run();
  // Found in stages, shown from top to bottom.
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
