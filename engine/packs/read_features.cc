#include "engine/packs/read_features.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/features/facts.h"
#include "engine/packs/keys.h"
#include "engine/packs/read_template.h"

namespace holdfast {
namespace {

// The definition of a series, as texts. Empty: nothing.
struct SeriesText {
  FeatureOn on;
  std::string where, present, number, digest;

  // True when the series has what `wanted` needs, or can have it without another entry.
  bool Serves(const SeriesText& wanted) const {
    const auto fits = [](const std::string& mine, const std::string& its) {
      return its.empty() || mine.empty() || mine == its;
    };
    return on == wanted.on && where == wanted.where && present == wanted.present &&
           fits(number, wanted.number) && fits(digest, wanted.digest);
  }
};

// True when `text` is a fact that is never missing.
bool IsAlwaysKnown(std::string_view text) {
  const auto fact = std::find_if(Facts().begin(), Facts().end(),
                                 [text](const Fact& f) { return f.name == text; });
  return fact != Facts().end() && fact->missing_when.empty();
}

class FeatureReader {
 public:
  FeatureReader(PackReader& reader, PackDraft& draft) : reader_(reader), draft_(draft) {}

  void ReadFeatures(const YamlNode& root) {
    const YamlNode* node = root.Find("features");
    if (node == nullptr) return;
    if (!node->IsMap()) {
      return reader_.Report("type-mismatch", *node, "features must be a map of names to features");
    }
    if (node->members.size() > limits::kFeatures) {
      return reader_.Report("limit", *node,
                            "more than " + std::to_string(limits::kFeatures) + " features");
    }
    // Features may not read each other, so all are compiled before the first is declared.
    std::vector<std::pair<Feature, const YamlNode*>> made;
    for (const auto& [key, value] : node->members) {
      if (!IsName(key.text)) {
        reader_.Report("bad-name", key, "a feature's name has lower-case letters, digits and '_'");
      } else if (IsTaken(key.text)) {
        reader_.Report("bad-name", key,
                       "'" + key.text + "' is a name of the language or of a fact");
      } else if (auto feature = ReadFeature(key, value)) {
        made.emplace_back(std::move(*feature), &key);
      }
    }
    for (auto& [feature, key] : made) {
      // A key that is given twice was reported already.
      if (draft_.pack->environment.FindVariable(feature.name) != nullptr) continue;
      feature.slot = draft_.pack->environment.AddVariable(feature.name, TypeOf(feature.op));
      draft_.feature_keys.push_back(key);
      draft_.pack->features.features.push_back(std::move(feature));
    }
  }

 private:
  bool IsTaken(const std::string& name) const {
    const cel::Environment& env = draft_.pack->environment;
    if (env.FindFunction(name) != nullptr || !env.FindTypeName(name).empty() || name == "lists") {
      return true;
    }
    return std::any_of(env.variables().begin(), env.variables().end(), [&](const auto& variable) {
      return variable.name == name || variable.name.starts_with(name + ".");
    });
  }

  std::optional<Feature> ReadFeature(const YamlNode& key, const YamlNode& node) {
    const std::vector<std::string_view> ops(FeatureOpWords().begin(), FeatureOpWords().end());
    if (!node.IsMap()) {
      reader_.Report("type-mismatch", node,
                     "a feature is a map such as { count: order.id, by: order.ip, over: 24h }");
      return std::nullopt;
    }
    reader_.CheckKeys(node, Section::kFeature);
    Feature feature;
    feature.name = key.text;
    const YamlNode* value = nullptr;
    for (std::size_t i = 0; i < ops.size(); ++i) {
      const YamlNode* found = node.Find(ops[i]);
      if (found == nullptr) continue;
      if (value != nullptr) {
        reader_.Report("contradiction", *found,
                       "a feature computes one thing, this one computes two");
        return std::nullopt;
      }
      value = found;
      feature.op = static_cast<FeatureOp>(i);
    }
    const YamlNode* by = node.Find("by");
    const YamlNode* over = node.Find("over");
    if (value == nullptr || by == nullptr || over == nullptr) {
      reader_.Report("missing-key", key,
                     std::string("the feature needs ") + (value == nullptr ? "one of " + OrList(ops)
                                                          : by == nullptr  ? "'by'"
                                                                           : "'over'"),
                     "for example { count: order.id, by: order.ip, over: 24h }");
      return std::nullopt;
    }
    feature.on = static_cast<FeatureOn>(
        reader_.Word(node.Find("on"), "on", {FeatureOnWords().begin(), FeatureOnWords().end()})
            .value_or(0));
    if (over->text != "forever") {
      feature.over = ParseSpan(over->text);
      if (!feature.over) {
        reader_.Report("type-mismatch", *over,
                       "over must be a time such as 90s, 15m, 24h, 7d, or forever");
        return std::nullopt;
      }
      if (*feature.over > draft_.pack->retention) {
        reader_.Report("window", *over, "the window is longer than history is kept (retention)",
                       "shorten it, raise 'retention', or count 'over: forever'");
      }
    }
    return PlanFeature(std::move(feature), *value, *by, node.Find("where"));
  }

  std::optional<Feature> PlanFeature(Feature feature, const YamlNode& value, const YamlNode& by,
                                     const YamlNode* where) {
    auto value_expression = CompileIn(reader_, draft_, value, "the value");
    auto by_expression = CompileIn(reader_, draft_, by, "by");
    std::optional<cel::Expression> where_expression;
    if (where != nullptr) where_expression = CompileIn(reader_, draft_, *where, "where");
    if (!value_expression || !by_expression || (where != nullptr && !where_expression)) {
      return std::nullopt;
    }
    bool fine = CheckScope(reader_, draft_, value, value_expression->program, true);
    fine = CheckScope(reader_, draft_, by, by_expression->program, true) && fine;
    if (where != nullptr) {
      fine = CheckScope(reader_, draft_, *where, where_expression->program, true) && fine;
      if (!IsBool(where_expression->type)) {
        reader_.Report("type-mismatch", *where,
                       "where must be true or false, not " + where_expression->type.Text());
        fine = false;
      }
    }
    const bool wants_number = feature.op == FeatureOp::kSum || feature.op == FeatureOp::kAvg ||
                              feature.op == FeatureOp::kMin || feature.op == FeatureOp::kMax;
    const cel::TypeKind type = value_expression->type.kind();
    if (wants_number && type != cel::TypeKind::kInt && type != cel::TypeKind::kDouble &&
        type != cel::TypeKind::kUint) {
      reader_.Report("type-mismatch", value,
                     "the value must be a number, not " + value_expression->type.Text());
      fine = false;
    }
    if (!fine) return std::nullopt;

    const std::string kind_text = cel::Unparse(*by_expression->tree);
    auto [kind, new_kind] = kinds_.try_emplace(kind_text, draft_.pack->features.kinds.size() + 1);
    if (new_kind) draft_.pack->features.kinds.push_back({std::move(by_expression->program), {}});
    feature.kind = static_cast<int>(kind->second);
    KindPlan& plan = draft_.pack->features.kinds[kind->second - 1];
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
    if (wants_number && IsMoney(draft_, value.text)) draft_.money_features.insert(feature.name);
    return feature;
  }

  PackReader& reader_;
  PackDraft& draft_;
  std::map<std::string, std::size_t> kinds_;
  std::map<int, std::vector<SeriesText>> series_;  // by kind
};

}  // namespace

void ReadFeatures(PackReader& reader, const YamlNode& root, PackDraft& draft) {
  FeatureReader(reader, draft).ReadFeatures(root);
}

}  // namespace holdfast
