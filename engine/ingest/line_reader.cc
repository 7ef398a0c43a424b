#include "engine/ingest/line_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace holdfast {

LineReader::LineReader(int fd, const std::atomic<bool>* stop) : fd_(fd), stop_(stop) {}

bool LineReader::Drained() const {
  // Lines of blanks are passed over, and may be followed by nothing.
  const std::size_t text = buffer_.find_first_not_of(" \t\r\n", begin_);
  if (text == std::string::npos) return true;
  return buffer_.find('\n', std::max(text, searched_)) == std::string::npos;
}

bool LineReader::Fill() {
  if (end_) return false;
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    searched_ -= std::min(searched_, begin_);
    begin_ = 0;
  }
  constexpr std::size_t kChunk = 1 << 16;
  const std::size_t before = buffer_.size();
  buffer_.resize(before + kChunk);
  ssize_t got = -1;
  while (!stop_->load(std::memory_order_relaxed)) {
    got = ::read(fd_, buffer_.data() + before, kChunk);
    if (got >= 0 || errno != EINTR) break;
  }
  if (got < 0 && !stop_->load(std::memory_order_relaxed)) {
    error_ = Error{ErrorCode::kIo, "input", std::string("cannot be read: ") + std::strerror(errno)};
  }
  buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  end_ = got <= 0;
  return !end_;
}

std::optional<std::string_view> LineReader::Next() {
  too_long_ = false;
  while (true) {
    if (stop_->load(std::memory_order_relaxed)) return std::nullopt;
    std::size_t end = buffer_.find('\n', std::max(begin_, searched_));
    const bool complete = end != std::string::npos;
    if (!complete) {
      searched_ = buffer_.size();
      if (buffer_.size() - begin_ > kLineMax) {
        // Keep the start for the report, drop the rest as it comes.
        too_long_ = true;
        buffer_.resize(begin_ + kLineMax);
        searched_ = buffer_.size();
      }
      if (Fill()) continue;
      if (begin_ == buffer_.size() || stop_->load(std::memory_order_relaxed)) return std::nullopt;
      end = buffer_.size();
    }
    std::string_view line(buffer_.data() + begin_, end - begin_);
    begin_ = complete ? end + 1 : end;
    searched_ = begin_;
    ++number_;
    bytes_ += line.size() + 1;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return line;
  }
}

}  // namespace holdfast
