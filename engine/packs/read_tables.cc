#include "engine/packs/read_tables.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/base/csv.h"
#include "engine/base/limits.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/cel/eval/value.h"

namespace holdfast {
namespace {

class TableReader {
 public:
  TableReader(PackReader& reader, Pack& pack) : reader_(reader), pack_(pack) {}

  void Read(const YamlNode& root) {
    ReadAmounts(root);
    ReadProductRisk(root);
    ReadEmailDomains(root);
    ReadNotePhrases(root);
  }

 private:
  // The rows of a CSV file with this header, without the header.
  std::optional<CsvRows> ReadCsv(const YamlNode& name, const std::vector<std::string>& head) {
    const auto bytes = reader_.ReadPackFile(name, limits::kPackBytes);
    if (!bytes) return std::nullopt;
    if (!IsValidUtf8(*bytes)) {
      reader_.Report("bad-file", name, name.text + " must be UTF-8");
      return std::nullopt;
    }
    auto rows = ParseCsv(*bytes);
    if (!rows || rows->empty() || rows->front() != head) {
      std::string columns;
      for (const std::string& column : head) columns += (columns.empty() ? "" : ",") + column;
      reader_.Report("bad-file", name, name.text + " must be CSV with the head '" + columns + "'");
      return std::nullopt;
    }
    rows->erase(rows->begin());
    for (std::size_t i = 0; i < rows->size(); ++i) {
      if ((*rows)[i].size() == head.size()) continue;
      BadRow(name, i,
             "has " + std::to_string((*rows)[i].size()) + " values, not " +
                 std::to_string(head.size()));
      return std::nullopt;
    }
    return rows;
  }
  // `row` counts from 0, after the header.
  void BadRow(const YamlNode& name, std::size_t row, const std::string& fault) {
    reader_.Report("bad-file", name, name.text + ", row " + std::to_string(row + 2) + ": " + fault);
  }

  void ReadAmounts(const YamlNode& root) {
    auto base = *Currency::Parse("USD");
    if (const YamlNode* node = root.Find("base_currency")) {
      if (const auto parsed = Currency::Parse(node->text)) {
        base = *parsed;
      } else {
        reader_.Report("unknown-word", *node,
                       "base_currency must be an ISO 4217 currency such as USD");
      }
    } else {
      reader_.Report("missing-key", root, "the pack has no base currency",
                     "add 'base_currency: USD'");
    }
    Rates rates;
    const YamlNode* plain = root.Find("rates");
    const YamlNode* dated = root.Find("rates_file");
    if (plain != nullptr && dated != nullptr) {
      reader_.Report("contradiction", *dated, "the pack has rates already",
                     "keep one of 'rates' and 'rates_file'");
    }
    if (plain != nullptr) rates = ReadRates(*plain);
    if (dated != nullptr) rates = ReadDatedRates(*dated, base);
    pack_.amounts = std::make_unique<AmountScale>(base, std::move(rates), ReadTiers(root));
  }

  Rates ReadRates(const YamlNode& node) {
    Rates rates;
    if (!node.IsMap()) {
      reader_.Report("type-mismatch", node, "rates must be a map such as { EUR: 1.08 }");
    }
    for (const auto& [key, value] : node.members) {
      const auto currency = Currency::Parse(key.text);
      const auto rate = reader_.Number(&value, "a rate");
      if (!currency) {
        reader_.Report("unknown-word", key, "'" + key.text + "' is not an ISO 4217 currency");
      } else if (rate) {
        rates[*currency] = {{EventTime{0}, *rate}};  // no event is earlier than 1970
      }
    }
    return rates;
  }

  Rates ReadDatedRates(const YamlNode& name, Currency base) {
    Rates rates;
    const auto rows = ReadCsv(name, {"date", "currency", "rate"});
    for (std::size_t i = 0; rows && i < rows->size(); ++i) {
      const auto& row = (*rows)[i];
      const auto from = ParseEventTime(row[0] + "T00:00:00Z");
      const auto currency = Currency::Parse(row[1]);
      const auto number = ParseNumber<double>(row[2]);
      const double worth = number.value_or(0);
      if (!from) {
        BadRow(name, i, "'" + row[0] + "' is no date such as 2026-11-20");
      } else if (!currency) {
        BadRow(name, i, "'" + row[1] + "' is not an ISO 4217 currency");
      } else if (*currency == base) {
        BadRow(name, i, row[1] + " is the base currency: rates say what others are worth in it");
      } else if (!number || !std::isfinite(worth) || worth <= 0) {
        BadRow(name, i, "'" + row[2] + "' is no number above 0");
      } else {
        rates[*currency].push_back({*from, worth});
      }
    }
    for (auto& [currency, all] : rates) {
      std::stable_sort(all.begin(), all.end(),
                       [](const Rate& a, const Rate& b) { return a.from < b.from; });
      const auto twice = std::adjacent_find(
          all.begin(), all.end(), [](const Rate& a, const Rate& b) { return a.from == b.from; });
      if (twice == all.end()) continue;
      reader_.Report("bad-file", name,
                     name.text + ": " + std::string(currency.code()) + " has two rates of " +
                         FormatRfc3339(twice->from).substr(0, 10));
    }
    return rates;
  }

