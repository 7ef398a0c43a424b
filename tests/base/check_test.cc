// Checks end the process, in the build where they run; tables of names cannot fall behind.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <thread>

#include "engine/base/check.h"
#include "engine/base/enum_names.h"
#include "engine/base/exclusive_use.h"
#include "engine/base/network_table.h"

namespace holdfast::testing {
namespace {

// How a process that runs `action` ends: 0, or the signal that ended it.
template <typename Action>
int EndOf(Action action) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(1);
    action();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

enum class Fruit : std::uint8_t { kApple, kPear, kPlum };
enum class One : std::uint8_t { kOnly };

}  // namespace

TEST_SUITE_BEGIN("check");

TEST_CASE("check: a condition that does not hold ends the process") {
  CHECK(EndOf([] { HOLDFAST_CHECK(1 + 1 == 2); }) == 0);
  CHECK(EndOf([] { HOLDFAST_CHECK(1 + 1 == 3); }) == SIGABRT);
  CHECK(EndOf([] { HOLDFAST_SLOW_CHECK(1 + 1 == 3); }) == (HOLDFAST_SLOW_CHECKS ? SIGABRT : 0));
}

TEST_CASE("check: a table of networks is sealed before it is asked") {
  const NetworkTable table;
  CHECK(EndOf([&] { (void)table.Holds(IpAddress{}); }) == SIGABRT);
  CHECK(EndOf([] {
          NetworkTable sealed;
          sealed.Seal();
          sealed.Add(IpNetwork{});
        }) == SIGABRT);
}

TEST_CASE("check: one thread at a time uses what has one owner") {
  CHECK(EndOf([] {
          ExclusiveUse use;
          const ExclusiveUse::Scope outer(use);
          const ExclusiveUse::Scope inner(use);  // the owner may use it again
        }) == 0);
  CHECK(EndOf([] {
          ExclusiveUse use;
          { const ExclusiveUse::Scope first(use); }
          std::thread([&use] { const ExclusiveUse::Scope second(use); }).join();
        }) == 0);
  CHECK(EndOf([] {
          ExclusiveUse use;
          const ExclusiveUse::Scope held(use);
          std::thread([&use] { const ExclusiveUse::Scope other(use); }).join();
        }) == (HOLDFAST_SLOW_CHECKS ? SIGABRT : 0));
}

TEST_CASE("check: the compiler counts the values of an enumeration") {
  static_assert(EnumCount<Fruit>() == 3);
  static_assert(EnumCount<One>() == 1);
  constexpr const char* kNames[] = {"apple", "pear", "plum"};
  CHECK(std::string(NameIn(kNames, Fruit::kPear)) == "pear");
}

TEST_SUITE_END();

}  // namespace holdfast::testing
