#include "engine/cli/desk/layout.h"

#include <algorithm>

namespace holdfast::cli {

Layout LayoutOf(int columns, int rows, int head_lines) {
  constexpr int kLeastColumns = 20, kLeastRows = 7;
  Layout layout;
  // On a smaller terminal, what lies outside is not shown.
  layout.columns = std::max(columns, kLeastColumns);
  layout.rows = std::max(rows, kLeastRows);
  layout.side_by_side = layout.columns >= kSideBySideColumns;
  layout.list_width = layout.columns;
  layout.detail_width = layout.columns;
  if (layout.side_by_side) {
    constexpr int kLeastList = 48, kMostList = 80, kBetween = 2;
    layout.list_width = std::clamp(layout.columns * 2 / 5, kLeastList, kMostList);
    layout.detail_column = layout.list_width + kBetween;
    layout.detail_width = layout.columns - layout.detail_column;
  }
  layout.keys_row = layout.rows - 1;
  layout.status_row = layout.rows - 2;
  layout.pane_row = 1;
  layout.pane_rows = layout.status_row - layout.pane_row;
  layout.head_rows = std::min(head_lines, layout.pane_rows / 2);
  layout.rule_row = layout.pane_row + layout.head_rows;
  layout.body_row = layout.rule_row + 1;
  layout.body_rows = layout.status_row - layout.body_row;
  return layout;
}

}  // namespace holdfast::cli
