#include "engine/cli/ui/full_screen.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdio>

#include "engine/base/enum_names.h"
#include "engine/cli/ui/output.h"

// Wide characters, and functions in place of macros with names such as `erase`.
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <curses.h>

namespace holdfast::cli {

struct FullScreen::Terminal {
  SCREEN* screen = nullptr;
  bool colours = false;
};

namespace {

enum Pair : short { kGreenPair = 1, kYellowPair, kRedPair };

attr_t AttributesOf(const Span& span, bool colours) {
  // In place of colours where there are none. Words carry the same meaning.
  constexpr attr_t kPlain[] = {A_NORMAL, A_NORMAL, A_BOLD, A_BOLD, A_DIM, A_BOLD};
  const attr_t painted[] = {A_NORMAL,
                            static_cast<attr_t>(COLOR_PAIR(kGreenPair)),
                            static_cast<attr_t>(COLOR_PAIR(kYellowPair)),
                            static_cast<attr_t>(COLOR_PAIR(kRedPair)),
                            A_DIM,
                            A_BOLD};
  const attr_t attributes = NameIn(colours ? painted : kPlain, span.colour);
  return span.reversed ? attributes | A_REVERSE : attributes;
}

Key KeyOfCode(wint_t code) {
  using Kind = Key::Kind;
  switch (code) {
    case KEY_ENTER:
      return {Kind::kEnter};
    case KEY_BACKSPACE:
      return {Kind::kBackspace};
    case KEY_DC:
      return {Kind::kDelete};
    case KEY_UP:
      return {Kind::kUp};
    case KEY_DOWN:
      return {Kind::kDown};
    case KEY_LEFT:
      return {Kind::kLeft};
    case KEY_RIGHT:
      return {Kind::kRight};
    case KEY_PPAGE:
      return {Kind::kPageUp};
    case KEY_NPAGE:
      return {Kind::kPageDown};
    case KEY_HOME:
      return {Kind::kHome};
    case KEY_END:
      return {Kind::kEnd};
    case KEY_RESIZE:
      return {Kind::kResize};
    default:
      return {};
  }
}

Key KeyOfCharacter(wint_t c) {
  using Kind = Key::Kind;
  constexpr wint_t kEscape = 0x1B, kDelete = 0x7F;
  if (c == '\r' || c == '\n') return {Kind::kEnter};
  if (c == '\t') return {Kind::kTab};
  if (c == '\b' || c == kDelete) return {Kind::kBackspace};
  if (c == kEscape) return {Kind::kEscape};
  return c < ' ' ? Key{} : Key::Text(static_cast<char32_t>(c));
}

}  // namespace

FullScreen::FullScreen(std::unique_ptr<Terminal> terminal) : terminal_(std::move(terminal)) {}

Result<std::unique_ptr<FullScreen>> FullScreen::Open() {
  // Before curses, whose own handlers would end the program.
  (void)StopFlag();
  // Texts are UTF-8 whatever the locale says.
  if (std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr) std::setlocale(LC_CTYPE, "");
  auto terminal = std::make_unique<Terminal>();
  terminal->screen = newterm(nullptr, stdout, stdin);
  if (terminal->screen == nullptr) {
    return Fail(ErrorCode::kUsage, "TERM",
                "names no terminal that this system knows; set it, for example TERM=xterm");
  }
  constexpr int kEscapeMilliseconds = 25;
  set_escdelay(kEscapeMilliseconds);
  cbreak();
  noecho();
  nonl();
  keypad(stdscr, TRUE);
  terminal->colours = UseColour() && has_colors();
  if (terminal->colours) {
    constexpr short kDefault = -1;
    start_color();
    use_default_colors();
    init_pair(kGreenPair, COLOR_GREEN, kDefault);
    init_pair(kYellowPair, COLOR_YELLOW, kDefault);
    init_pair(kRedPair, COLOR_RED, kDefault);
  }
  return std::unique_ptr<FullScreen>(new FullScreen(std::move(terminal)));
}

FullScreen::~FullScreen() {
  endwin();
  delscreen(terminal_->screen);
}

int FullScreen::columns() const { return getmaxx(stdscr); }

int FullScreen::rows() const { return getmaxy(stdscr); }

void FullScreen::Draw(const Frame& frame) {
  werase(stdscr);
  const int most = std::min(rows(), static_cast<int>(frame.rows.size()));
  for (int row = 0; row < most; ++row) {
    for (const Span& span : frame.rows[static_cast<std::size_t>(row)]) {
      const int room = columns() - span.column;
      if (room <= 0) continue;
      std::string text = Safe(span.text);
      if (DisplayWidth(text) > room) text = Fit(text, room);
      wattrset(stdscr, static_cast<int>(AttributesOf(span, terminal_->colours)));
      mvwaddstr(stdscr, row, span.column, text.c_str());
    }
  }
  wattrset(stdscr, A_NORMAL);
  const bool cursor = frame.cursor_row >= 0 && frame.cursor_row < rows();
  curs_set(cursor ? 1 : 0);
  if (cursor) wmove(stdscr, frame.cursor_row, std::clamp(frame.cursor_column, 0, columns() - 1));
  wrefresh(stdscr);
}

Key FullScreen::Next(std::chrono::milliseconds wait) {
  wtimeout(stdscr, static_cast<int>(wait.count()));
  wint_t c = 0;
  const int got = wget_wch(stdscr, &c);
  if (got == KEY_CODE_YES) return KeyOfCode(c);
  if (got != ERR) return KeyOfCharacter(c);
  pollfd input{STDIN_FILENO, POLLIN, 0};
  const bool gone = poll(&input, 1, 0) > 0 && (input.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
  return gone ? Key{Key::Kind::kGone} : Key{};
}

void FullScreen::DropTyped() { flushinp(); }

}  // namespace holdfast::cli
