// Nicknames: what bearers of a given name are called (data/nicknames.txt).
#pragma once

#include <string_view>

namespace holdfast {

// True when one is a nickname of the other. REQUIRES: lower case.
bool AreNicknames(std::string_view a, std::string_view b);

}  // namespace holdfast
