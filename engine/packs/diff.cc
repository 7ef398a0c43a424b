#include "engine/packs/diff.h"

#include <algorithm>
#include <map>
#include <optional>

#include "engine/base/text.h"
#include "engine/base/time.h"
#include "engine/features/facts.h"
#include "engine/model/names.h"
#include "engine/packs/check_rules.h"
#include "engine/packs/keys.h"

namespace holdfast {
namespace {

using Kind = PackDifference::Kind;
using Details = std::vector<std::string>;

void Compare(std::string_view name, const std::string& before, const std::string& after,
             Details& details) {
  if (before == after) return;
  const auto shown = [](const std::string& text) { return text.empty() ? "none" : text; };
  details.push_back(std::string(name) + ": " + shown(before) + " -> " + shown(after));
}

std::string Truth(bool value) { return value ? "true" : "false"; }

// The entries that were removed from a table and added to it.
class EntryChanges {
 public:
  void Removed(std::string_view entry) { Count(removed_, first_removed_, entry); }
  void Added(std::string_view entry) { Count(added_, first_added_, entry); }

  void AddTo(Details& details) const {
    if (removed_ > 0) {
      details.push_back(Grouped(removed_) + " entries removed, the first is " + first_removed_);
    }
    if (added_ > 0) {
      details.push_back(Grouped(added_) + " entries added, the first is " + first_added_);
    }
  }

 private:
  static void Count(std::size_t& count, std::string& first, std::string_view entry) {
    if (count++ == 0) first = entry;
  }

