#include "engine/base/scratch.h"

#include <unistd.h>

#include <filesystem>
#include <utility>

namespace holdfast {

Result<Scratch> Scratch::Make() {
  std::error_code fault;
  std::string name =
      (std::filesystem::temp_directory_path(fault) / "holdfast-scratch-XXXXXX").string();
  if (fault || mkdtemp(name.data()) == nullptr) {
    return Fail(ErrorCode::kIo, "TMPDIR",
                "no folder can be made there; set it to a place with room for the state");
  }
  Scratch scratch;
  scratch.path_ = std::move(name);
  return scratch;
}

Scratch::Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}

Scratch::~Scratch() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace holdfast
