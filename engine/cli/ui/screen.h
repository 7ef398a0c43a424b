// Screen: lines of text that fit a terminal: wrapped, in columns, harmless.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cli/ui/terminal.h"
#include "engine/codec/json_value.h"

namespace holdfast::cli {

// One line as it fits the screen.
struct ScreenLine {
  std::string mark;  // before the text, never coloured
  std::string text;
  Colour colour = Colour::kNone;
};

class Screen {
 public:
  Screen(int width, bool colour) : width_(width), colour_(colour) {}

  int width() const { return width_; }

  // One line, cut where it is too long.
  void Line(std::string_view text, Colour colour = Colour::kNone);
  void Heading(std::string_view text);
  // A text of any length, wrapped at blanks; its first line begins with `mark`, the others as far
  // in.
  void Item(std::string_view mark, std::string_view text, Colour colour = Colour::kNone);
  // Rows of cells, columns as wide as they need and as there is room: what is left over the last
  // column takes. The first row is the head. `below`: a line for under each row after the head; an
  // empty one prints nothing. May be empty.
  void Table(const std::vector<std::vector<std::string>>& rows,
             const std::vector<std::string>& below = {});

  const std::vector<ScreenLine>& lines() const { return lines_; }
  // The lines with colours, as text for a terminal.
  std::string text() const;

 private:
  const int width_;
  const bool colour_;
  std::vector<ScreenLine> lines_;
};

// Prints an answer of the service: as it came, as JSON, or as `show` writes it.
void Print(const JsonValue& answer, bool json, const std::function<void(Screen& screen)>& show);

// The parts of `text` that fit `width` columns, broken at blanks where there are any.
std::vector<std::string> Wrapped(std::string_view text, int width);

}  // namespace holdfast::cli
