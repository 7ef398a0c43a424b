// Background: work that may take longer so that work which somebody waits for does not.
#pragma once

namespace holdfast {

// From now on the calling thread yields its processor to other threads that want it. A system that
// refuses leaves it as it is.
void WorkInBackground();

}  // namespace holdfast
