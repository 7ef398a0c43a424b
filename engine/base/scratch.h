// Scratch: a folder of its own that goes with the object.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace holdfast {

class Scratch {
 public:
  // In TMPDIR, or where the system keeps such. Errors: kIo.
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
