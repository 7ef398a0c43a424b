#include "engine/cli/ui/progress.h"

#include <unistd.h>

#include <cstdio>

#include "engine/cli/ui/terminal.h"

namespace holdfast::cli {

bool Progress::Due() {
  static const bool on = IsTerminal(STDERR_FILENO);
  constexpr auto kFirst = std::chrono::seconds(2);
  constexpr auto kEvery = std::chrono::milliseconds(500);
  if (!on) return false;
  const auto now = std::chrono::steady_clock::now();
  if (now - started_ < kFirst || now - last_ < kEvery) return false;
  last_ = now;
  return true;
}

void Progress::Show(const std::string& line) {
  std::fprintf(stderr, "\r%s   ", line.c_str());
  shown_ = true;
}

void Progress::End() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
  shown_ = false;
}

}  // namespace holdfast::cli
