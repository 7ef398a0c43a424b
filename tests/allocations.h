// Counts what the program takes from the heap, for tests of code that must take nothing.
#pragma once

#include <cstddef>

namespace holdfast::testing {

// Calls of operator new by this thread so far.
std::size_t AllocationsSoFar();

}  // namespace holdfast::testing
