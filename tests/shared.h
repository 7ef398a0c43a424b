// The folder of test data that is not part of the project: HOLDFAST_SHARED, default ../shared.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "tests/report.h"

namespace holdfast::testing {

// The path of `name` in the shared folder; nothing, and a line "skipped", when it is not there.
inline std::optional<std::string> Shared(const std::string& name) {
  const char* folder = std::getenv("HOLDFAST_SHARED");
  const std::filesystem::path root =
      folder != nullptr ? folder : std::filesystem::path(HOLDFAST_SOURCE) / ".." / "shared";
  const std::filesystem::path path = root / name;
  if (std::filesystem::exists(path)) return path.string();
  Skip(name + " is not in " + root.string());
  return std::nullopt;
}

}  // namespace holdfast::testing