  std::vector<std::pair<std::string, double>> ReadTiers(const YamlNode& root) {
    std::vector<std::pair<std::string, double>> tiers;
    const YamlNode* node = root.Find("amount_tiers");
    if (node == nullptr) return tiers;
    if (!node->IsMap()) {
      reader_.Report("type-mismatch", *node,
                     "amount_tiers must be a map such as { medium: 100, large: 300 }");
    }
    for (const auto& [key, value] : node->members) {
      if (!IsName(key.text) || key.text == "small") {
        reader_.Report("bad-name", key,
                       "a tier's name has lower-case letters, digits and '_', and is not 'small'");
      } else if (const auto bound = reader_.Number(&value, "a tier's lower bound")) {
        const auto same = std::find_if(tiers.begin(), tiers.end(),
                                       [&](const auto& tier) { return tier.second == *bound; });
        if (same != tiers.end()) {
          reader_.Report(
              "contradiction", value,
              "the tiers '" + same->first + "' and '" + key.text + "' begin at one amount");
        }
        tiers.emplace_back(key.text, *bound);
      }
    }
    return tiers;
  }

  void ReadProductRisk(const YamlNode& root) {
    const YamlNode* node = root.Find("product_risk");
    if (node == nullptr) return;
    if (!node->IsMap()) {
      return reader_.Report("type-mismatch", *node,
                            "product_risk must be a map such as { default: medium }");
    }
    reader_.CheckKeys(*node, Section::kProductRisk);
    const std::vector<std::string_view> words(RiskWords().begin(), RiskWords().end());
    if (const auto index = reader_.Word(node->Find("default"), "default", words)) {
      pack_.products.fallback = static_cast<ProductRisk>(*index);
    }
    for (const bool by_sku : {false, true}) {
      const YamlNode* name = node->Find(by_sku ? "skus" : "categories");
      if (name == nullptr) continue;
      const std::string head = by_sku ? "sku" : "category";
      const auto rows = ReadCsv(*name, {head, "risk"});
      for (std::size_t i = 0; rows && i < rows->size(); ++i) {
        const auto& row = (*rows)[i];
        const auto risk = std::find(words.begin(), words.end(), row[1]);
        const std::string key = by_sku ? row[0] : NormaliseCategory(row[0]);
        if (risk == words.end() || key.empty()) {
          BadRow(*name, i, "needs a " + head + " and low, medium or high");
          continue;
        }
        auto& table = by_sku ? pack_.products.by_sku : pack_.products.by_category;
        const auto is = static_cast<ProductRisk>(risk - words.begin());
        if (const auto [was, added] = table.emplace(key, is); !added && was->second != is) {
          BadRow(*name, i,
                 "'" + row[0] + "' is " + std::string(NameOf(was->second)) + " in a row before");
        }
      }
    }
    const YamlNode* taxonomy = node->Find("taxonomy");
    const auto bytes =
        taxonomy == nullptr ? std::nullopt : reader_.ReadPackFile(*taxonomy, limits::kPackBytes);
    if (!bytes) return;
    PackReader::ForEachEntry(*bytes, [&](std::size_t number, std::string_view line) {
      const auto entry = ParseTaxonomyLine(line);
      if (entry && IsValidUtf8(line) && pack_.products.paths.insert(*entry).second) return;
      if (entry && IsValidUtf8(line)) {
        reader_.Report("bad-file", *taxonomy,
                       taxonomy->text + ", line " + std::to_string(number) + ": '" + entry->first +
                           "' is another category in a line before");
      } else {
        reader_.Report("bad-file", *taxonomy,
                       taxonomy->text + ", line " + std::to_string(number) +
                           ": is no category such as '222 - Electronics'");
      }
    });
  }

  void ReadEmailDomains(const YamlNode& root) {
    const YamlNode* node = root.Find("email_domains");
    if (node == nullptr) return;
    if (!node->IsMap()) {
      return reader_.Report("type-mismatch", *node,
                            "email_domains must be a map such as { disposable: domains.txt }");
    }
    reader_.CheckKeys(*node, Section::kEmailDomains);
    EmailDomains& domains = pack_.domains;
    domains.knows_disposable = ReadDomains(node->Find("disposable"), domains.disposable);
    domains.knows_free = ReadDomains(node->Find("free"), domains.free);
    if (const YamlNode* name = node->Find("registered")) ReadRegistrations(*name);
  }

  void ReadRegistrations(const YamlNode& name) {
    const auto rows = ReadCsv(name, {"domain", "first_registered"});
    for (std::size_t i = 0; rows && i < rows->size(); ++i) {
      const auto& row = (*rows)[i];
      const std::string domain = NormaliseEntry(ListType::kDomain, row[0]);
      const std::string fault = FaultOfEntry(ListType::kDomain, domain);
      const auto at = ParseEventTime(row[1] + "T00:00:00Z");
      if (!fault.empty()) {
        BadRow(name, i, fault);
      } else if (!at) {
        BadRow(name, i, "'" + row[1] + "' is no date from 1970 on such as 2026-11-20");
      } else if (!pack_.domains.registered.emplace(domain, *at).second) {
        BadRow(name, i, "'" + domain + "' is in a row before");
      }
    }
  }

