// Zstd: texts as Zstandard frames (RFC 8878), a piece at a time.
// Threads: thread-compatible.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace holdfast {

class ZstdWriter {
 public:
  ZstdWriter();
  ~ZstdWriter();
  // Appends what is ready of the frame to `out`.
  void Write(std::string_view text, std::string& out);
  // Ends the frame.
  void End(std::string& out);

 private:
  void Step(std::string_view text, bool end, std::string& out);
  void* context_;
};

class ZstdReader {
 public:
  ZstdReader();
  ~ZstdReader();

  // Do these bytes begin a frame, or may they when more come?
  static bool MayBegin(std::string_view head);

  // Gives `bytes` of frames to be read. REQUIRES: Next has returned 0 since the last time.
  void Feed(std::string bytes);
  // Appends up to `most` bytes of text to `out`, and returns how many; 0 when more is to be fed,
  // or when broken().
  std::size_t Next(std::size_t most, std::string& out);

  // What was fed is no frame, or a damaged one.
  bool broken() const { return broken_; }
  // What was fed ended with the end of a frame.
  bool whole() const { return whole_; }

 private:
  void* context_;
  std::string bytes_;
  std::size_t taken_ = 0;
  bool broken_ = false, whole_ = true;
};

}  // namespace holdfast
