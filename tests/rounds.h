// Rounds: how often a test with random moments repeats, and from which seed.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

#include "tests/report.h"

namespace holdfast::testing {

// The number in the environment variable `name`, or else `ordinary`.
inline int Rounds(const char* name, int ordinary) {
  const char* given = std::getenv(name);
  return given == nullptr ? ordinary : std::atoi(given);
}

// HOLDFAST_SEED, or else one that is another in every run; reported, so that a run can be repeated.
inline std::uint64_t Seed(const std::string& of) {
  const char* given = std::getenv("HOLDFAST_SEED");
  const std::uint64_t seed =
      given == nullptr ? std::random_device()() : std::strtoull(given, nullptr, 10);
  Say("seed of " + of + ": HOLDFAST_SEED=" + std::to_string(seed));
  return seed;
}

}  // namespace holdfast::testing
