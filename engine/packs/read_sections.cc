#include "engine/packs/read_sections.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/features/facts.h"
#include "engine/model/names.h"
#include "engine/packs/keys.h"
#include "engine/packs/question_templates.h"

namespace holdfast {
namespace {

class SectionReader {
 public:
  SectionReader(PackReader& reader, PackDraft& draft) : reader_(reader), draft_(draft) {}

  void ReadHead(const YamlNode& root) {
    if (const YamlNode* name = root.Find("pack")) {
      if (const auto text = reader_.Text(name, "pack")) draft_.pack->name = *text;
      if (!IsRuleId(draft_.pack->name)) {
        reader_.Report("bad-name", *name,
                       "a pack's name has lower-case letters, digits, '-' and '_'");
      }
    } else {
      reader_.Report("missing-key", root, "the pack has no name", "add 'pack: my-pack'");
    }
    const YamlNode* version = root.Find("version");
    if (version == nullptr) {
      reader_.Report("missing-key", root, "the pack has no version", "add 'version: 1'");
    }
    draft_.pack->version = reader_.Whole(version, "version", 1, 1'000'000'000).value_or(0);
    constexpr std::string_view kDefaultReview = "24h";
    // A year and the season after it.
    constexpr std::string_view kDefaultRetention = "400d";
    const YamlNode* within = root.Find("review_within");
    const auto span =
        ParseSpan(within == nullptr ? kDefaultReview : std::string_view(within->text));
    if (!span)
      reader_.Report("type-mismatch", *within,
                     "review_within must be a time such as 90m, 24h or 3d");
    draft_.pack->review_within = span.value_or(0);
    const YamlNode* retention = root.Find("retention");
    const auto kept =
        ParseSpan(retention == nullptr ? kDefaultRetention : std::string_view(retention->text));
    if (!kept)
      reader_.Report("type-mismatch", *retention, "retention must be a time such as 90d or 400d");
    draft_.pack->retention = kept.value_or(0);
  }

  void ReadFunds(const YamlNode& root) {
    const YamlNode* funds = root.Find("funds");
    const YamlNode* when = funds == nullptr || !funds->IsMap() ? nullptr : funds->Find("ship_when");
    if (when == nullptr) {
      reader_.Report("no-funds-gate", funds == nullptr ? root : *funds,
                     "the pack does not say when the money is sure enough to ship",
                     "add 'funds: { ship_when: [certain] }'");
      return;
    }
    reader_.CheckKeys(*funds, Section::kFunds);
    if (!when->IsList() || when->list.empty()) {
      reader_.Report("no-funds-gate", *when, "ship_when must list at least one certainty",
                     "write 'ship_when: [certain]'");
      return;
    }
    const auto names = NamesOf<FundsCertainty>();
    const std::vector<std::string_view> words(names.begin(), names.end());
    for (const YamlNode& entry : when->list) {
      if (const auto index = reader_.Word(&entry, "a certainty", words))
        draft_.pack->ship_when[*index] = true;
    }
    auto& reserved = draft_.pack->ship_when[static_cast<std::size_t>(FundsCertainty::kReserved)];
    if (const auto choice = reader_.Word(funds->Find("reserved"), "reserved", {"hold", "ship"})) {
      if (*choice == 0 && reserved) {
        reader_.Report("contradiction", *funds->Find("reserved"),
                       "ship_when lists reserved, and this holds it");
      }
      reserved = *choice == 1;
    }
    std::vector<std::string_view> unsafe;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto certainty = static_cast<FundsCertainty>(i);
      const bool safe =
          certainty == FundsCertainty::kCertain || certainty == FundsCertainty::kReserved;
      if (draft_.pack->ship_when[i] && !safe) unsafe.push_back(words[i]);
    }
    const bool gate_is_open = std::all_of(draft_.pack->ship_when.begin(),
                                          draft_.pack->ship_when.end(), [](bool b) { return b; });
    if (gate_is_open) {
      reader_.Warn("open-funds-gate", *when,
                   "the funds gate is open: orders ship whatever became of their money");
    } else if (!unsafe.empty()) {
      reader_.Warn("open-funds-gate", *when,
                   "orders ship although their funds are " + OrList(unsafe));
    }
  }

