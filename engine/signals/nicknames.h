// Nicknames: what bearers of a given name are called (data/nicknames.txt).
#pragma once

#include <string_view>
#include <vector>

namespace holdfast {

// True when one is a nickname of the other. REQUIRES: lower case.
bool AreNicknames(std::string_view a, std::string_view b);

// The nicknames of `name`, and the names that it is a nickname of, ascending. REQUIRES: lower case.
std::vector<std::string_view> NicknamesOf(std::string_view name);

}  // namespace holdfast
