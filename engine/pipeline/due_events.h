// DueEvents: creates the events that are applied before an incoming event: deadlines that are due,
// and alerts.
// Threads: one owner, the fold of a shard.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/event.h"
#include "engine/packs/pack.h"
#include "engine/pipeline/order_names.h"
#include "engine/store/store.h"

namespace holdfast {

class DueEvents {
 public:
  // All outlive this.
  DueEvents(const Pack& pack, const Store& store, const OrderNames& names)
      : pack_(pack), store_(store), names_(names) {}

  // Returns the timer event of the merchant's earliest deadline that is due at the time of `event`,
  // or null. A deadline more than 30 days before that time is skipped, because such a time means a
  // wrong clock.
  std::shared_ptr<Event> DeadlineBefore(const Event& event) const;
  std::shared_ptr<Event> MakeTimerEvent(std::string_view merchant, const Deadline& deadline) const;

  // Returns the alerts that `event` raises and that were not raised before: a dispatch that was not
  // allowed, or a payment or order number that two orders name. `quiet`: see
  // OrderNames::HasNothingBefore.
  std::vector<std::shared_ptr<Event>> AlertsBefore(const Event& event, bool quiet) const;

 private:
  std::shared_ptr<Event> AlertOfDispatch(const Event& event) const;
  std::string FaultOfPermit(const Event& event, const OrderState& state) const;

  const Pack& pack_;
  const Store& store_;
  const OrderNames& names_;
};

}  // namespace holdfast
