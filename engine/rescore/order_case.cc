#include "engine/rescore/order_case.h"

#include <algorithm>

#include "engine/base/enum_names.h"
#include "engine/model/names.h"

namespace holdfast {
std::string_view NameOf(Label label) {
  constexpr std::string_view kNames[] = {"fraud", "good", "unknown"};
  return NameIn(kNames, label);
}

std::vector<Difference> DifferencesIn(const Rulings& rulings) {
  std::vector<Difference> differences;
  const auto find = [](const Ruling& ruling, const std::string& rule) -> const RuleHit* {
    const auto at = std::find_if(ruling.hits.begin(), ruling.hits.end(),
                                 [&rule](const RuleHit& hit) { return hit.rule == rule; });
    return at == ruling.hits.end() ? nullptr : &*at;
  };
  for (const RuleHit& hit : rulings.after.hits) {
    const RuleHit* before = find(rulings.before, hit.rule);
    if (before == nullptr || *before != hit) differences.push_back({hit.rule, before, &hit});
  }
  for (const RuleHit& hit : rulings.before.hits) {
    if (find(rulings.after, hit.rule) == nullptr) differences.push_back({hit.rule, &hit, nullptr});
  }
  if (differences.size() > 1) {
    std::erase_if(differences, [](const Difference& one) {
      const RuleHit* hit = one.after != nullptr ? one.after : one.before;
      return hit->effect == Effect::kThreshold;
    });
  }
  return differences;
}

std::vector<std::string> Why(const Rulings& rulings) {
  std::vector<std::string> why;
  const auto text = [](const RuleHit& hit) {
    return hit.effect == Effect::kPoints ? std::to_string(hit.points)
                                         : std::string(NameOf(hit.effect));
  };
  for (const Difference& one : DifferencesIn(rulings)) {
    if (one.before == nullptr) {
      why.push_back("+" + one.rule);
    } else if (one.after == nullptr) {
      why.push_back("-" + one.rule);
    } else {
      why.push_back(one.rule + " " + text(*one.before) + ">" + text(*one.after));
    }
  }
  return why;
}

std::vector<std::string> Needed(const Ruling& ruling, int threshold) {
  std::vector<std::string> needed;
  if (!ruling.Stopped()) return needed;
  std::size_t firm = 0;
  int score = 0;
  const bool reached = ruling.Reached();
  for (const RuleHit& hit : ruling.hits) {
    firm += hit.effect == Effect::kHold || hit.effect == Effect::kReject ? 1 : 0;
    score += hit.points;
  }
  for (const RuleHit& hit : ruling.hits) {
    const bool is_firm = hit.effect == Effect::kHold || hit.effect == Effect::kReject;
    const bool alone = is_firm && firm == 1 && !reached;
    const bool tips = hit.points > 0 && firm == 0 && reached && score - hit.points < threshold;
    if (alone || tips) needed.push_back(hit.rule);
  }
  return needed;
}

}  // namespace holdfast
