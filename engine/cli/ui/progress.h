// Progress: a line on standard error, rewritten in place, while something goes on for more than two
// seconds. Nothing when standard error is no terminal.
#pragma once

#include <chrono>
#include <string>

namespace holdfast::cli {

class Progress {
 public:
  // True now and then: when the line is due to be written again.
  bool Due();
  void Show(const std::string& line);
  // Takes the line away.
  void End();
  ~Progress() { End(); }

 private:
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_{};
  bool shown_ = false;
};

}  // namespace holdfast::cli
