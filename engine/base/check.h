// HOLDFAST_CHECK: what a caller must keep to (REQUIRES), checked where it is relied upon. A check
// that fails is a fault of Holdfast itself: the process says where and ends, as nothing that it
// would decide from then on could be trusted.
#pragma once

namespace holdfast {

// Prints the condition and its place to standard error, and ends the process.
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);

}  // namespace holdfast

// In every build.
#define HOLDFAST_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::holdfast::CheckFailed(#condition, __FILE__, __LINE__))

// In debug and sanitizer builds: where it would cost too much in others.
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define HOLDFAST_SLOW_CHECKS 0
#define HOLDFAST_SLOW_CHECK(condition) static_cast<void>(0)
#else
#define HOLDFAST_SLOW_CHECKS 1
#define HOLDFAST_SLOW_CHECK(condition) HOLDFAST_CHECK(condition)
#endif