  void ReadPayments(const YamlNode& root) {
    const YamlNode* node = root.Find("payments");
    if (node != nullptr && !node->IsMap()) {
      return reader_.Report("type-mismatch", *node,
                            "payments must be a map of aliases and trust_shop");
    }
    if (node != nullptr) {
      reader_.CheckKeys(*node, Section::kPayments);
      if (const YamlNode* aliases = node->Find("aliases")) ReadAliases(*aliases);
      if (const YamlNode* trusted = node->Find("trust_shop")) {
        if (!trusted->IsList() || trusted->list.empty()) {
          return reader_.Report("type-mismatch", *trusted,
                                "trust_shop must be a list of gateways such as [gift_card]");
        }
        for (const YamlNode& entry : trusted->list) {
          if (const auto text = reader_.Text(&entry, "a gateway")) {
            draft_.pack->funds.trust_shop.insert(draft_.pack->funds.NameOf(*text));
          }
        }
      }
    }
    // The names of methods depend on the aliases, which are read before.
    if (const YamlNode* funds = root.Find("funds")) ReadMethods(funds->Find("methods"));
  }

  void ReadThresholds(const YamlNode& root) {
    const YamlNode* node = root.Find("thresholds");
    if (node == nullptr) return;
    if (!node->IsMap())
      return reader_.Report("type-mismatch", *node,
                            "thresholds must be a map such as { hold: 50 }");
    reader_.CheckKeys(*node, Section::kThresholds);
    draft_.pack->hold_threshold =
        static_cast<int>(reader_.Whole(node->Find("hold"), "thresholds.hold", 1, 100).value_or(0));
  }

  void ReadLists(const YamlNode& root) {
    const YamlNode* node = root.Find("lists");
    if (node == nullptr) return;
    if (!node->IsMap())
      return reader_.Report("type-mismatch", *node, "lists must be a map of names to lists");
    if (node->members.size() > limits::kLists) {
      return reader_.Report("limit", *node,
                            "more than " + std::to_string(limits::kLists) + " lists");
    }
    for (const auto& [key, value] : node->members) {
      if (!IsName(key.text)) {
        reader_.Report("bad-name", key, "a list's name has lower-case letters, digits and '_'");
        continue;
      }
      if (!value.IsMap()) {
        reader_.Report("type-mismatch", key,
                       "a list is a map such as { file: names.txt, type: text }");
        continue;
      }
      reader_.CheckKeys(value, Section::kList);
      PackList list;
      list.name = key.text;
      const std::vector<std::string_view> types(ListTypeWords().begin(), ListTypeWords().end());
      list.type =
          static_cast<ListType>(reader_.Word(value.Find("type"), "type", types).value_or(0));
      list.dynamic = reader_.Flag(value.Find("dynamic"), "dynamic").value_or(false);
      const YamlNode* file = value.Find("file");
      const YamlNode* values = value.Find("values");
      if (file == nullptr && values == nullptr && !list.dynamic) {
        reader_.Report("missing-key", key, "the list has no entries and cannot get any",
                       "give a file or values, or 'dynamic: true'");
      }
      if (values != nullptr) {
        if (!values->IsList()) reader_.Report("type-mismatch", *values, "values must be a list");
        for (const YamlNode& entry : values->list) AddEntry(list, entry.text, entry, {});
      }
      if (file != nullptr) ReadListFile(list, *file);
      list.networks.Seal();
      // A key that is given twice was reported already.
      if (draft_.pack->environment.FindVariable("lists." + key.text) != nullptr) continue;
      list.slot = draft_.pack->environment.AddVariable("lists." + key.text, cel::ParseType("set"));
      draft_.pack->lists.push_back(std::move(list));
      draft_.list_keys.push_back(&key);
    }
  }

  void ReadReview(const YamlNode& root) {
    ReviewPolicy& policy = draft_.pack->review;
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
      return reader_.Report(
          "type-mismatch", *node,
          "review must be a map such as { second_person_above: { review: 500 } }");
    }
    reader_.CheckKeys(*node, Section::kReview);
    ReadReasons(node->Find("release_reasons"), policy.release_reasons);
    ReadReasons(node->Find("reject_reasons"), policy.reject_reasons);
    ReadReasons(node->Find("hold_reasons"), policy.hold_reasons);
    ReadKinds(node->Find("block_lists"), policy.block_lists);
    ReadKinds(node->Find("trust_lists"), policy.trust_lists);
    CheckTrust(node->Find("trust_lists"));
    ReadTemplates(node->Find("templates"));
    const YamlNode* above = node->Find("second_person_above");
    if (above == nullptr) return;
    if (!above->IsMap()) {
      return reader_.Report(
          "type-mismatch", *above,
          "second_person_above must be a map such as { review: 500, admin: 5000 }");
    }
    for (const auto& [key, value] : above->members) {
      if (key.text != "review" && key.text != "admin") {
        reader_.Report("unknown-key", key, "there is no role '" + key.text + "'",
                       "review or admin");
        continue;
      }
      const auto amount = reader_.Number(&value, "an amount");
      if (!amount) continue;
      const auto minor = FromUnits(*amount, draft_.pack->amounts->base());
      if (!minor) {
        reader_.Report("limit", value, "the amount is too large");
        continue;
      }
      (key.text == "admin" ? policy.above_admin : policy.above_review) = *minor;
    }
    if (!policy.above_admin) policy.above_admin = policy.above_review;
    draft_.pack->funds.second_above = policy.above_review;
  }

