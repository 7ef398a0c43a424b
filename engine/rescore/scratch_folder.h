// The folder of a rescoring's scratch: whose it is, and who has it.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace holdfast {

// Makes `folder` ready for scratch of this kind. What there is of the same kind stays, unless
// `fresh`; of another kind it is removed, if a rescoring has made it. Wherever it is killed, it may
// be called again. Errors: kInvalidInput when other files are there, or it is a link; kIo.
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
