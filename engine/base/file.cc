#include "engine/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

namespace holdfast {

Result<std::string> ReadFile(const std::string& path, std::size_t max_bytes) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return Fail(ErrorCode::kIo, path, "is a folder, not a file");
  }
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (!file) {
    return Fail(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo, path,
                std::string("cannot be opened: ") + std::strerror(errno));
  }
  std::string bytes;
  char buffer[65536];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, file.get())) {
    bytes.append(buffer, got);
    if (bytes.size() > max_bytes) {
      return Fail(ErrorCode::kLimitExceeded, path,
                  "is larger than " + std::to_string(max_bytes) + " bytes");
    }
  }
  if (std::ferror(file.get()) != 0) {
    return Fail(ErrorCode::kIo, path, std::string("cannot be read: ") + std::strerror(errno));
  }
  return bytes;
}

Status ReplaceFile(const std::string& path, std::string_view text) {
  const std::string beside = path + ".new";
  const auto fail = [&](const char* what) -> Status {
    const std::string why = std::strerror(errno);
    std::remove(beside.c_str());
    return Fail(ErrorCode::kIo, path, std::string(what) + why);
  };
  std::FILE* file = std::fopen(beside.c_str(), "wb");
  if (file == nullptr) return fail("cannot be written: ");
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  // If a file is renamed before its bytes are on disk, it may be empty after a power loss.
  const bool on_disk = std::fflush(file) == 0 && fsync(fileno(file)) == 0;
  const bool closed = std::fclose(file) == 0;
  if (!written || !on_disk || !closed) return fail("cannot be written: ");
  struct stat old {};
  if (stat(path.c_str(), &old) == 0) {
    // Only root may give a file away; otherwise the writer owns it.
    const bool given = chown(beside.c_str(), old.st_uid, old.st_gid) == 0;
    if (!given && geteuid() == 0) return fail("cannot be given to its owner: ");
    if (chmod(beside.c_str(), old.st_mode & 07777) != 0) return fail("cannot be written: ");
  }
  if (std::rename(beside.c_str(), path.c_str()) != 0) return fail("cannot be replaced: ");
  return {};
}

Status AppendToFile(const std::string& path, std::string_view text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const bool appended =
      file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      fdatasync(file) == 0;
  const std::string why = std::strerror(errno);
  if (file >= 0) close(file);
  if (!appended) return Fail(ErrorCode::kIo, path, "cannot be written: " + why);
  return {};
}

Status RemoveFolder(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code fault;
  const std::string aside = path.ends_with(kGoing) ? path : path + kGoing;
  if (fs::exists(aside, fault)) fs::remove_all(aside, fault);
  if (!fault && aside != path && fs::exists(path, fault)) {
    fs::rename(path, aside, fault);
    if (!fault) fs::remove_all(aside, fault);
  }
  if (fault) return Fail(ErrorCode::kIo, path, "cannot be removed: " + fault.message());
  return {};
}

}  // namespace holdfast