  void ReadPacking(const YamlNode& root) {
    const YamlNode* node = root.Find("packing");
    if (node == nullptr) return;
    if (!node->IsMap()) {
      return reader_.Report("type-mismatch", *node,
                            "packing must be a map such as { evidence: CONDITION }");
    }
    reader_.CheckKeys(*node, Section::kPacking);
    draft_.pack->permit_required =
        reader_.Flag(node->Find("permit_required"), "permit_required").value_or(false);
    const YamlNode* evidence = node->Find("evidence");
    if (evidence == nullptr) return;
    auto expression = CompileIn(reader_, draft_, *evidence, "evidence");
    if (!expression || !CheckScope(reader_, draft_, *evidence, expression->program, false)) return;
    if (!IsBool(expression->type)) {
      return reader_.Report("type-mismatch", *evidence,
                            "evidence must be true or false, not " + expression->type.Text());
    }
    draft_.pack->evidence = std::move(*expression);
  }

 private:
  void ReadMethods(const YamlNode* node) {
    if (node == nullptr) return;
    if (!node->IsMap()) {
      return reader_.Report("type-mismatch", *node,
                            "methods must be a map such as { cod: [none] }");
    }
    const auto names = NamesOf<FundsCertainty>();
    const std::vector<std::string_view> words(names.begin(), names.end());
    for (const auto& [key, value] : node->members) {
      CertaintySet& gate = draft_.pack->funds.methods[draft_.pack->funds.NameOf(key.text)];
      if (!value.IsList() || value.list.empty()) {
        reader_.Report("type-mismatch", key,
                       "give the certainties that are enough: '" + key.text + ": [reserved]'");
        continue;
      }
      for (const YamlNode& entry : value.list) {
        if (const auto index = reader_.Word(&entry, "a certainty", words)) gate[*index] = true;
      }
      const bool unsafe = gate[static_cast<std::size_t>(FundsCertainty::kContested)] ||
                          gate[static_cast<std::size_t>(FundsCertainty::kLost)];
      if (unsafe) {
        reader_.Report("contradiction", key,
                       "money that is contested or lost is never enough for a part of an order");
      }
    }
  }

  void ReadAliases(const YamlNode& aliases) {
    if (!aliases.IsMap()) {
      return reader_.Report("type-mismatch", aliases,
                            "aliases must be a map such as { paypal: [ppcp-gateway] }");
    }
    for (const auto& [key, value] : aliases.members) {
      if (!value.IsList()) {
        reader_.Report("type-mismatch", key, "give a list: '" + key.text + ": [its other name]'");
        continue;
      }
      for (const YamlNode& entry : value.list) {
        const auto text = reader_.Text(&entry, "a name");
        if (!text) continue;
        const std::string provider = NormalName(key.text);
        const auto [at, added] = draft_.pack->funds.aliases.emplace(NormalName(*text), provider);
        if (!added && at->second != provider) {
          reader_.Report("contradiction", entry,
                         "'" + *text + "' is a name of '" + at->second + "' already",
                         "a name means one provider or method");
        }
      }
    }
  }

  void ReadListFile(PackList& list, const YamlNode& name) {
    const auto bytes = reader_.ReadPackFile(name, limits::kListBytes);
    if (!bytes) return;
    PackReader::ForEachEntry(*bytes, [&](std::size_t number, std::string_view line) {
      AddEntry(list, line, name, name.text + ", line " + std::to_string(number) + ": ");
    });
  }

  void AddEntry(PackList& list, std::string_view text, const YamlNode& at,
                const std::string& where) {
    std::string entry = NormaliseEntry(list.type, text);
    if (const std::string fault = FaultOfEntry(list.type, entry); !fault.empty()) {
      return reader_.Report("bad-entry", at, where + fault);
    }
    if (list.type == ListType::kIp) return list.networks.Add(*NetworkOfEntry(entry));
    list.texts.Add(entry);
    if (list.type == ListType::kName) list.names.Add(entry);
  }

