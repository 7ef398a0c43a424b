// FullScreen: the whole terminal, for programs that draw frames and read keys.
//
// Only full_screen.cc includes curses. Threads: the one that opened it. There is one at a time.
#pragma once

#include <chrono>
#include <memory>

#include "engine/base/result.h"
#include "engine/cli/ui/frame.h"
#include "engine/cli/ui/key.h"

namespace holdfast::cli {

class FullScreen {
 public:
  // Errors: kUsage when TERM names no terminal that the system knows.
  static Result<std::unique_ptr<FullScreen>> Open();
  // Restores the terminal.
  ~FullScreen();
  FullScreen(const FullScreen&) = delete;
  FullScreen& operator=(const FullScreen&) = delete;

  int columns() const;
  int rows() const;

  void Draw(const Frame& frame);
  // The next key; kNone when `wait` is over or a signal came.
  Key Next(std::chrono::milliseconds wait);
  // Forgets keys that were typed and not read.
  void DropTyped();

 private:
  struct Terminal;
  explicit FullScreen(std::unique_ptr<Terminal> terminal);

  std::unique_ptr<Terminal> terminal_;
};

}  // namespace holdfast::cli
