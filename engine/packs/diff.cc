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

// ---- settings -----------------------------------------------------------------------------------

std::string ShipWhen(const Pack& pack) {
  std::string text;
  const auto names = NamesOf<FundsCertainty>();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (pack.ship_when[i]) text += (text.empty() ? "" : ", ") + std::string(names[i]);
  }
  return text;
}

std::string Rates(const Pack& pack) {
  std::string text;
  for (const auto& [currency, rate] : pack.amounts->rates()) {
    text += (text.empty() ? "" : ", ") + std::string(currency.code()) + " " + FormatDouble(rate);
  }
  return text;
}

std::string Tiers(const Pack& pack) {
  std::string text;
  const auto& names = pack.amounts->tier_names();
  for (std::size_t i = 1; i < names.size(); ++i) {
    text += (i > 1 ? ", " : "") + names[i] + " " + FormatDouble(pack.amounts->bounds()[i - 1]);
  }
  return text;
}

// Classes of products that changed, by name.
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

void CompareSettings(const Pack& before, const Pack& after, std::vector<PackDifference>& changes) {
  Details details;
  const auto both = [&](const char* name, const auto& text_of) {
    Compare(name, text_of(before), text_of(after), details);
  };
  both("pack", [](const Pack& p) { return p.name; });
  both("base_currency", [](const Pack& p) { return std::string(p.amounts->base().code()); });
  both("rates", &Rates);
  both("funds.ship_when", &ShipWhen);
  both("thresholds.hold", [](const Pack& p) {
    return p.hold_threshold == 0 ? std::string() : std::to_string(p.hold_threshold);
  });
  both("amount_tiers", &Tiers);
  both("product_risk.default",
       [](const Pack& p) { return std::string(NameOf(p.products.fallback)); });
  both("review_within", [](const Pack& p) { return FormatSpan(p.review_within); });
  both("retention", [](const Pack& p) { return FormatSpan(p.retention); });
  for (std::string& detail : details) {
    const std::size_t colon = detail.find(": ");
    changes.push_back({Kind::kChanged, detail.substr(0, colon), {detail.substr(colon + 2)}});
  }
  CompareRisks("product_risk.categories", before.products.by_category, after.products.by_category,
               changes);
  CompareRisks("product_risk.skus", before.products.by_sku, after.products.by_sku, changes);
}

// ---- parts with names ---------------------------------------------------------------------------

// Calls `changed(before, after, details)` for what both have, and says what one of them has not.
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
  std::size_t added = 0, removed = 0;
  std::string first_added, first_removed;
  const auto missing_from = [](const TextTable& texts, std::size_t& count, std::string& first) {
    return [&](std::string_view text) {
      if (texts.Contains(text)) return;
      if (count++ == 0) first = text;
    };
  };
  before.texts.ForEach(missing_from(after.texts, removed, first_removed));
  after.texts.ForEach(missing_from(before.texts, added, first_added));
  const auto lacks = [](const NetworkTable& networks, std::size_t& count, std::string& first) {
    return [&](const IpNetwork& network) {
      if (networks.Has(network)) return;
      if (count++ == 0) first = FormatIpNetwork(network);
    };
  };
  before.networks.ForEach(lacks(after.networks, removed, first_removed));
  after.networks.ForEach(lacks(before.networks, added, first_added));
  if (removed > 0) {
    details.push_back(Grouped(removed) + " entries removed, the first is " + first_removed);
  }
  if (added > 0) details.push_back(Grouped(added) + " entries added, the first is " + first_added);
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

// Among rules that both packs have, is the order another? The first hold rule gives the cause.
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
