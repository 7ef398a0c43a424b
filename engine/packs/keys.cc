#include "engine/packs/keys.h"

#include <algorithm>

#include "engine/base/enum_names.h"
#include "engine/codec/json_object.h"
#include "engine/model/names.h"

namespace holdfast {
namespace {

constexpr std::string_view kListTypes[] = {"text", "country", "email", "domain",
                                           "ip",   "name",    "phone"};
constexpr std::string_view kFeatureOps[] = {"count", "sum",      "avg",      "min",
                                            "max",   "distinct", "first_at", "last_at"};
constexpr std::string_view kFeatureOns[] = {"order",  "payment", "dispute",
                                            "refund", "message", "shipment"};
constexpr std::string_view kOnMissing[] = {"skip", "match", "hold"};
constexpr std::string_view kOnDeadline[] = {"hold", "ship", "reject"};
constexpr std::string_view kModes[] = {"active", "shadow"};
constexpr std::string_view kReserved[] = {"hold", "ship"};
constexpr std::string_view kRisks[] = {"low", "medium", "high"};
constexpr std::string_view kBlockKinds[] = {"buyer", "email", "card", "address", "device", "ip"};

constexpr std::int64_t kVersionMax = 1'000'000'000;

const std::vector<Key>& Table(Section section) {
  using enum KeyType;
  static const auto causes = NamesOf<Cause>().subspan(1);
  static const std::vector<Key> pack = {
      {"pack", kId, true, "the pack's name"},
      {"version", kWhole, true, "raised with every change", {}, 1, kVersionMax},
      {"base_currency", kCurrency, true, "the currency of amounts that rules compare"},
      {"rates", kNumberMap, false,
       "what one unit of another currency is worth in the base currency"},
      {"rates_file", kFile, false,
       "the same by date: CSV with the head date,currency,rate; the last rate before an order "
       "counts"},
      {"funds",
       kSection,
       true,
       "the funds gate: when the money is sure enough to ship",
       {},
       0,
       0,
       Section::kFunds},
      {"thresholds", kSection, false, "what the score leads to", {}, 0, 0, Section::kThresholds},
      {"amount_tiers", kNumberMap, false,
       "names of amounts in base currency, by their lower bound"},
      {"product_risk",
       kSection,
       false,
       "risk classes of products",
       {},
       0,
       0,
       Section::kProductRisk},
      {"email_domains",
       kSection,
       false,
       "domains of mailboxes that anyone gets",
       {},
       0,
       0,
       Section::kEmailDomains},
      {"note_phrases", kFile, false,
       "what a buyer's note may ask for: CSV with the head sense,language,phrase"},
      {"lists",
       kSectionMap,
       false,
       "lists that conditions look values up in, as lists.NAME",
       {},
       0,
       0,
       Section::kList},
      {"features",
       kSectionMap,
       false,
       "counts and sums over history, read by their names",
       {},
       0,
       0,
       Section::kFeature},
      {"rules", kSectionList, false, "the rules", {}, 0, 0, Section::kRule},
      {"review",
       kSection,
       false,
       "what people may decide of held orders",
       {},
       0,
       0,
       Section::kReview},
      {"packing", kSection, false, "what packers must show", {}, 0, 0, Section::kPacking},
      {"payments",
       kSection,
       false,
       "how payments are called, and whose word counts",
       {},
       0,
       0,
       Section::kPayments},
      {"review_within", kSpan, false, "how soon a held order is to be looked at; default 24h"},
      {"retention", kSpan, false,
       "how long history counts, at least as long as every window; default 400d"},
  };
  static const std::vector<Key> funds = {
      {"ship_when", kWordList, true, "certainties of the funds with which an order may ship",
       NamesOf<FundsCertainty>()},
      {"reserved", kWord, false, "what becomes of an order whose funds are reserved", kReserved},
      {"methods", kWordsMap, false,
       "by payment method, what less than certain is enough for the money that comes by it; none: "
       "it ships before the money comes",
       NamesOf<FundsCertainty>()},
  };
  static const std::vector<Key> payments = {
      {"aliases", kTextsMap, false,
       "by provider or method, what shops call it: paypal: [ppcp-gateway]"},
      {"trust_shop", kTextList, false,
       "gateways of which the shop's word that they were paid counts; default: those that take "
       "money at once"},
  };
  static const std::vector<Key> thresholds = {
      {"hold", kWhole, false, "the score from which an order is held", {}, 1, 100},
  };
  static const std::vector<Key> product_risk = {
      {"default", kWord, false, "class of products that are not listed", kRisks},
      {"categories", kFile, false, "CSV file with the head category,risk"},
      {"skus", kFile, false, "CSV file with the head sku,risk"},
      {"taxonomy", kFile, false, "categories by number, as Google's product taxonomy has them"},
  };
  static const std::vector<Key> email_domains = {
      {"disposable", kFile, false, "a file of disposable e-mail providers, one domain a line"},
      {"free", kFile, false, "the same of mailboxes that cost nothing"},
      {"registered", kFile, false,
       "when domains were registered: CSV with the head domain,first_registered"},
  };
  static const std::vector<Key> list = {
      {"type", kWord, false, "what the list holds; default text", kListTypes},
      {"file", kFile, false, "a file with one entry a line; # begins a comment"},
      {"values", kTextList, false, "entries"},
      {"dynamic", kFlag, false, "may be changed by list.changed events"},
  };
  static const std::vector<Key> feature = [] {
    std::vector<Key> keys;
    constexpr std::string_view kMeanings[] = {"how many events",        "sum of a number",
                                              "average of a number",    "least of a number",
                                              "greatest of a number",   "how many different values",
                                              "when it happened first", "when it happened last"};
    for (std::size_t i = 0; i < std::size(kFeatureOps); ++i) {
      keys.push_back({kFeatureOps[i], kExpression, false, kMeanings[i]});
    }
    keys.push_back({"by", kExpression, true, "the key that events have in common with the order"});
    keys.push_back({"over", kWindow, true, "how far back: 90s, 15m, 24h, 7d, or forever"});
    keys.push_back({"where", kExpression, false, "only events for which this is true"});
    keys.push_back({"on", kWord, false, "the events that count; default order", kFeatureOns});
    return keys;
  }();
  static const std::vector<Key> rule = {
      {"id", kId, true, "the rule's name, unique in the pack"},
      {"title", kText, false, "for people; default the id"},
      {"when", kExpression, true, "the condition"},
      {"reject", kTrue, false, "effect: the order is rejected"},
      {"allow", kTrue, false,
       "effect: overrides holds and the threshold, neither funds nor hard rules"},
      {"hold", kWord, false, "effect: holds, with this cause", causes},
      {"points", kWhole, false, "effect: adds to the score", {}, -100, 100},
      {"advise", kTemplate, false, "effect: advice for packers"},
      {"cause", kWord, false, "of a points rule: the cause when the threshold holds because of it",
       causes},
      {"ask", kText, false, "what to ask of the buyer; a valid answer ends the hold"},
      {"reason", kTemplate, false, "what an operator reads; default the title"},
      {"code", kText, false, "stable reason code; default the id in upper case"},
      {"on_missing", kWord, false,
       "what follows when a fact is missing; default hold for hold and "
       "reject rules, skip for others",
       kOnMissing},
      {"mode", kWord, false, "shadow: recorded, without effect", kModes},
      {"hard", kFlag, false, "not overridden by allow rules"},
      {"deadline", kSpan, false,
       "of a hold: how long after the order was placed, amended last or paid it ends by itself"},
      {"on_deadline", kWord, false,
       "what follows then: hold (default) goes on, ship takes this hold away, reject", kOnDeadline},
  };
  static const std::vector<Key> review = {
      {"second_person_above", kNumberMap, false,
       "totals in base currency, by role (review, admin), above which a second person must approve "
       "a release; default none"},
      {"release_reasons", kTextList, false, "codes, one of which every release names"},
      {"reject_reasons", kTextList, false, "likewise of every rejection"},
      {"hold_reasons", kTextList, false, "likewise of every hold by a person"},
      {"block_lists", kTextMap, false,
       "by kind of value, the dynamic list that `holdfast block` changes", kBlockKinds},
      {"trust_lists", kTextMap, false, "likewise for `holdfast trust`", kBlockKinds},
      {"templates", kTextMaps, false,
       "texts of questions to buyers by name and language, with {order_id}, {total}, {currency}, "
       "{name}, {city} and {country}"},
  };
  static const std::vector<Key> packing = {
      {"evidence", kExpression, false,
       "for which orders a video or photo of the packing is demanded"},
      {"permit_required", kFlag, false,
       "a parcel that leaves without the permit of its order raises an alert"},
  };
  switch (section) {
    case Section::kPack:
      return pack;
    case Section::kFunds:
      return funds;
    case Section::kThresholds:
      return thresholds;
    case Section::kProductRisk:
      return product_risk;
    case Section::kEmailDomains:
      return email_domains;
    case Section::kList:
      return list;
    case Section::kFeature:
      return feature;
    case Section::kRule:
      break;
    case Section::kReview:
      return review;
    case Section::kPacking:
      return packing;
    case Section::kPayments:
      return payments;
  }
  return rule;
}

// ---- the schema ---------------------------------------------------------------------------------

void DescribeSection(Section section, JsonObject& schema);

std::string SectionJson(Section section) {
  JsonObject schema;
  DescribeSection(section, schema);
  return schema.Done();
}

std::string WordsJson(const Key& key) {
  return JsonObject().Raw("enum", JsonTexts(key.words)).Done();
}

void DescribePattern(std::string_view pattern, JsonObject& schema) {
  schema.Text("type", "string").Text("pattern", pattern);
}

void DescribeList(std::string_view items, bool may_be_empty, JsonObject& schema) {
  schema.Text("type", "array");
  if (!may_be_empty) schema.Number("minItems", 1);
  schema.Raw("items", items);
}

void DescribeMap(std::string_view values, JsonObject& schema) {
  schema.Text("type", "object").Raw("additionalProperties", values);
}

void DescribeType(const Key& key, JsonObject& schema) {
  constexpr std::string_view kText = R"({"type":"string"})";
  const std::string span = "[0-9]+(s|m|h|d|w)";
  switch (key.type) {
    case KeyType::kText:
    case KeyType::kFile:
    case KeyType::kExpression:
    case KeyType::kTemplate:
      schema.Text("type", "string");
      return;
    case KeyType::kId:
      return DescribePattern("^[a-z0-9_-]+$", schema);
    case KeyType::kWhole:
      schema.Text("type", "integer").Number("minimum", key.least).Number("maximum", key.most);
      return;
    case KeyType::kFlag:
      schema.Text("type", "boolean");
      return;
    case KeyType::kTrue:
      schema.Bool("const", true);
      return;
    case KeyType::kWord:
      schema.Raw("enum", JsonTexts(key.words));
      return;
    case KeyType::kWordList:
      return DescribeList(WordsJson(key), false, schema);
    case KeyType::kTextList:
      return DescribeList(R"({"type":["string","number"]})", true, schema);
    case KeyType::kSpan:
      return DescribePattern("^" + span + "$", schema);
    case KeyType::kWindow:
      return DescribePattern("^(" + span + "|forever)$", schema);
    case KeyType::kCurrency:
      return DescribePattern("^[A-Z]{3}$", schema);
    case KeyType::kNumberMap:
      return DescribeMap(R"({"type":"number","exclusiveMinimum":0})", schema);
    case KeyType::kWordsMap: {
      JsonObject list;
      DescribeList(WordsJson(key), false, list);
      return DescribeMap(list.Done(), schema);
    }
    case KeyType::kTextsMap: {
      JsonObject list;
      DescribeList(kText, true, list);
      return DescribeMap(list.Done(), schema);
    }
    case KeyType::kTextMaps: {
      JsonObject texts;
      DescribeMap(kText, texts);
      return DescribeMap(texts.Done(), schema);
    }
    case KeyType::kTextMap: {
      schema.Text("type", "object");
      schema.Raw("propertyNames", JsonObject().Raw("enum", JsonTexts(key.words)).Done());
      schema.Raw("additionalProperties", kText);
      return;
    }
    case KeyType::kSection:
      return DescribeSection(key.section, schema);
    case KeyType::kSectionMap:
      schema.Text("type", "object");
      schema.Raw("propertyNames", JsonObject().Text("pattern", "^[a-z][a-z0-9_]*$").Done());
      schema.Raw("additionalProperties", SectionJson(key.section));
      return;
    case KeyType::kSectionList:
      return DescribeList(SectionJson(key.section), true, schema);
  }
}

// The JSON schema for keys of which exactly one must be given.
std::string OneOfJson(std::span<const std::string_view> names) {
  JsonList list;
  for (const std::string_view name : names) {
    list.Add(JsonObject().Raw("required", JsonTexts(std::span(&name, 1))).Done());
  }
  return list.Done();
}

void DescribeSection(Section section, JsonObject& schema) {
  constexpr std::string_view kEffects[] = {"reject", "allow", "hold", "points", "advise"};
  JsonObject properties;
  std::vector<std::string_view> required;
  for (const Key& key : KeysOf(section)) {
    JsonObject one;
    one.Text("description", key.meaning);
    DescribeType(key, one);
    properties.Raw(key.name, one.Done());
    if (key.required) required.push_back(key.name);
  }
  schema.Text("type", "object").Bool("additionalProperties", false);
  schema.Raw("properties", properties.Done());
  if (!required.empty()) schema.Raw("required", JsonTexts(required));
  if (section == Section::kRule) schema.Raw("oneOf", OneOfJson(kEffects));
  if (section == Section::kFeature) schema.Raw("oneOf", OneOfJson(kFeatureOps));
}

}  // namespace

std::string_view NameOf(Section section) {
  constexpr std::string_view kNames[] = {"pack",          "funds",   "thresholds", "product_risk",
                                         "email_domains", "a list",  "a feature",  "a rule",
                                         "review",        "packing", "payments"};
  return NameIn(kNames, section);
}

std::span<const Key> KeysOf(Section section) { return Table(section); }

std::vector<std::string_view> KeyNames(Section section) {
  std::vector<std::string_view> names;
  for (const Key& key : KeysOf(section)) names.push_back(key.name);
  return names;
}

std::span<const std::string_view> ListTypeWords() { return kListTypes; }
std::span<const std::string_view> FeatureOpWords() { return kFeatureOps; }
std::span<const std::string_view> FeatureOnWords() { return kFeatureOns; }
std::span<const std::string_view> OnMissingWords() { return kOnMissing; }
std::span<const std::string_view> OnDeadlineWords() { return kOnDeadline; }
std::span<const std::string_view> BlockKinds() { return kBlockKinds; }
std::span<const std::string_view> RiskWords() { return kRisks; }

std::string PackSchema() {
  JsonObject schema;
  schema.Text("$schema", "https://json-schema.org/draft/2020-12/schema");
  schema.Text("title", "Holdfast rule pack");
  DescribeSection(Section::kPack, schema);
  return schema.Done() + "\n";
}

bool IsOwnName(std::string_view id) {
  constexpr std::string_view kOwn[] = {"funds",   "threshold", "review",
                                       "packing", "asked",     "cancelled"};
  return std::find(std::begin(kOwn), std::end(kOwn), id) != std::end(kOwn);
}

}  // namespace holdfast
