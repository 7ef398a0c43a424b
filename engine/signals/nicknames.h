// Nicknames: what bearers of a given name are called (data/nicknames.txt).
#pragma once

#include <string_view>

namespace holdfast {

// Is one the other's nickname? Lower case.
bool AreNicknames(std::string_view a, std::string_view b);

}  // namespace holdfast
