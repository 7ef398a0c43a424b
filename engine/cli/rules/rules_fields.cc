#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "engine/base/enum_names.h"
#include "engine/base/text.h"
#include "engine/cli/rules/rules_commands.h"
#include "engine/cli/ui/terminal.h"
#include "engine/codec/json_object.h"
#include "engine/features/facts.h"
#include "engine/features/functions.h"
#include "engine/features/payment_facts.h"
#include "engine/packs/keys.h"

namespace holdfast::cli {
namespace {

struct Options {
  std::string pack;
  std::string filter;
  bool json = false;
};

// One name that a condition may use.
struct Entry {
  std::string_view group;  // fact, item, payment, feature, list, function
  std::string name;
  std::string type;
  std::string unit;
  std::string words;  // its possible values, separated by blanks
  std::string meaning;
  std::string missing_when;  // empty: never missing
  std::string where;         // rules, features, or both
  std::string example;
};

std::string Joined(std::span<const std::string_view> words) {
  std::string text;
  for (const auto word : words) text += (text.empty() ? "" : " ") + std::string(word);
  return text;
}

void AddFacts(const Pack* pack, std::vector<Entry>& entries) {
  constexpr std::string_view kWhere[] = {"rules and features", "rules", "features"};
  for (const Fact& fact : Facts()) {
    std::string words = Joined(fact.words);
    if (fact.name == "amount.tier" && pack != nullptr) {
      for (const std::string& tier : pack->amounts->tier_names()) {
        words += (words.empty() ? "" : " ") + tier;
      }
    }
    entries.push_back({"fact", std::string(fact.name),
                       fact.type == "items"      ? "list(item)"
                       : fact.type == "payments" ? "list(payment)"
                                                 : std::string(fact.type),
                       std::string(NameOf(fact.unit)), std::move(words), std::string(fact.meaning),
                       std::string(fact.missing_when), std::string(NameIn(kWhere, fact.scope)),
                       ExampleOf(fact)});
  }
}

// Adds the fields of a list of records. `always`: fields that are never missing.
void AddRecordFields(const cel::RecordType& record, const std::string& list, const char* where,
                     std::string_view missing_when, std::initializer_list<std::string_view> always,
                     std::vector<Entry>& entries) {
  const std::string one(1, record.name.front());
  for (const auto& field : record.fields) {
    Entry entry;
    entry.group = record.name;
    entry.name = field.name;
    entry.type = field.type.Text();
    for (const std::string& word : field.words)
      entry.words += (entry.words.empty() ? "" : " ") + word;
    entry.meaning = "of each of " + list;
    const bool given = std::find(always.begin(), always.end(), field.name) != always.end();
    if (!given) entry.missing_when = missing_when;
    entry.where = where;
    const std::string test = field.type.Is(cel::TypeKind::kBool)     ? ""
                             : field.type.Is(cel::TypeKind::kInt)    ? " > 3"
                             : field.type.Is(cel::TypeKind::kDouble) ? " > 100.0"
                             : field.words.empty()                   ? ".contains('x')"
                                                   : " == '" + field.words.back() + "'";
    entry.example = list + ".exists(" + one + ", " + one + "." + field.name + test + ")";
    entries.push_back(std::move(entry));
  }
}

void AddOwn(const Pack& pack, std::vector<Entry>& entries) {
  for (const Feature& f : pack.features.features) {
    std::string meaning = std::string(FeatureOpWords()[static_cast<std::size_t>(f.op)]) + " of " +
                          f.value + " by " + f.by;
    if (!f.where.empty()) meaning += " where " + f.where;
    const cel::Type type = TypeOf(f.op);
    const std::string test = type.Is(cel::TypeKind::kTimestamp)
                                 ? " > timestamp('2026-01-01T00:00:00Z')"
                             : type.Is(cel::TypeKind::kDouble) ? " > 200.0"
                                                               : " > 3";
    entries.push_back({"feature", f.name, type.Text(), "", "", std::move(meaning),
                       "the order lacks what '" + f.by + "' reads", "rules", f.name + test});
  }
  constexpr std::string_view kExamples[] = {"order.id",         "order.shipping.address.country",
                                            "email.canonical",  "email.domain",
                                            "order.ip",         "order.shipping.name",
                                            "order.buyer.phone"};
  for (const PackList& list : pack.lists) {
    const auto type = static_cast<std::size_t>(list.type);
    entries.push_back(
        {"list", "lists." + list.name, "list of " + std::string(ListTypeWords()[type]), "", "",
         Grouped(list.texts.size() + list.networks.size()) +
             (list.dynamic ? " entries, and what events add" : " entries"),
         "", "rules and features", std::string(kExamples[type]) + " in lists." + list.name});
  }
}

// "string.contains(string) bool"; several are separated by blanks.
std::string SignaturesOf(const cel::FunctionDecl& function, std::string_view shown) {
  std::string text;
  for (const cel::Overload& overload : function.overloads) {
    if (!text.empty()) text += "; ";
    std::size_t first = 0;
    if (overload.is_method) {
      text += overload.params[0].Text() + ".";
      first = 1;
    }
    text += std::string(shown) + "(";
    for (std::size_t i = first; i < overload.params.size(); ++i) {
      if (i > first) text += ", ";
      text += overload.params[i].Text();
    }
    text += ") " + overload.result.Text();
  }
  return text;
}

void AddFunctions(const cel::Environment& environment, std::vector<Entry>& entries) {
  for (const std::string_view name : environment.DescribedFunctions()) {
    const cel::FunctionDecl& function = *environment.FindFunction(name);
    const std::string_view shown = name == cel::call::kGreatest ? "math.greatest"
                                   : name == cel::call::kLeast  ? "math.least"
                                                                : name;
    entries.push_back({"function", std::string(shown), SignaturesOf(function, shown), "", "",
                       std::string(function.meaning), "", "rules and features",
                       std::string(function.example)});
  }
  for (const cel::MacroDoc& macro : cel::MacroDocs()) {
    entries.push_back({"macro", std::string(macro.form), "", "", "", std::string(macro.meaning), "",
                       "rules and features", std::string(macro.example)});
  }
}

void Show(const std::vector<Entry>& entries, const Pack* pack) {
  std::string_view group;
  for (const Entry& e : entries) {
    if (e.group != group) {
      if (!group.empty()) std::printf("\n");
      group = e.group;
    }
    std::printf("%s  %s%s%s\n", Safe(e.name).c_str(), Safe(e.type).c_str(),
                e.unit.empty() ? "" : ", ", e.unit.c_str());
    std::printf("    %s\n", Safe(e.meaning).c_str());
    if (!e.words.empty()) std::printf("    one of: %s\n", Safe(e.words).c_str());
    if (!e.missing_when.empty()) std::printf("    missing when %s\n", Safe(e.missing_when).c_str());
    if (e.group == "fact" && e.where != "rules and features") {
      std::printf("    only in %s\n", e.where.c_str());
    }
    std::printf("    e.g. %s\n", Safe(e.example).c_str());
  }
  if (pack == nullptr) {
    std::printf("\nGive a pack to see its features and lists too: holdfast rules fields PACK\n");
  }
}

std::vector<std::string> SplitWords(std::string_view words) {
  std::vector<std::string> split;
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t end = std::min(words.find(' ', at), words.size());
    split.emplace_back(words.substr(at, end - at));
    at = end + 1;
  }
  return split;
}

// One entry a line.
std::string Json(const std::vector<Entry>& entries) {
  std::string json;
  for (const Entry& e : entries) {
    json += json.empty() ? "[" : ",\n";
    json += JsonObject()
                .Text("kind", e.group)
                .Text("name", e.name)
                .Text("type", e.type)
                .Text("unit", e.unit)
                .Raw("words", JsonTexts(SplitWords(e.words)))
                .Text("meaning", e.meaning)
                .Text("missing_when", e.missing_when)
                .Text("where", e.where)
                .Text("example", e.example)
                .Done();
  }
  return json + "]\n";
}

int Fields(const Options& options) {
  std::shared_ptr<const Pack> pack;
  if (!options.pack.empty()) {
    pack = LoadPackOrSay(options.pack);
    if (pack == nullptr) return 1;
  }
  std::vector<Entry> entries;
  AddFacts(pack.get(), entries);
  AddRecordFields(*ItemRecord(), "order.items", "rules and features", "the line does not give it",
                  {"quantity", "fragile", "gift", "risk"}, entries);
  AddRecordFields(*PaymentRecord(), "payments", "rules",
                  "no report of the payment gives it, or not all amounts of it are known",
                  {"provider", "status", "source", "counts"}, entries);
  if (pack != nullptr) AddOwn(*pack, entries);
  cel::Environment plain;
  DeclareFunctions(plain);
  AddFunctions(pack != nullptr ? pack->environment : plain, entries);
  if (!options.filter.empty()) {
    const std::string wanted = ToLowerAscii(options.filter);
    std::erase_if(entries, [&](const Entry& e) {
      return ToLowerAscii(e.name + " " + e.meaning).find(wanted) == std::string::npos;
    });
    if (entries.empty()) {
      std::fprintf(stderr, "nothing is called '%s', and no meaning has it\n",
                   Safe(options.filter).c_str());
      return 1;
    }
  }
  if (options.json) {
    std::fputs(Json(entries).c_str(), stdout);
  } else {
    Show(entries, pack.get());
  }
  return 0;
}

}  // namespace

void AddRulesFields(Command rules) {
  auto options = std::make_shared<Options>();
  Command command =
      rules.Add("fields", "List every fact, feature, list and function that a condition may use");
  command.Value("PACK", options->pack, "Also its features and lists").File();
  command.Value("--find", options->filter, "Only what has this text in its name or meaning");
  command.Flag("--json", options->json, "As one JSON array, for editors");
  command.Footer(kRulesFooter);
  command.Does([options] { return Fields(*options); });
}

}  // namespace holdfast::cli
