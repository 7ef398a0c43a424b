// AuditLog: requests of keys with review or admin rights, and their results, one JSON object a
// line.
//
// Threads: any.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace holdfast {

class AuditLog {
 public:
  // Writes to the end of the file at `path`, which only its owner may read. Errors: kIo.
  static Result<std::unique_ptr<AuditLog>> Open(const std::string& path);
  ~AuditLog();

  // Adds a line. `durable`: it is on disk when this returns. Errors: kIo.
  Status Write(std::string_view line, bool durable);

  // Opens the file again, for log rotation. Errors: kIo; the old file then stays in use.
  Status Reopen();

 private:
  explicit AuditLog(std::string path) : path_(std::move(path)) {}

  const std::string path_;
  std::mutex mutex_;
  int file_ = -1;
};

}  // namespace holdfast
