// Terminal: output for people: columns that fit, colour if supported, and no control characters
// from untrusted text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::cli {

enum class Colour { kNone, kGreen, kYellow, kRed, kDim, kBold };

// True when standard output is a terminal and NO_COLOR is not set.
bool UseColour();

// True when `fd` is a terminal.
bool IsTerminal(int fd);

// Columns of the terminal; COLUMNS, or 120, where there is none.
int TerminalWidth();

// `text` with control characters, escape sequences and direction marks made visible as '?'.
std::string Safe(std::string_view text);

// The same for a text of several lines, whose line ends stay, "\r\n" too.
std::string SafeLines(std::string_view text);

// Columns that `text` takes: two for wide characters, none for combining ones.
int DisplayWidth(std::string_view text);

// `text` cut to at most `width` columns, with an ellipsis where it was cut, and padded to it.
std::string Fit(std::string_view text, int width);

std::string Paint(std::string_view text, Colour colour, bool use);

}  // namespace holdfast::cli