  bool ReadDomains(const YamlNode* name, TextTable& table) {
    if (name == nullptr) return false;
    const auto bytes = reader_.ReadPackFile(*name, limits::kListBytes);
    if (!bytes) return false;
    PackReader::ForEachEntry(*bytes, [&](std::size_t number, std::string_view line) {
      const std::string entry = NormaliseEntry(ListType::kDomain, line);
      std::string fault = FaultOfEntry(ListType::kDomain, entry);
      if (fault.empty() && entry.find('.') == entry.npos)
        fault = "'" + entry + "' is no domain of one owner";
      if (!fault.empty()) {
        return reader_.Report("bad-entry", *name,
                              name->text + ", line " + std::to_string(number) + ": " + fault);
      }
      table.Add(entry);
    });
    return true;
  }

  void ReadNotePhrases(const YamlNode& root) {
    if (const YamlNode* name = root.Find("note_phrases")) {
      constexpr NoteSense kSenses[] = {NoteSense::kUrges, NoteSense::kOtherAddress,
                                       NoteSense::kOtherProduct, NoteSense::kNegation,
                                       NoteSense::kCalm};
      const auto rows = ReadCsv(*name, {"sense", "language", "phrase"});
      for (std::size_t i = 0; rows && i < rows->size(); ++i) {
        const auto& row = (*rows)[i];
        const auto sense = std::find_if(std::begin(kSenses), std::end(kSenses),
                                        [&](NoteSense s) { return NameOf(s) == row[0]; });
        if (sense == std::end(kSenses) || Trim(row[2]).empty()) {
          BadRow(*name, i,
                 "needs a phrase and urges, other_address, other_product, negation or calm");
          continue;
        }
        if (!pack_.notes.Add(*sense, row[2])) {
          BadRow(*name, i, "'" + row[2] + "' has no letters");
        }
      }
    }
    for (std::size_t i = 0; i < kNoteSenses; ++i) {
      const auto sense = static_cast<NoteSense>(i);
      if (pack_.notes.PhrasesOf(sense).size() <= limits::kNotePhrases) continue;
      return reader_.Report("limit", *root.Find("note_phrases"),
                            "more than " + std::to_string(limits::kNotePhrases) +
                                " phrases of sense " + std::string(NameOf(sense)));
    }
    if (!pack_.notes.Seal()) {
      reader_.Report("limit", *root.Find("note_phrases"),
                     "the phrases are too long to be looked for together");
    }
  }

  PackReader& reader_;
  Pack& pack_;
};

}  // namespace

void ReadTables(PackReader& reader, const YamlNode& root, Pack& pack) {
  TableReader(reader, pack).Read(root);
}

void AddTables(const Pack& pack, const std::function<void(std::string_view)>& add) {
  // Settings that decide what is done with money.
  for (const bool ships : pack.ship_when) add(ships ? "1" : "0");
  for (const auto& [method, gate] : pack.funds.methods) {
    add(method);
    for (const bool enough : gate) add(enough ? "1" : "0");
  }
  for (const auto& [alias, name] : pack.funds.aliases) {
    add(alias);
    add(name);
  }
  for (const std::string& gateway : pack.funds.trust_shop) add(gateway);
  add(pack.funds.second_above ? std::to_string(*pack.funds.second_above) : "");
  const AmountScale& amounts = *pack.amounts;
  const auto number = [](double value) { return cel::ToText(cel::Value::Double(value)); };
  add(amounts.base().code());
  for (const auto& [currency, rates] : amounts.rates()) {
    add(currency.code());
    for (const Rate& rate : rates) {
      add(FormatRfc3339(rate.from));
      add(number(rate.worth));
    }
  }
  for (const std::string& name : amounts.tier_names()) add(name);
  for (const double bound : amounts.bounds()) add(number(bound));
  add(NameOf(pack.products.fallback));
  for (const auto* risks : {&pack.products.by_sku, &pack.products.by_category}) {
    for (const auto& [key, risk] : *risks) {
      add(key);
      add(NameOf(risk));
    }
    add("");
  }
  for (const auto& [id, path] : pack.products.paths) {
    add(id);
    add(path);
  }
  // An empty list is different from none.
  for (const auto& [table, known] :
       {std::pair(&pack.domains.disposable, pack.domains.knows_disposable),
        std::pair(&pack.domains.free, pack.domains.knows_free)}) {
    add(known ? std::to_string(table->size()) : "none");
    table->ForEach(add);
  }
  for (std::size_t i = 0; i < kNoteSenses; ++i) {
    for (const std::string& phrase : pack.notes.PhrasesOf(static_cast<NoteSense>(i))) add(phrase);
    add("");
  }
  for (const auto& [domain, at] : pack.domains.registered) {
    add(domain);
    add(FormatRfc3339(at));
  }
}

}  // namespace holdfast
