// Layout: where the parts of the review screen are, for a size of the terminal. The first row is
// the title, the last two are the status and the keys; between them are the list, the detail, or
// both side by side. Pure; rows and columns are counted from 0.
#pragma once

namespace holdfast::cli {

struct Layout {
  int columns = 0, rows = 0;
  bool side_by_side = false;
  int list_width = 0;  // from column 0
  int detail_column = 0, detail_width = 0;
  int pane_row = 0, pane_rows = 0;  // of the list; the detail divides the same rows:
  int head_rows = 0;                // its head, which stays,
  int rule_row = 0;                 // a line,
  int body_row = 0, body_rows = 0;  // and its body, which scrolls
  int status_row = 0, keys_row = 0;
};

// From this many columns, the list and the detail are shown side by side.
inline constexpr int kSideBySideColumns = 120;

// `head_lines`: lines of the detail's head; it gets at most half of the rows.
Layout LayoutOf(int columns, int rows, int head_lines);

}  // namespace holdfast::cli
