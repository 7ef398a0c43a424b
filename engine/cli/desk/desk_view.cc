#include "engine/cli/desk/desk_view.h"

#include <algorithm>

#include "engine/base/utf8.h"
#include "engine/cli/cases/case_view.h"

namespace holdfast::cli {
namespace {

constexpr const char* kWalkKeys =
    "[r]elease re[j]ect [h]old ap[p]rove [m]oney [a]sk [n]ote [t]ag [s]kip [q]uit";
constexpr const char* kDetailKeys =
    "[r]elease re[j]ect [h]old ap[p]rove [m]oney [a]sk [n]ote [t]ag [q] back";
constexpr const char* kListKeys =
    "[Enter] open [c]ause [m]ine [u]nclaimed [a]pproval [w]aiting [s]ort [/] [q]uit";

constexpr const char* kHelp[] = {
    "Keys of an order",
    "  r release   j reject   h hold   p approve   m money has come",
    "  a ask the buyer   n note   t tag   s skip (review)",
    "  Up, Down, Page Up, Page Down, Space, Home, End   scroll",
    "  Esc, Tab, Left   the list          q   quit the review, or back to the list",
    "",
    "Keys of the list",
    "  Up, Down, Page Up, Page Down, Home, End   select",
    "  Enter, Right   open the order (review: claim it)   Tab   the order beside",
    "  c   cause: the next one, then all",
    "  m   claimed by you    u   unclaimed    a   waiting for a second person",
    "  w   workable, waiting for payment, all",
    "  s   sort by rank, amount, age, due",
    "  q   quit, or back to the order (review)",
    "",
    "Everywhere",
    "  /   search: filters the list; in an order, goes to it (/ Enter: next)",
    "  Ctrl-C   quit and give the claim back",
    "",
    "A question: type and Enter; a reason by its number; Esc gives up.",
};

std::vector<Span>& RowOf(Frame& frame, int row) {
  return frame.rows[static_cast<std::size_t>(row)];
}

// The end of `text` that fits `width` columns.
std::string_view Tail(std::string_view text, int width) {
  std::size_t from = 0;
  while (from < text.size() && DisplayWidth(text.substr(from)) > width) NextCodePoint(text, from);
  return text.substr(from);
}

void DrawTitle(const Desk& desk, Frame& frame) {
  const QueueList& list = desk.list();
  std::string title = desk.mode() == Desk::Mode::kWalk ? "Holdfast review" : "Holdfast queue";
  title += "  " + desk.filter().Words() + "  by " + std::string(NameOf(list.sort()));
  if (!list.search().empty()) title += "  with '" + list.search() + "'";
  title += "  " + std::to_string(list.rows().size()) + (list.more() ? " and more" : "");
  for (const auto& [cause, count] : list.held()) title += ", " + count + " " + cause;
  constexpr std::string_view kHelpKey = "  ? keys";
  const int width = desk.layout().columns - static_cast<int>(kHelpKey.size());
  RowOf(frame, 0).push_back(
      {0, Fit(Safe(title), width) + std::string(kHelpKey), Colour::kNone, /*reversed=*/true});
}

// "> " marks the selected row on terminals without reverse video.
void DrawList(const Desk& desk, Frame& frame) {
  const Layout& layout = desk.layout();
  const QueueList& list = desk.list();
  if (list.rows().empty()) {
    RowOf(frame, layout.pane_row).push_back({0, "no held order fits the filter"});
    return;
  }
  std::vector<std::vector<std::string>> cells = {
      {"order", "cause", "amount", "due", "claimed", "held for", "buyer", "to", "score", "tags"}};
  constexpr std::size_t kYear = 5, kDayAndTime = 11;  // letters of "2026-", "11-20 08:15"
  for (const QueueRow& row : list.rows()) {
    const bool claimed = !row.claimed_by.empty() && row.claimed_until > desk.now();
    std::string due = "-", age = "-";
    if (row.due) {
      due = *row.due <= desk.now() ? "overdue"
                                   : ShortTime(FormatRfc3339(*row.due)).substr(kYear, kDayAndTime);
    }
    if (row.since) age = AgeOf(FormatRfc3339(*row.since), desk.now());
    cells.push_back({row.order, row.cause, row.amount, due, claimed ? row.claimed_by : "", age,
                     row.buyer, row.country, row.score, row.tags});
  }
  constexpr int kMark = 2;
  Screen table(layout.list_width - kMark, false);
  table.Table(cells);
  const auto& lines = table.lines();
  RowOf(frame, layout.pane_row).push_back({kMark, lines[0].text, Colour::kDim});
  const int page = layout.pane_rows - 1, count = static_cast<int>(list.rows().size());
  const int at = static_cast<int>(list.at());
  const int top = std::clamp(at - page / 2, 0, std::max(count - page, 0));
  for (int i = 0; i < page && top + i < count; ++i) {
    const QueueRow& row = list.rows()[static_cast<std::size_t>(top + i)];
    const bool selected = top + i == at;
    const bool late = row.due && *row.due <= desk.now();
    const std::string text = lines[static_cast<std::size_t>(top + i) + 1].text;
    RowOf(frame, layout.pane_row + 1 + i)
        .push_back({0, Fit((selected ? "> " : "  ") + text, layout.list_width),
                    late ? Colour::kYellow : Colour::kNone,
                    selected && desk.pane() == Desk::Pane::kList});
  }
}

void DrawLine(const ScreenLine& line, int column, bool reversed, std::vector<Span>& row) {
  if (!line.mark.empty()) row.push_back({column, line.mark, Colour::kNone, reversed});
  row.push_back({column + DisplayWidth(line.mark), line.text, line.colour, reversed});
}

void DrawDetail(const Desk& desk, Frame& frame) {
  const Layout& layout = desk.layout();
  if (desk.order().empty()) {
    RowOf(frame, layout.pane_row).push_back({layout.detail_column, "no order is open"});
    return;
  }
  for (std::size_t i = 0; i < desk.head().size(); ++i) {
    DrawLine(desk.head()[i], layout.detail_column, false,
             RowOf(frame, layout.pane_row + static_cast<int>(i)));
  }
  const int lines = static_cast<int>(desk.body().size());
  const int last = std::min(desk.scroll() + layout.body_rows, lines);
  std::string rule = "--- ";
  rule += last < lines ? "more below: " + std::to_string(lines - last) : "end";
  if (desk.scroll() > 0) rule += ", above: " + std::to_string(desk.scroll());
  rule += " ";
  rule.resize(std::max(rule.size(), static_cast<std::size_t>(layout.detail_width)), '-');
  RowOf(frame, layout.rule_row).push_back({layout.detail_column, rule, Colour::kDim});
  for (int at = desk.scroll(); at < last; ++at) {
    DrawLine(desk.body()[static_cast<std::size_t>(at)], layout.detail_column, at == desk.found(),
             RowOf(frame, layout.body_row + at - desk.scroll()));
  }
}

// Draws lines over the rows above the row `below`.
void DrawOver(const std::vector<std::string>& lines, const Layout& layout, int below, Colour colour,
              Frame& frame) {
  const int most = std::max(below - layout.pane_row, 1);
  const int count = std::min(static_cast<int>(lines.size()), most);
  for (int i = 0; i < count; ++i) {
    RowOf(frame, below - count +
                     i) = {{0, Fit(lines[static_cast<std::size_t>(i)], layout.columns), colour}};
  }
}

// The codes with their numbers, several in a line, each whole.
std::vector<std::string> ChoiceLines(const std::vector<std::string>& choices, int width) {
  std::vector<std::string> lines(1);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const std::string choice = Safe(std::to_string(i + 1) + " " + choices[i]);
    const bool full = DisplayWidth(lines.back()) + DisplayWidth(choice) + 2 > width;
    if (full && !lines.back().empty()) lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : "   ") + choice;
  }
  return lines;
}

