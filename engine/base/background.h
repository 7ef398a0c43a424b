// Background: runs background work with a lower priority than work for requests.
#pragma once

namespace holdfast {

// Lowers the priority of the calling thread. Does nothing if the system refuses.
void WorkInBackground();

}  // namespace holdfast
