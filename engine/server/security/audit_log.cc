#include "engine/server/security/audit_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace holdfast {

Result<std::unique_ptr<AuditLog>> AuditLog::Open(const std::string& path) {
  std::unique_ptr<AuditLog> log(new AuditLog(path));
  if (Status opened = log->Reopen(); !opened) return tl::unexpected(opened.error());
  return log;
}

AuditLog::~AuditLog() {
  if (file_ >= 0) close(file_);
}

Status AuditLog::Write(std::string_view line, bool durable) {
  // A line that need not be on disk does not wait for one that must.
  int synced = -1;
  bool kept = false;
  {
    const std::lock_guard lock(mutex_);
    kept = write(file_, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    if (kept && durable) kept = (synced = dup(file_)) >= 0;
  }
  if (synced >= 0) {
    kept = fdatasync(synced) == 0;
    close(synced);
  }
  if (!kept)
    return Fail(ErrorCode::kIo, path_, std::string("cannot be written: ") + std::strerror(errno));
  return {};
}

Status AuditLog::Reopen() {
  const int file = open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) {
    return Fail(ErrorCode::kIo, path_, std::string("cannot be written: ") + std::strerror(errno));
  }
  const std::lock_guard lock(mutex_);
  if (file_ >= 0) close(file_);
  file_ = file;
  return {};
}

}  // namespace holdfast
