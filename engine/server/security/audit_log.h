// AuditLog: who with more than the right to send asked for what, and how it was answered; one JSON
// object a line.
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

  // Opens the file again, which may have been moved aside. Errors: kIo; then the old one goes
  // on.
  Status Reopen();

 private:
  explicit AuditLog(std::string path) : path_(std::move(path)) {}

  const std::string path_;
  std::mutex mutex_;
  int file_ = -1;
};

}  // namespace holdfast
