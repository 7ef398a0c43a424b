#include "engine/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iterator>

#include "engine/base/utf8.h"

namespace holdfast::cli {
namespace {

struct CodeRange {
  char32_t first, last;
};

// Combining marks and joiners: no column of their own.
constexpr CodeRange kZeroWidth[] = {
    {0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},   {0x610, 0x61A},   {0x64B, 0x65F},
    {0x6D6, 0x6DC},   {0x900, 0x902},   {0x93C, 0x93C},   {0x941, 0x948},   {0xE31, 0xE31},
    {0xE34, 0xE3A},   {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200D}, {0x20D0, 0x20FF},
    {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};
// East Asian wide and full-width characters, and emoji: two columns.
constexpr CodeRange kWide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},
                               {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},
                               {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
                               {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
                               {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};

template <std::size_t N>
bool Within(const CodeRange (&ranges)[N], char32_t c) {
  for (const CodeRange& range : ranges) {
    if (c >= range.first && c <= range.last) return true;
  }
  return false;
}

int WidthOf(char32_t c) {
  if (Within(kZeroWidth, c)) return 0;
  return Within(kWide, c) ? 2 : 1;
}

bool IsHarmful(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F || c == 0xFEFF || c == 0xFFFD;
}

}  // namespace

bool IsTerminal(int fd) { return isatty(fd) == 1; }

bool UseColour() {
  const char* none = std::getenv("NO_COLOR");
  return IsTerminal(STDOUT_FILENO) && (none == nullptr || *none == '\0');
}

int TerminalWidth() {
  constexpr int kDefault = 120;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* columns = std::getenv("COLUMNS");
  const int given = columns == nullptr ? 0 : std::atoi(columns);
  return given > 0 ? given : kDefault;
}

std::string Safe(std::string_view text) {
  std::string safe;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t c = NextCodePoint(text, at);
    if (IsHarmful(c)) {
      safe += '?';
    } else {
      safe += text.substr(begin, at - begin);
    }
  }
  return safe;
}

std::string SafeLines(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    safe += Safe(text.substr(0, end));
    if (end == std::string_view::npos) break;
    safe += '\n';
    text.remove_prefix(end + 1);
  }
  return safe;
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  for (std::size_t at = 0; at < text.size();) width += WidthOf(NextCodePoint(text, at));
  return width;
}

std::string Fit(std::string_view text, int width) {
  std::string fitted;
  int used = 0;
  const bool cut = DisplayWidth(text) > width;
  const int room = cut ? width - 1 : width;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const int mine = WidthOf(NextCodePoint(text, at));
    if (used + mine > room) break;
    fitted += text.substr(begin, at - begin);
    used += mine;
  }
  if (cut && width > 0) {
    fitted += "…";
    ++used;
  }
  if (used < width) fitted.append(static_cast<std::size_t>(width - used), ' ');
  return fitted;
}

std::string Paint(std::string_view text, Colour colour, bool use) {
  constexpr const char* kCodes[] = {"", "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[2m", "\x1b[1m"};
  if (!use || colour == Colour::kNone) return std::string(text);
  return kCodes[static_cast<int>(colour)] + std::string(text) + "\x1b[0m";
}

}  // namespace holdfast::cli
