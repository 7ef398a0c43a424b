// DueEvents: events that Holdfast itself makes before an event of others is applied: deadlines that
// have come, and alerts.
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

  // The event of the merchant's next deadline, if `event` has reached it, and is no more than 30
  // days behind it; else null.
  std::shared_ptr<Event> DeadlineBefore(const Event& event) const;
  std::shared_ptr<Event> TimerOf(std::string_view merchant, const Deadline& deadline) const;

  // `quiet`: see OrderNames::IsQuiet.
  std::vector<std::shared_ptr<Event>> AlertsBefore(const Event& event, bool quiet) const;

 private:
  std::shared_ptr<Event> AlertOfDispatch(const Event& event) const;
  std::string FaultOfPermit(const Event& event, const OrderState& state) const;

  const Pack& pack_;
  const Store& store_;
  const OrderNames& names_;
};

}  // namespace holdfast
