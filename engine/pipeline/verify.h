// Verify: is what was answered what the log leads to? The log is folded from its beginning, and
// every decision compared with the one that was kept.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/packs/pack.h"
#include "engine/store/event_log.h"

namespace holdfast {

struct Verification {
  std::uint64_t events = 0;
  std::uint64_t decisions = 0;
  // The first record whose decision differs, with what was kept and what the log leads to.
  struct Difference {
    std::uint64_t offset = 0;
    std::string kept, now;
  };
  std::optional<Difference> difference;
};

// Folds `log` with `pack` up to the first difference.
// Errors: as ReplayLog.
Result<Verification> VerifyLog(const EventLog& log, std::shared_ptr<const Pack> pack,
                               const std::function<void(std::uint64_t done)>& progress = {});

}  // namespace holdfast
