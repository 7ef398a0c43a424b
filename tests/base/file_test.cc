// Files that are written whole.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "tests/cli/process.h"

namespace holdfast::testing {
namespace {

// Goal:   a file that the service reads as its own user stays readable to it when another
//         user writes it again.
TEST_CASE("base: a file that is replaced keeps its mode and its owner") {
  const TempFolder folder;
  const std::string path = folder / "keys";
  REQUIRE(ReplaceFile(path, "one"));
  REQUIRE(chmod(path.c_str(), 0640) == 0);
  const bool root = geteuid() == 0;
  constexpr uid_t kOther = 4711;
  if (root) REQUIRE(chown(path.c_str(), kOther, kOther) == 0);
  REQUIRE(ReplaceFile(path, "two"));
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0640);
  if (root) CHECK(status.st_gid == kOther);
  if (root) CHECK(status.st_uid == kOther);
  CHECK(*ReadFile(path, 10) == "two");
}

}  // namespace
}  // namespace holdfast::testing
