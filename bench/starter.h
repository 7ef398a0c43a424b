// The shipped pack, as benchmarks run it.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "engine/packs/pack.h"

namespace holdfast::bench {

inline std::shared_ptr<const Pack> Starter() {
  Diagnostics diagnostics;
  auto pack = LoadPack("rules/starter", diagnostics);
  if (pack == nullptr) {
    std::fputs("run it in the project's folder: rules/starter is not here\n", stderr);
    std::abort();
  }
  return pack;
}

}  // namespace holdfast::bench
