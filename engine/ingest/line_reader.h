// LineReader: lines of a file or of standard input, as they come, plain or as Zstandard frames.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/base/zstd.h"

namespace holdfast {

class LineReader {
 public:
  // Reads from file descriptor `fd`, which stays the caller's. Stops when `*stop` becomes true.
  LineReader(int fd, const std::atomic<bool>* stop);

  // The next line without its end; nothing at the end of the input or at a stop. The view is good
  // until the next call. A line beyond the limit of one event
  // comes cut, with TooLong() true.
  std::optional<std::string_view> Next();

  bool TooLong() const { return too_long_; }
  // The number of the line that Next returned last, from 1.
  std::int64_t number() const { return number_; }
  std::uint64_t bytes() const { return bytes_; }
  // True when no whole line with more than blanks is waiting: the next call may block.
  bool Drained() const;
  // The error of a read that failed.
  const std::optional<Error>& error() const { return error_; }

 private:
  // Appends some more to the buffer; false at the end.
  bool Fill();
  // Appends up to `most` bytes of the input to `out`; false at the end, at a stop and at an error.
  bool Read(std::size_t most, std::string& out);
  bool Unpack(std::size_t most);

  static constexpr std::size_t kLineMax = (1 << 20) + 4096;
  int fd_;
  const std::atomic<bool>* stop_;
  std::unique_ptr<ZstdReader> zstd_;  // of an input in frames
  std::string buffer_;
  std::size_t begin_ = 0;  // of what has not been returned
  std::size_t searched_ = 0;
  bool begun_ = false, end_ = false;
  bool too_long_ = false;
  std::int64_t number_ = 0;
  std::uint64_t bytes_ = 0;
  std::optional<Error> error_;
};

}  // namespace holdfast