  void ReadReasons(const YamlNode* node, std::vector<std::string>& codes) {
    if (node == nullptr) return;
    if (!node->IsList() || node->list.empty()) {
      return reader_.Report("type-mismatch", *node, "reasons must be a list of codes");
    }
    codes.clear();
    for (const YamlNode& entry : node->list) {
      if (!entry.IsScalar() || !IsRuleId(entry.text)) {
        reader_.Report("bad-name", entry,
                       "a reason's code has lower-case letters, digits, '-' and '_'");
        continue;
      }
      codes.push_back(entry.text);
    }
  }

  // Reads a map of kinds of values to names of lists.
  void ReadKinds(const YamlNode* node, std::map<std::string, std::string>& lists) {
    if (node == nullptr) return;
    if (!node->IsMap()) {
      return reader_.Report("type-mismatch", *node,
                            "must be a map such as { email: blocked_emails }");
    }
    const std::vector<std::string_view> kinds(BlockKinds().begin(), BlockKinds().end());
    for (const auto& [key, value] : node->members) {
      if (std::find(kinds.begin(), kinds.end(), key.text) == kinds.end()) {
        reader_.Report("unknown-key", key, "there is no kind '" + key.text + "'", OrList(kinds));
        continue;
      }
      const auto& all = draft_.pack->lists;
      const auto list = std::find_if(all.begin(), all.end(),
                                     [&](const PackList& l) { return l.name == value.text; });
      const ListType type = key.text == "email" ? ListType::kEmail
                            : key.text == "ip"  ? ListType::kIp
                                                : ListType::kText;
      if (list == all.end() || !list->dynamic || list->type != type) {
        reader_.Report("list-type", value,
                       "'" + value.text + "' is no dynamic list of the type " +
                           std::string(ListTypeWords()[static_cast<std::size_t>(type)]),
                       "declare it under 'lists'");
        continue;
      }
      lists[key.text] = value.text;
    }
  }

  void ReadTemplates(const YamlNode* node) {
    if (node == nullptr) return;
    constexpr const char* kLike = "must be a map such as { confirm: { en: \"Is it yours?\" } }";
    if (!node->IsMap()) return reader_.Report("type-mismatch", *node, kLike);
    for (const auto& [name, languages] : node->members) {
      if (!languages.IsMap()) {
        reader_.Report("type-mismatch", name, kLike);
        continue;
      }
      for (const auto& [language, value] : languages.members) {
        const auto text = reader_.Text(&value, "a template");
        if (!text) continue;
        if (const std::string fault = FaultOfQuestion(*text); !fault.empty()) {
          reader_.Report("bad-entry", value, fault);
          continue;
        }
        draft_.pack->review.templates[name.text][language.text] = *text;
      }
    }
  }

  // Trust overrides neither rejections nor hard rules, so these cannot depend on it.
  void CheckTrust(const YamlNode* node) {
    if (node == nullptr) return;
    for (const auto& [kind, name] : draft_.pack->review.trust_lists) {
      const PackList& list =
          *std::find_if(draft_.pack->lists.begin(), draft_.pack->lists.end(),
                        [&name = name](const PackList& l) { return l.name == name; });
      for (const Rule& rule : draft_.pack->rules) {
        const bool firm = rule.hard || rule.effect == Effect::kReject;
        const bool reads =
            std::find(rule.reads.begin(), rule.reads.end(), list.slot) != rule.reads.end();
        if (!firm || !reads) continue;
        reader_.Report(
            "contradiction", *node,
            "rule '" + rule.id + "' is hard or rejects, and reads the trust list '" + name + "'",
            "trust overrides no such rule; use another list");
      }
    }
  }

  PackReader& reader_;
  PackDraft& draft_;
};

}  // namespace

void ReadHead(PackReader& reader, const YamlNode& root, PackDraft& draft) {
  SectionReader(reader, draft).ReadHead(root);
}

void ReadFunds(PackReader& reader, const YamlNode& root, PackDraft& draft) {
  SectionReader(reader, draft).ReadFunds(root);
  SectionReader(reader, draft).ReadPayments(root);
}

void ReadThresholds(PackReader& reader, const YamlNode& root, PackDraft& draft) {
  SectionReader(reader, draft).ReadThresholds(root);
}

void ReadLists(PackReader& reader, const YamlNode& root, PackDraft& draft) {
  SectionReader(reader, draft).ReadLists(root);
}

void ReadReview(PackReader& reader, const YamlNode& root, PackDraft& draft) {
  SectionReader(reader, draft).ReadReview(root);
}

void ReadPacking(PackReader& reader, const YamlNode& root, PackDraft& draft) {
  SectionReader(reader, draft).ReadPacking(root);
}

}  // namespace holdfast
