// What a test run says beside its failures: skipped tests, and measured tables.
#pragma once

#include <string>

namespace holdfast::testing {

// Counts the running test as skipped and says why.
void Skip(const std::string& why);

// Prints a line of a report on standard output.
void Say(const std::string& line);

}  // namespace holdfast::testing
