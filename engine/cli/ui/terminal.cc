#include "engine/cli/ui/terminal.h"

#include <sys/ioctl.h>
#include <unicode/uchar.h>
#include <unistd.h>

#include <cstdlib>

#include "engine/base/enum_names.h"
#include "engine/base/number.h"
#include "engine/base/utf8.h"

namespace holdfast::cli {
namespace {

// Columns of a code point: none for marks and joiners, two for wide ones (UAX #11).
int WidthOf(char32_t c) {
  const auto code = static_cast<UChar32>(c);
  constexpr std::uint32_t kNoWidth = U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK;
  if ((U_GET_GC_MASK(code) & kNoWidth) != 0) return 0;
  const int width = u_getIntPropertyValue(code, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

bool IsHarmful(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F || c == 0x061C || c == 0x2028 ||
         c == 0x2029 || c == 0xFEFF || c == 0xFFFD;
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
  const int given = columns == nullptr ? 0 : ParseNumber<int>(columns).value_or(0);
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
    std::string_view line = text.substr(0, end);
    // How other systems end a line does no harm.
    const bool carriage = end != std::string_view::npos && line.ends_with('\r');
    if (carriage) line.remove_suffix(1);
    safe += Safe(line);
    if (carriage) safe += '\r';
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
  return NameIn(kCodes, colour) + std::string(text) + "\x1b[0m";
}

}  // namespace holdfast::cli
