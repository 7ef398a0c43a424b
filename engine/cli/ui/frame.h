// Frame: what a full-screen program shows at one time: for each row of the terminal, pieces of text
// with the columns where they begin.
#pragma once

#include <string>
#include <vector>

#include "engine/cli/ui/terminal.h"

namespace holdfast::cli {

struct Span {
  int column = 0;
  std::string text;  // any text; the screen makes it harmless and cuts it at its edge
  Colour colour = Colour::kNone;
  bool reversed = false;
};

struct Frame {
  std::vector<std::vector<Span>> rows;  // later spans cover earlier ones
  int cursor_row = -1;                  // -1: no cursor
  int cursor_column = 0;
};

}  // namespace holdfast::cli
