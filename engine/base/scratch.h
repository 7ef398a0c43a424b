// Scratch: a temporary folder that is removed with the object.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace holdfast {

class Scratch {
 public:
  // Makes the folder in TMPDIR, or in the system's folder for temporary files. Errors: kIo.
  static Result<Scratch> Make();
  Scratch(Scratch&& other) noexcept;
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch();

  const std::string& path() const { return path_; }

 private:
  Scratch() = default;
  std::string path_;
};

}  // namespace holdfast
