#include "engine/rescore/scratch_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "engine/base/file.h"

namespace holdfast {

namespace fs = std::filesystem;

namespace {

// The start of a file `kind` of ours, as opposed to a user's file with that name.
constexpr char kOurs[] = "scratch of holdfast rescore: ";

// What the scratch in the folder is for. Empty: the folder is not ours.
std::optional<std::string> KindIn(const std::string& folder) {
  constexpr std::size_t kKindBytes = 1 << 16;
  const auto text = ReadFile(folder + "/kind", kKindBytes);
  if (!text || !text->starts_with(kOurs)) return std::nullopt;
  return text->substr(sizeof kOurs - 1);
}

}  // namespace

Status PrepareScratch(const std::string& folder, const std::string& kind, bool fresh) {
  std::error_code fault;
  if (fs::is_symlink(folder, fault)) {
    return Fail(ErrorCode::kInvalidInput, folder, "is a link; give a folder in which it is none");
  }
  fs::create_directories(folder, fault);
  if (fault) return Fail(ErrorCode::kIo, folder, "cannot be made: " + fault.message());
  const auto there = KindIn(folder);
  if (!fresh && there == kind) return {};
  // Only what a rescoring created is removed. The file `kind` is created first and removed last, so
  // that this also holds when a run is killed.
  for (const auto& entry : fs::directory_iterator(folder, fault)) {
    // The rest of a file `kind` that was being written when the process was killed is not a foreign
    // file.
    const std::string name = entry.path().filename().native();
    if (there ? name.starts_with("kind") : name == "kind.new") continue;
    if (!there) {
      return Fail(ErrorCode::kInvalidInput, folder,
                  "has files that no rescoring has made; give a new or empty folder");
    }
    fs::remove_all(entry.path(), fault);
  }
  if (fault) return Fail(ErrorCode::kIo, folder, "cannot be emptied: " + fault.message());
  return ReplaceFile(folder + "/kind", kOurs + kind);
}

Status RemoveScratch(const std::string& folder) {
  return KindIn(folder) ? RemoveFolder(folder) : Status();
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
