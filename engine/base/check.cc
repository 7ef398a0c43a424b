#include "engine/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace holdfast {

void CheckFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr,
               "holdfast: fatal: %s:%d: '%s' does not hold. This is a fault of Holdfast; please "
               "report it with this line.\n",
               file, line, condition);
  std::abort();
}

}  // namespace holdfast
