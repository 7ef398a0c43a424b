// EventChecks: checks whether an event may be applied to the current state.
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

  // `decide` is false when history is imported. Errors: as Engine::Apply.
  Status Check(const Event& event, bool decide) const;
  // Checks that `seen` is the offset of the order's last decision and that none of its deadlines is
  // due. Errors: kConflict.
  Status CheckSeen(const Event& event, std::uint64_t seen) const;

 private:
  static Status CheckTimes(const Event& event, const OrderState* state);
  Status CheckDeadline(const Event& event, bool decide) const;
  Status CheckScore(const Event& event) const;

  const Pack& pack_;
  const Store& store_;
};

}  // namespace holdfast
