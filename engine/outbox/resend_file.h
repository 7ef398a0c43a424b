// ResendFile: the offsets of messages that operators want to send again, one a line. Offsets that
// were taken stay in a second file until they are stored elsewhere, so that a crash loses none.
// Threads: one.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace holdfast {

class ResendFile {
 public:
  explicit ResendFile(std::string path) : path_(std::move(path)) {}

  // Takes the waiting offsets; empty when there are none, or the file cannot be read. A file
  // without offsets is deleted.
  std::vector<std::uint64_t> Take() const;
  // To be called when the taken offsets are stored elsewhere.
  void Drop() const;

 private:
  const std::string path_;
};

}  // namespace holdfast
