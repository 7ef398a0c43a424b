#include "engine/packs/read_rules.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/model/names.h"
#include "engine/packs/check_rules.h"
#include "engine/packs/keys.h"
#include "engine/packs/read_template.h"

namespace holdfast {
namespace {

class RuleReader {
 public:
  RuleReader(PackReader& reader, PackDraft& draft) : reader_(reader), draft_(draft) {}

  void ReadRules(const YamlNode& root) {
    const YamlNode* node = root.Find("rules");
    if (node == nullptr) return;
    if (!node->IsList()) return reader_.Report("type-mismatch", *node, "rules must be a list");
    if (node->list.size() > limits::kRules) {
      return reader_.Report("limit", *node,
                            "more than " + std::to_string(limits::kRules) + " rules");
    }
    std::set<std::string> ids;
    for (const YamlNode& entry : node->list) {
      if (!entry.IsMap()) {
        reader_.Report("type-mismatch", entry, "a rule is a map with id, when and an effect");
        continue;
      }
      reader_.CheckKeys(entry, Section::kRule);
      const YamlNode* id = entry.Find("id");
      if (id == nullptr) {
        reader_.Report("missing-key", entry, "the rule has no id");
        continue;
      }
      if (!IsRuleId(id->text)) {
        reader_.Report("bad-name", *id, "a rule's id has lower-case letters, digits, '-' and '_'");
        continue;
      }
      if (IsOwnName(id->text)) {
        reader_.Report("bad-name", *id, "'" + id->text + "' is a reason of the engine's own");
        continue;
      }
      if (!ids.insert(id->text).second) {
        reader_.Report("duplicate-rule", *id,
                       "there is another rule with the id '" + id->text + "'");
        continue;
      }
      ReadRule(entry, *id);
    }
  }

 private:
  void ReadRule(const YamlNode& node, const YamlNode& id) {
    Rule rule;
    rule.id = id.text;
    rule.title = reader_.Text(node.Find("title"), "title").value_or(rule.id);
    rule.code = reader_.Text(node.Find("code"), "code").value_or(ToConstantName(rule.id));
    rule.ask = reader_.Text(node.Find("ask"), "ask").value_or("");
    rule.hard = reader_.Flag(node.Find("hard"), "hard").value_or(false);
    rule.shadow = reader_.Word(node.Find("mode"), "mode", {"active", "shadow"}).value_or(0) == 1;
    const bool has_effect = ReadEffect(node, id, rule);
    ReadOnMissing(node, rule);
    ReadDeadline(node, rule);
    ReadReason(node, rule);

    const YamlNode* when = node.Find("when");
    if (when == nullptr) {
      return reader_.Report("missing-key", id, "the rule has no condition", "add 'when: ...'");
    }
    auto expression = CompileIn(reader_, draft_, *when, "when");
    if (!expression) return;
    if (!IsBool(expression->type)) {
      return reader_.Report("type-mismatch", *when,
                            "when must be true or false, not " + expression->type.Text());
    }
    if (!CheckScope(reader_, draft_, *when, expression->program, false)) return;
    const std::size_t before = reader_.diagnostics().size();
    CheckCondition(*expression->tree, *draft_.pack, reader_.file(), *when, reader_.diagnostics());
    if (reader_.diagnostics().size() > before) return;
    if (!CheckCertain(*when, *expression) || !has_effect) return;
    draft_.whens.push_back(when);
    rule.when = std::move(*expression);
    rule.reads = rule.when.program.slots();
    draft_.pack->rules.push_back(std::move(rule));
  }

