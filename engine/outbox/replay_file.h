// ReplayFile: offsets that operators want to be sent again, one a line. What was taken stays in a
// file beside it until it is kept elsewhere, so that a crash loses none.
// Threads: one.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace holdfast {

class ReplayFile {
 public:
  explicit ReplayFile(std::string path) : path_(std::move(path)) {}

  // The offsets that wait; empty when there are none, or the file cannot be read. A file without
  // any is dropped.
  std::vector<std::uint64_t> Take() const;
  // To be called when those that were taken are kept elsewhere.
  void Drop() const;

 private:
  const std::string path_;
};

}  // namespace holdfast