  std::size_t added_ = 0, removed_ = 0;
  std::string first_added_, first_removed_;
};

void CompareTexts(const TextTable& before, const TextTable& after, EntryChanges& changes) {
  before.ForEach([&](std::string_view text) {
    if (!after.Contains(text)) changes.Removed(text);
  });
  after.ForEach([&](std::string_view text) {
    if (!before.Contains(text)) changes.Added(text);
  });
}

// ---- settings -----------------------------------------------------------------------------------

std::string ShipWhen(const Pack& pack) {
  std::string text;
  const auto names = NamesOf<FundsCertainty>();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (pack.ship_when[i]) text += (text.empty() ? "" : ", ") + std::string(names[i]);
  }
  return text;
}

std::string RatesText(const Pack& pack) {
  std::string text;
  for (const auto& [currency, rates] : pack.amounts->rates()) {
    text += (text.empty() ? "" : ", ") + std::string(currency.code()) + " " +
            FormatDouble(rates.back().worth);
    // Of dated rates only the last is shown.
    if (rates.back().from.nanos > 0) {
      text += " from " + FormatRfc3339(rates.back().from).substr(0, 10) + " (" +
              Grouped(rates.size()) + " dates)";
    }
  }
  return text;
}

TextTable DatedRates(const Pack& pack) {
  TextTable table;
  for (const auto& [currency, rates] : pack.amounts->rates()) {
    for (const Rate& rate : rates) {
      if (rate.from.nanos == 0) continue;
      table.Add(std::string(currency.code()) + " " + FormatRfc3339(rate.from).substr(0, 10) + " " +
                FormatDouble(rate.worth));
    }
  }
  return table;
}

TextTable Taxonomy(const Pack& pack) {
  TextTable table;
  for (const auto& [number, path] : pack.products.paths) table.Add(number + " - " + path);
  return table;
}

TextTable Registrations(const Pack& pack) {
  TextTable table;
  for (const auto& [domain, at] : pack.domains.registered) {
    table.Add(domain + " " + FormatRfc3339(at).substr(0, 10));
  }
  return table;
}

TextTable Phrases(const Pack& pack) {
  TextTable table;
  for (std::size_t i = 0; i < kNoteSenses; ++i) {
    const auto sense = static_cast<NoteSense>(i);
    for (const std::string& phrase : pack.notes.PhrasesOf(sense)) {
      table.Add(std::string(NameOf(sense)) + ": " + phrase);
    }
  }
  return table;
}

std::string Tiers(const Pack& pack) {
  std::string text;
  const auto& names = pack.amounts->tier_names();
  for (std::size_t i = 1; i < names.size(); ++i) {
    text += (i > 1 ? ", " : "") + names[i] + " " + FormatDouble(pack.amounts->bounds()[i - 1]);
  }
  return text;
}

// The product classes that changed, by name.
void CompareRisks(const char* name, const std::map<std::string, ProductRisk, std::less<>>& before,
                  const std::map<std::string, ProductRisk, std::less<>>& after,
                  std::vector<PackDifference>& changes) {
  std::map<std::string, std::pair<std::string, std::string>> all;
  for (const auto& [key, risk] : before) {
    all[key].first = NameOf(risk);
  }
  for (const auto& [key, risk] : after) {
    all[key].second = NameOf(risk);
  }
  Details details;
  for (const auto& [key, risks] : all) Compare(key, risks.first, risks.second, details);
  if (!details.empty()) changes.push_back({Kind::kChanged, name, std::move(details)});
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

std::string SecondPerson(const Pack& pack) {
  std::string all;
  const Currency base = pack.amounts->base();
  for (const ReviewRole role : {ReviewRole::kReview, ReviewRole::kAdmin}) {
    const auto& limit = pack.review.SecondPersonAbove(role);
    if (!limit) continue;
    if (!all.empty()) all += ", ";
    all += std::string(NameOf(role)) + " " + FormatMinor(*limit, base);
  }
  return all;
}

std::string Joined(const std::map<std::string, std::string>& lists) {
  std::string all;
  for (const auto& [kind, list] : lists) all += (all.empty() ? "" : ", ") + kind + " " + list;
  return all;
}

std::string Templates(const Pack& pack) {
  std::string all;
  for (const auto& [name, languages] : pack.review.templates) {
    all += (all.empty() ? "" : "; ") + name + ": " + Joined(languages);
  }
  return all;
}

void CompareSettings(const Pack& before, const Pack& after, std::vector<PackDifference>& changes) {
  Details details;
  const auto both = [&](const char* name, const auto& text_of) {
    Compare(name, text_of(before), text_of(after), details);
  };
  both("pack", [](const Pack& p) { return p.name; });
  both("base_currency", [](const Pack& p) { return std::string(p.amounts->base().code()); });
  both("rates", &RatesText);
  both("funds.ship_when", &ShipWhen);
  both("thresholds.hold", [](const Pack& p) {
    return p.hold_threshold == 0 ? std::string() : std::to_string(p.hold_threshold);
  });
  both("amount_tiers", &Tiers);
  both("product_risk.default",
       [](const Pack& p) { return std::string(NameOf(p.products.fallback)); });
  both("review.second_person_above", &SecondPerson);
  both("review.release_reasons", [](const Pack& p) { return Joined(p.review.release_reasons); });
  both("review.reject_reasons", [](const Pack& p) { return Joined(p.review.reject_reasons); });
  both("review.hold_reasons", [](const Pack& p) { return Joined(p.review.hold_reasons); });
  both("review.block_lists", [](const Pack& p) { return Joined(p.review.block_lists); });
  both("review.trust_lists", [](const Pack& p) { return Joined(p.review.trust_lists); });
  both("review.templates", &Templates);
  both("packing.evidence",
       [](const Pack& p) { return p.evidence ? cel::Unparse(*p.evidence->tree) : std::string(); });
  both("packing.permit_required",
       [](const Pack& p) { return std::string(p.permit_required ? "true" : "false"); });
  both("review_within", [](const Pack& p) { return FormatSpan(p.review_within); });
  both("retention", [](const Pack& p) { return FormatSpan(p.retention); });
  for (std::string& detail : details) {
    const std::size_t colon = detail.find(": ");
    changes.push_back({Kind::kChanged, detail.substr(0, colon), {detail.substr(colon + 2)}});
  }
  CompareRisks("product_risk.categories", before.products.by_category, after.products.by_category,
               changes);
  CompareRisks("product_risk.skus", before.products.by_sku, after.products.by_sku, changes);
  const auto table = [&](const char* name, const TextTable& was, const TextTable& is) {
    EntryChanges entries;
    CompareTexts(was, is, entries);
    Details of_table;
    entries.AddTo(of_table);
    if (!of_table.empty()) changes.push_back({Kind::kChanged, name, std::move(of_table)});
  };
  table("rates", DatedRates(before), DatedRates(after));
  table("product_risk.taxonomy", Taxonomy(before), Taxonomy(after));
  table("email_domains.disposable", before.domains.disposable, after.domains.disposable);
  table("email_domains.free", before.domains.free, after.domains.free);
  table("email_domains.registered", Registrations(before), Registrations(after));
  table("note_phrases", Phrases(before), Phrases(after));
}

// ---- parts with names ---------------------------------------------------------------------------

// Calls `changed(before, after, details)` for parts that both packs have, and reports parts that
// only one has.
template <typename Part, typename NameOfPart, typename Changed>
void CompareParts(const char* what, const std::vector<Part>& before, const std::vector<Part>& after,
                  NameOfPart name_of, Changed changed, std::vector<PackDifference>& changes) {
  const auto find = [&](const std::vector<Part>& parts, const std::string& name) {
    return std::find_if(parts.begin(), parts.end(),
                        [&](const Part& part) { return name_of(part) == name; });
  };
  for (const Part& old : before) {
    const std::string name = name_of(old);
    const auto other = find(after, name);
    if (other == after.end()) {
      changes.push_back({Kind::kRemoved, std::string(what) + " " + name, {}});
      continue;
    }
    Details details;
    changed(old, *other, details);
    if (details.empty()) continue;
    changes.push_back({Kind::kChanged, std::string(what) + " " + name, std::move(details)});
  }
  for (const Part& part : after) {
    const std::string name = name_of(part);
    if (find(before, name) == before.end()) {
      changes.push_back({Kind::kAdded, std::string(what) + " " + name, {}});
    }
  }
}

void CompareList(const PackList& before, const PackList& after, Details& details) {
  const auto word = [](ListType type) {
    return std::string(ListTypeWords()[static_cast<std::size_t>(type)]);
  };
  Compare("type", word(before.type), word(after.type), details);
  Compare("dynamic", Truth(before.dynamic), Truth(after.dynamic), details);
  EntryChanges entries;
  CompareTexts(before.texts, after.texts, entries);
  before.networks.ForEach([&](const IpNetwork& network) {
    if (!after.networks.Has(network)) entries.Removed(FormatIpNetwork(network));
  });
  after.networks.ForEach([&](const IpNetwork& network) {
    if (!before.networks.Has(network)) entries.Added(FormatIpNetwork(network));
  });
  entries.AddTo(details);
}

void CompareFeature(const Feature& before, const Feature& after, Details& details) {
  const auto op = [](const Feature& f) {
    return std::string(FeatureOpWords()[static_cast<std::size_t>(f.op)]) + " of " + f.value;
  };
  const auto on = [](const Feature& f) {
    return std::string(FeatureOnWords()[static_cast<std::size_t>(f.on)]);
  };
  const auto over = [](const Feature& f) {
    return f.over ? FormatSpan(*f.over) : std::string("forever");
  };
  Compare("value", op(before), op(after), details);
  Compare("by", before.by, after.by, details);
  Compare("over", over(before), over(after), details);
  Compare("on", on(before), on(after), details);
  Compare("where", before.where, after.where, details);
}

// ---- rules --------------------------------------------------------------------------------------

std::string EffectOf(const Rule& rule) {
  switch (rule.effect) {
    case Effect::kHold:
      return "hold " + std::string(NameOf(rule.cause));
    case Effect::kPoints:
      return std::to_string(rule.points) + " points, cause " + std::string(NameOf(rule.cause));
    default:
      return std::string(NameOf(rule.effect));
  }
}

class RuleDiff {
 public:
  RuleDiff(const Pack& before, const Pack& after)
      : bounds_before_(BoundsOfValues(before)), bounds_after_(BoundsOfValues(after)) {}

  void Compare(const Rule& before, const Rule& after, Details& details) const {
    CompareConditions(before, after, details);
    const auto both = [&](const char* name, const std::string& a, const std::string& b) {
      holdfast::Compare(name, a, b, details);
    };
    both("effect", EffectOf(before), EffectOf(after));
    both("on_missing", OnMissing(before), OnMissing(after));
    both("mode", before.shadow ? "shadow" : "active", after.shadow ? "shadow" : "active");
    both("hard", Truth(before.hard), Truth(after.hard));
    both("ask", before.ask, after.ask);
    both("deadline", Deadline(before), Deadline(after));
    both("code", before.code, after.code);
    both("title", before.title, after.title);
    both("reason", before.reason.source, after.reason.source);
  }

 private:
  static std::string Deadline(const Rule& rule) {
    if (!rule.deadline) return "";
    return FormatSpan(*rule.deadline) + ", then " +
           std::string(OnDeadlineWords()[static_cast<std::size_t>(rule.on_deadline)]);
  }
  static std::string OnMissing(const Rule& rule) {
    return std::string(OnMissingWords()[static_cast<std::size_t>(rule.on_missing)]);
  }

  void CompareConditions(const Rule& before, const Rule& after, Details& details) const {
    if (cel::CanonicalText(*before.when.tree) == cel::CanonicalText(*after.when.tree)) return;
    const std::string was = cel::Unparse(*before.when.tree), is = cel::Unparse(*after.when.tree);
    const auto a = cel::Condition::Of(*before.when.tree, true, bounds_before_);
    const auto b = cel::Condition::Of(*after.when.tree, true, bounds_after_);
    const bool wider = a && b && a->Implies(*b), narrower = a && b && b->Implies(*a);
    const char* how = wider && narrower ? "matches the same orders while its facts are known"
                      : wider           ? "matches more orders"
                      : narrower        ? "matches fewer orders"
                                        : "matches other orders";
    details.push_back(std::string("condition: ") + how);
    details.push_back("  was " + was);
    details.push_back("  is  " + is);
  }

  cel::BoundsOf bounds_before_, bounds_after_;
};

// Reports when the order of the rules that both packs have changed. The first hold rule gives the
// cause.
void CompareOrder(const Pack& before, const Pack& after, std::vector<PackDifference>& changes) {
  const auto common = [](const Pack& pack, const Pack& other) {
    Details ids;
    for (const Rule& rule : pack.rules) {
      const bool shared = std::any_of(other.rules.begin(), other.rules.end(),
                                      [&](const Rule& r) { return r.id == rule.id; });
      if (shared) ids.push_back(rule.id);
    }
    return ids;
  };
  const Details was = common(before, after), is = common(after, before);
  const auto first = std::mismatch(was.begin(), was.end(), is.begin(), is.end());
  if (first.first == was.end()) return;
  changes.push_back({Kind::kChanged,
                     "order of the rules",
                     {"from '" + *first.first +
                      "' on; the first hold rule that matches gives the "
                      "cause"}});
}

}  // namespace

std::vector<PackDifference> DiffPacks(const Pack& before, const Pack& after) {
  std::vector<PackDifference> changes;
  CompareSettings(before, after, changes);
  CompareParts(
      "list", before.lists, after.lists, [](const PackList& list) { return list.name; },
      &CompareList, changes);
  CompareParts(
      "feature", before.features.features, after.features.features,
      [](const Feature& feature) { return feature.name; }, &CompareFeature, changes);
  const RuleDiff rules(before, after);
  CompareParts(
      "rule", before.rules, after.rules, [](const Rule& rule) { return rule.id; },
      [&](const Rule& a, const Rule& b, Details& details) { rules.Compare(a, b, details); },
      changes);
  CompareOrder(before, after, changes);
  return changes;
}

}  // namespace holdfast
