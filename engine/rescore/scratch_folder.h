// The folder of a rescoring's scratch: whose it is, and who has it.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace holdfast {

// Makes `folder` ready for scratch of this kind. What there is of the same kind stays, unless
// `anew`; of another kind it is removed, if a rescoring has made it. Wherever it is killed, it may
// be called again. Errors: kInvalidInput when other files are there; kIo.
Status PrepareScratch(const std::string& folder, const std::string& kind, bool anew);

// Keeps others from a folder as long as it lives.
class ScratchLock {
 public:
  explicit ScratchLock(const std::string& folder);
  ~ScratchLock();
  ScratchLock(const ScratchLock&) = delete;
  ScratchLock& operator=(const ScratchLock&) = delete;
  // False when another has it, or its file, beside the folder, cannot be made.
  bool Take() const;

 private:
  const int file_;
};

}  // namespace holdfast