  void ReadDeadline(const YamlNode& node, Rule& rule) {
    const YamlNode* deadline = node.Find("deadline");
    const YamlNode* then = node.Find("on_deadline");
    if (deadline == nullptr && then == nullptr) return;
    if (deadline == nullptr) {
      return reader_.Report("contradiction", *then,
                            "on_deadline says what follows a deadline, but none is set",
                            "add 'deadline: 48h'");
    }
    if (rule.effect != Effect::kHold) {
      return reader_.Report("contradiction", *deadline, "only a rule that holds has a deadline");
    }
    rule.deadline = ParseSpan(deadline->text);
    if (!rule.deadline) {
      return reader_.Report("type-mismatch", *deadline,
                            "deadline must be a time such as 90m, 24h or 3d");
    }
    rule.on_deadline = static_cast<OnDeadline>(
        reader_.Word(then, "on_deadline", {OnDeadlineWords().begin(), OnDeadlineWords().end()})
            .value_or(0));
    if (rule.cause == Cause::kFunds && rule.on_deadline == OnDeadline::kShip) {
      reader_.Report("contradiction", *then, "funds are not released by time",
                     "let the hold go on, or reject the order");
    }
  }

  // Reports a condition that is always or never true, whatever the order.
  bool CheckCertain(const YamlNode& when, const cel::Expression& expression) {
    cel::Truth truth = cel::TruthOf(*expression.tree, BoundsOfValues(*draft_.pack));
    std::string fault;
    if (expression.program.slots().empty()) {
      const cel::Value value = cel::Machine().Run(expression.program, nullptr);
      truth = value.IsTrue() ? cel::Truth::kAlways : cel::Truth::kNever;
      if (value.IsAbsent()) fault = cel::ToText(value);
    }
    if (truth == cel::Truth::kNever) {
      reader_.Report(
          "never-fires", when,
          fault.empty() ? "the condition is never true" : "the condition always fails: " + fault,
          "correct it or delete the rule");
      return false;
    }
    if (truth == cel::Truth::kAlways) {
      reader_.Warn("always-fires", when, "the condition is always true");
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
        reader_.Report("contradiction", *found, "a rule has one effect, this one has two");
        return false;
      }
      value = found;
      rule.effect = effect;
    }
    if (value == nullptr) {
      reader_.Report("missing-key", id, "the rule has no effect",
                     "add one of reject: true, allow: true, hold: CAUSE, points: N, advise: TEXT");
      return false;
    }
    const auto names = NamesOf<Cause>().subspan(1);
    const std::vector<std::string_view> causes(names.begin(), names.end());
    const auto cause_of = [&](const YamlNode* cause, std::string_view what) {
      const auto index = reader_.Word(cause, what, causes);
      if (index) rule.cause = static_cast<Cause>(*index + 1);
      return index.has_value();
    };
    if (const YamlNode* cause = node.Find("cause")) {
      if (rule.effect != Effect::kPoints) {
        reader_.Report("contradiction", *cause,
                       "only a points rule has a cause of its own; write 'hold: CAUSE'");
        return false;
      }
      if (!cause_of(cause, "cause")) return false;
    }
    switch (rule.effect) {
      case Effect::kHold:
        return cause_of(value, "hold");
      case Effect::kPoints: {
        const auto points = reader_.Whole(value, "points", -100, 100);
        rule.points = static_cast<int>(points.value_or(0));
        if (points && *points == 0)
          reader_.Report("never-fires", *value, "0 points have no effect");
        return points.has_value();
      }
      case Effect::kAdvise:
        advice_ = value;
        return reader_.Text(value, "advise").has_value();
      default:
        if (value->text != "true") {
          reader_.Report("type-mismatch", *value,
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
        reader_.Word(given, "on_missing", {OnMissingWords().begin(), OnMissingWords().end()});
    if (!index) return;
    rule.on_missing = static_cast<OnMissing>(*index);
    const bool opens =
        rule.effect == Effect::kAllow || (rule.effect == Effect::kPoints && rule.points < 0);
    if (opens && rule.on_missing == OnMissing::kMatch) {
      reader_.Report("fails-open", *given,
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
    if (!text->IsScalar()) return reader_.Report("type-mismatch", *text, "reason must be a text");
    rule.reason = ReadTemplate(reader_, draft_, *text);
  }

  PackReader& reader_;
  PackDraft& draft_;
  const YamlNode* advice_ = nullptr;
};

}  // namespace

void ReadRules(PackReader& reader, const YamlNode& root, PackDraft& draft) {
  RuleReader(reader, draft).ReadRules(root);
}

}  // namespace holdfast
