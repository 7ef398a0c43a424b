#include "engine/rescore/scratch_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "engine/base/file.h"

namespace holdfast {

namespace fs = std::filesystem;

Status PrepareScratch(const std::string& folder, const std::string& kind, bool anew) {
  constexpr std::size_t kKindBytes = 1 << 16;
  std::error_code fault;
  fs::create_directories(folder, fault);
  if (fault) return Fail(ErrorCode::kIo, folder, "cannot be made: " + fault.message());
  const std::string path = folder + "/kind";
  const auto there = ReadFile(path, kKindBytes);
  if (!anew && there && *there == kind) return {};
  // Only what a rescoring has made is removed. The file that says so comes first and goes last,
  // wherever a run is killed.
  for (const auto& entry : fs::directory_iterator(folder, fault)) {
    if (entry.path().filename().native().starts_with("kind")) continue;
    if (!there) {
      return Fail(ErrorCode::kInvalidInput, folder,
                  "has files that no rescoring has made; give a new or empty folder");
    }
    fs::remove_all(entry.path(), fault);
  }
  if (fault) return Fail(ErrorCode::kIo, folder, "cannot be emptied: " + fault.message());
  return ReplaceFile(path, kind);
}

Status RemoveScratch(const std::string& folder) {
  std::error_code fault;
  return fs::exists(folder + "/kind", fault) ? RemoveFolder(folder) : Status();
}

FolderLock::FolderLock(const std::string& folder)
    : folder_(folder), file_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}

FolderLock::~FolderLock() {
  if (file_ >= 0) close(file_);
}

Status FolderLock::Take() const {
  if (file_ >= 0 && flock(file_, LOCK_EX | LOCK_NB) == 0) return {};
  const std::string why = std::strerror(errno);
  if (file_ >= 0 && errno == EWOULDBLOCK) {
    return Fail(ErrorCode::kBusy, folder_, "another rescoring is using it; give another --out");
  }
  return Fail(ErrorCode::kIo, folder_, "cannot be locked: " + why);
}

}  // namespace holdfast
