// DeskView: draws the review screen. Pure; everything that is shown comes from the Desk.
#pragma once

#include "engine/cli/desk/desk.h"
#include "engine/cli/ui/frame.h"

namespace holdfast::cli {

Frame DrawDesk(const Desk& desk);

}  // namespace holdfast::cli
