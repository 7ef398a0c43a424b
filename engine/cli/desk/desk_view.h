// DrawDesk: draws the review screen from a Desk. Pure; any thread.
#pragma once

#include "engine/cli/desk/desk.h"
#include "engine/cli/ui/frame.h"

namespace holdfast::cli {

Frame DrawDesk(const Desk& desk);

}  // namespace holdfast::cli
