#include "engine/ingest/line_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace holdfast {

LineReader::LineReader(int fd, const std::atomic<bool>* stop) : fd_(fd), stop_(stop) {}

bool LineReader::Drained() const {
  // Blank lines are skipped, and there may be nothing after them.
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
  if (!begun_) {
    begun_ = true;
    constexpr std::size_t kMagicBytes = 4;
    do {
      end_ = !Read(kChunk, buffer_);
    } while (!end_ && buffer_.size() < kMagicBytes && ZstdReader::MayBegin(buffer_));
    if (buffer_.size() < kMagicBytes || !ZstdReader::MayBegin(buffer_)) return !end_;
    zstd_ = std::make_unique<ZstdReader>();
    zstd_->Feed(std::exchange(buffer_, {}));
    end_ = false;
  }
  end_ = zstd_ != nullptr ? !Unpack(kChunk) : !Read(kChunk, buffer_);
  return !end_;
}

bool LineReader::Read(std::size_t most, std::string& out) {
  const std::size_t before = out.size();
  out.resize(before + most);
  ssize_t got = -1;
  while (!stop_->load(std::memory_order_relaxed)) {
    got = ::read(fd_, out.data() + before, most);
    if (got >= 0 || errno != EINTR) break;
  }
  if (got < 0 && !stop_->load(std::memory_order_relaxed)) {
    error_ = Error{ErrorCode::kIo, "input", std::string("cannot be read: ") + std::strerror(errno)};
  }
  out.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return got > 0;
}

bool LineReader::Unpack(std::size_t most) {
  while (zstd_->Next(most, buffer_) == 0) {
    std::string bytes;
    if (!zstd_->broken() && Read(most, bytes)) {
      zstd_->Feed(std::move(bytes));
      continue;
    }
    if (zstd_->broken() || (!zstd_->whole() && !stop_->load(std::memory_order_relaxed))) {
      error_ = Error{ErrorCode::kMalformedInput, "input",
                     zstd_->broken() ? "is damaged Zstandard data" : "ends within Zstandard data"};
    }
    return false;
  }
  return true;
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