// The status line, and the bottom line: the keys, or the question.
void DrawBottom(const Desk& desk, Frame& frame) {
  const Layout& layout = desk.layout();
  std::string said = desk.said();
  if (desk.prompt() && !desk.prompt()->fault().empty()) said = desk.prompt()->fault();
  if (!said.empty()) {
    DrawOver(Wrapped(said, layout.columns), layout, layout.status_row + 1, Colour::kBold, frame);
  }
  if (!desk.prompt()) {
    const bool list = desk.pane() == Desk::Pane::kList;
    const bool walk = desk.mode() == Desk::Mode::kWalk;
    RowOf(frame, layout.keys_row).push_back({0, list ? kListKeys : walk ? kWalkKeys : kDetailKeys});
    return;
  }
  const Prompt& prompt = *desk.prompt();
  const Question& question = prompt.question();
  if (!question.choices.empty()) {
    const int below = said.empty() ? layout.status_row + 1 : layout.status_row;
    DrawOver(ChoiceLines(question.choices, layout.columns), layout, below, Colour::kNone, frame);
  }
  // A line that is too long is shown around its cursor.
  constexpr int kTyped = 8;  // columns that are left for it at least
  const std::string asked = Safe(question.text);
  const std::string text(Tail(asked, std::max(layout.columns - kTyped, kTyped)));
  const int room = std::max(layout.columns - DisplayWidth(text) - 1, 1);
  const std::string before = Safe(prompt.line().before());
  const std::string_view shown = Tail(before, room);
  const std::string after = Safe(prompt.line().text().substr(prompt.line().before().size()));
  RowOf(frame, layout.keys_row).push_back({0, text, Colour::kBold});
  RowOf(frame, layout.keys_row).push_back({DisplayWidth(text), std::string(shown) + after});
  frame.cursor_row = layout.keys_row;
  frame.cursor_column = DisplayWidth(text) + DisplayWidth(shown);
}

}  // namespace

Frame DrawDesk(const Desk& desk) {
  const Layout& layout = desk.layout();
  Frame frame;
  frame.rows.resize(static_cast<std::size_t>(layout.rows));
  DrawTitle(desk, frame);
  if (desk.help()) {
    int row = layout.pane_row;
    for (const char* line : kHelp) {
      if (row < layout.status_row) RowOf(frame, row++).push_back({0, line});
    }
    RowOf(frame, layout.keys_row).push_back({0, "any key: back"});
    return frame;
  }
  const bool list = desk.pane() == Desk::Pane::kList;
  if (layout.side_by_side || list) DrawList(desk, frame);
  if (layout.side_by_side) {
    for (int row = layout.pane_row; row < layout.status_row; ++row) {
      RowOf(frame, row).push_back({layout.list_width, "|", Colour::kDim});
    }
  }
  if (layout.side_by_side || !list) DrawDetail(desk, frame);
  DrawBottom(desk, frame);
  return frame;
}

}  // namespace holdfast::cli
