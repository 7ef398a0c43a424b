#include "engine/cli/ui/decision_table.h"

#include <algorithm>

#include "engine/cli/ui/terminal.h"
#include "engine/model/names.h"

namespace holdfast::cli {
namespace {

constexpr int kOutcomeWidth = 7, kCauseWidth = 12, kFundsWidth = 9, kScoreWidth = 5;

Colour ColourOf(std::string_view outcome) {
  if (outcome == "ship") return Colour::kGreen;
  return outcome == "hold" ? Colour::kYellow : Colour::kRed;
}

}  // namespace

DecisionTable::DecisionTable(Output& output)
    : output_(output), colour_(UseColour()), width_(TerminalWidth()) {}

void DecisionTable::Add(const Decision& decision) {
  Row row;
  row.order = Safe(decision.order_id);
  row.outcome = NameOf(decision.outcome);
  row.cause = NameOf(decision.cause);
  row.funds = NameOf(decision.funds);
  row.score = std::to_string(decision.score);
  for (const Reason& reason : decision.reasons) {
    if (!row.why.empty()) row.why += "; ";
    row.why += Safe(reason.text);
  }
  if (head_written_) return WriteRow(row);
  waiting_.push_back(std::move(row));
  if (waiting_.size() == kFitRows) Flush();
}

void DecisionTable::Flush() {
  if (waiting_.empty()) return;
  for (const Row& row : waiting_) order_width_ = std::max(order_width_, DisplayWidth(row.order));
  order_width_ = std::min(order_width_, 28);
  if (!head_written_) WriteHead();
  for (const Row& row : waiting_) WriteRow(row);
  waiting_.clear();
}

void DecisionTable::WriteHead() {
  head_written_ = true;
  const std::string head = Fit("ORDER", order_width_) + "  " + Fit("OUTCOME", kOutcomeWidth) +
                           "  " + Fit("CAUSE", kCauseWidth) + "  " + Fit("FUNDS", kFundsWidth) +
                           "  " + Fit("SCORE", kScoreWidth) + "  WHY";
  output_.Write(Paint(head, Colour::kBold, colour_) + "\n");
}

void DecisionTable::WriteRow(const Row& row) {
  const int used = order_width_ + kOutcomeWidth + kCauseWidth + kFundsWidth + kScoreWidth + 10;
  const int left = std::max(20, width_ - used);
  std::string line = Fit(row.order, order_width_) + "  " +
                     Paint(Fit(row.outcome, kOutcomeWidth), ColourOf(row.outcome), colour_) + "  " +
                     Fit(row.cause, kCauseWidth) + "  " + Fit(row.funds, kFundsWidth) + "  ";
  const std::string score(
      static_cast<std::size_t>(std::max(0, kScoreWidth - DisplayWidth(row.score))), ' ');
  std::string why = Fit(row.why, left);
  why.erase(why.find_last_not_of(' ') + 1);
  line += score + row.score + (why.empty() ? "" : "  " + why);
  output_.Write(line + "\n");
}

}  // namespace holdfast::cli
