#include "engine/cli/ui/output.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "engine/cli/ui/terminal.h"

namespace holdfast::cli {
namespace {

std::atomic<bool> stop{false};

// Readable after a signal, so that a wait for it misses none.
int stop_event = -1;

void OnSignal(int) {
  const int before = errno;
  stop.store(true, std::memory_order_relaxed);
  (void)eventfd_write(stop_event, 1);
  errno = before;
}

}  // namespace

const std::atomic<bool>& StopFlag() {
  static const bool installed = [] {
    stop_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct sigaction action {};
    action.sa_handler = OnSignal;  // without SA_RESTART: a blocked read must end
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return true;
  }();
  static_cast<void>(installed);
  return stop;
}

bool StoppedWithin(std::chrono::milliseconds time) {
  const std::atomic<bool>& stopped = StopFlag();
  pollfd event{stop_event, POLLIN, 0};
  if (!stopped) poll(&event, 1, static_cast<int>(time.count()));
  return stopped;
}

void Output::Write(std::string_view text) {
  constexpr std::size_t kBufferBytes = 1 << 16;
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes) Flush();
}

void Output::Flush() {
  std::size_t at = 0;
  while (at < buffer_.size() && !closed_) {
    const ssize_t wrote = ::write(STDOUT_FILENO, buffer_.data() + at, buffer_.size() - at);
    if (wrote >= 0) {
      at += static_cast<std::size_t>(wrote);
    } else if (errno == EINTR && stop.load(std::memory_order_relaxed)) {
      closed_ = true;  // nothing reads the pipe, and the user asked to stop
    } else if (errno != EINTR) {
      closed_ = true;
      failed_ = errno != EPIPE;
      if (failed_) std::fprintf(stderr, "holdfast: cannot write: %s\n", std::strerror(errno));
    }
  }
  buffer_.clear();
}

Result<int> OpenInput(const std::string& path) {
  if (path == "-") return STDIN_FILENO;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return Fail(ErrorCode::kUsage, path,
                "is a folder, not a file of events; of a data folder, `holdfast log export` writes "
                "its events");
  }
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) return fd;
  return Fail(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo, path,
              std::string("cannot be opened: ") + std::strerror(errno));
}

int ReportError(const Error& error) {
  const ErrorInfo& info = InfoOf(error.code);
  std::fprintf(stderr, "holdfast: error[%s]: %s\n  help: %s\n", std::string(info.name).c_str(),
               Safe(error.Text()).c_str(), std::string(info.remedy).c_str());
  return info.exit_code;
}

int ReportFailure(const Error& error) {
  const int code = ReportError(error);
  constexpr int kFailed = 3;
  return code == 1 ? kFailed : code;
}

}  // namespace holdfast::cli
