#include "engine/cli/rules/explained_text.h"

#include "engine/base/enum_names.h"
#include "engine/codec/json_object.h"
#include "engine/model/names.h"

namespace holdfast::cli {
namespace {

JsonObject ObjectOf(const ExplainedPart& part) {
  constexpr const char* kStates[] = {"known", "missing", "failed"};
  JsonObject json;
  json.Text("expression", part.text)
      .Text("state", NameIn(kStates, part.state))
      .Text("value", part.value);
  return json;
}

}  // namespace

std::string_view NameOfVerdict(RuleResult::How how) {
  constexpr std::string_view kNames[] = {"does not match", "matches", "cannot be judged", "fails"};
  return NameIn(kNames, how);
}

std::string_view WordOfVerdict(RuleResult::How how) {
  constexpr std::string_view kWords[] = {"no", "matched", "missing", "failed"};
  return NameIn(kWords, how);
}

std::string EffectOf(const Rule& rule) {
  std::string text(NameOf(rule.effect));
  if (rule.effect == Effect::kHold) text += " " + std::string(NameOf(rule.cause));
  if (rule.effect == Effect::kPoints) text = std::to_string(rule.points) + " points";
  return rule.shadow ? text + ", in shadow" : text;
}

std::string ValueJson(const ExplainedPart& part) { return ObjectOf(part).Done(); }

std::string PartJson(const ExplainedPart& part) {
  JsonList parts;
  for (const ExplainedPart& one : part.parts) parts.Add(PartJson(one));
  return ObjectOf(part).Raw("parts", parts.Done()).Done();
}

}  // namespace holdfast::cli
