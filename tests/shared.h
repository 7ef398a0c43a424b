// The folder of test data that is not part of the project: HOLDFAST_SHARED, default ../shared.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "tests/report.h"

namespace holdfast::testing {

// The path of `name` in the shared folder; nothing, and a line "skipped", when it cannot be read.
// In CI (the variable CI is set) that is a failure, unless there is no such folder at all.
inline std::optional<std::string> Shared(const std::string& name) {
  const char* folder = std::getenv("HOLDFAST_SHARED");
  const std::filesystem::path root =
      folder != nullptr ? folder : std::filesystem::path(HOLDFAST_SOURCE) / ".." / "shared";
  const std::filesystem::path path = root / name;
  std::error_code fault;
  const bool readable = std::filesystem::is_directory(path, fault)
                            ? std::filesystem::directory_iterator(path, fault) !=
                                  std::filesystem::directory_iterator()
                            : std::ifstream(path).peek() != std::ifstream::traits_type::eof();
  if (readable && !fault) return path.string();
  const std::string why = name + " cannot be read in " + root.string();
  const bool there = std::filesystem::exists(std::filesystem::symlink_status(root));
  if (std::getenv("CI") != nullptr && there) FAIL(why);
  Skip(why);
  return std::nullopt;
}

}  // namespace holdfast::testing
