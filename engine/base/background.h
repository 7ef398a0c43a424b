// Background: work that runs behind the work which requests wait for.
#pragma once

namespace holdfast {

// From now on the calling thread yields its processor to other threads that want it. A system that
// refuses leaves it as it is.
void WorkInBackground();

}  // namespace holdfast
