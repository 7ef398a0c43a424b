#include "engine/base/background.h"

#include <sys/resource.h>
#include <unistd.h>

namespace holdfast {

void WorkInBackground() {
  // On Linux a thread has a nice value of its own, under its own id.
  constexpr int kNice = 15;
  static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice));
}

}  // namespace holdfast
