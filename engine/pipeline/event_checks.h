// EventChecks: may an event be applied to the state as it is?
// Threads: one owner, the fold of a shard.
#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/model/event.h"
#include "engine/packs/pack.h"
#include "engine/store/store.h"

namespace holdfast {

class EventChecks {
 public:
  // Both outlive this.
  EventChecks(const Pack& pack, const Store& store) : pack_(pack), store_(store) {}

  // `decide`: false for history that is taken over. Errors: as Engine::Apply.
  Status Check(const Event& event, bool decide) const;
  // Is `seen` still the last decision of the event's order? Errors: kConflict.
  Status CheckSeen(const Event& event, std::uint64_t seen) const;

 private:
  Status CheckDeadline(const Event& event, bool decide) const;

  const Pack& pack_;
  const Store& store_;
};

}  // namespace holdfast
