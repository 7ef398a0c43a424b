#include "engine/cli/score_summary.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "engine/base/text.h"
#include "engine/model/names.h"

namespace holdfast::cli {

void ScoreSummary::Add(const Decision& decision) {
  ++decisions_;
  std::string key = decision.merchant;
  key += '\0';
  key += decision.order_id;
  last_[std::move(key)] = {decision.outcome, decision.cause};
  for (const Reason& reason : decision.reasons) ++rules_[reason.rule];
}

std::string ScoreSummary::Text(double seconds) const {
  std::array<std::uint64_t, 3> outcomes{};
  std::map<Cause, std::uint64_t> causes;
  for (const auto& [key, last] : last_) {
    ++outcomes[static_cast<std::size_t>(last.outcome)];
    if (last.outcome == Outcome::kHold) ++causes[last.cause];
  }
  std::string text = Grouped(last_.size()) + " orders, " + Grouped(decisions_) + " decisions of " +
                     Grouped(events_) + " events: " + Grouped(outcomes[0]) + " ship, " +
                     Grouped(outcomes[1]) + " hold, " + Grouped(outcomes[2]) + " reject\n";
  if (!causes.empty()) {
    std::vector<std::pair<std::uint64_t, std::string_view>> sorted;
    for (const auto& [cause, count] : causes) sorted.emplace_back(count, NameOf(cause));
    std::sort(sorted.rbegin(), sorted.rend());
    text += "held by cause: ";
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      text += (i > 0 ? ", " : "") + std::string(sorted[i].second) + " " + Grouped(sorted[i].first);
    }
    text += "\n";
  }
  if (!rules_.empty()) {
    std::vector<std::pair<std::uint64_t, std::string>> sorted;
    for (const auto& [rule, count] : rules_) sorted.emplace_back(count, rule);
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    text += "top rules: ";
    for (std::size_t i = 0; i < sorted.size() && i < 5; ++i) {
      text += (i > 0 ? ", " : "") + sorted[i].second + " " + Grouped(sorted[i].first);
    }
    text += "\n";
  }
  if (rejects_ > 0) text += Grouped(rejects_) + " inputs rejected\n";
  if (duplicates_ > 0) text += Grouped(duplicates_) + " events came twice and were ignored\n";
  char line[96];
  std::snprintf(line, sizeof line, "%.1f s, %s orders/s\n", seconds,
                Grouped(static_cast<unsigned long long>(
                            seconds > 0 ? static_cast<double>(last_.size()) / seconds : 0))
                    .c_str());
  return text + line;
}

}  // namespace holdfast::cli
