// The scratch folder of a rescoring, and a lock on it.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace holdfast {

// Prepares `folder` for scratch of this kind. Scratch of the same kind is kept, unless `fresh`.
// Scratch of another kind is removed, if a rescoring made it. It may be called again after it was
// killed at any point. Errors: kInvalidInput when other files are there, or it is a link; kIo.
Status PrepareScratch(const std::string& folder, const std::string& kind, bool fresh);

// Removes scratch that PrepareScratch has made; any other folder stays. Errors: kIo.
Status RemoveScratch(const std::string& folder);

// Keeps other processes from a folder as long as it lives.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  // Errors: kBusy when another has it; kIo.
  Status Take() const;

 private:
  const std::string folder_;
  const int file_;
};

}  // namespace holdfast
