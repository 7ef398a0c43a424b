// AlertMonitor: what should have happened and has not, and feeds that have gone silent.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/model/event.h"

namespace holdfast {

class AlertMonitor {
 public:
  // Something that is to be told.
  struct Finding {
    std::string merchant, order_id, name, about, text;
  };

  // An event that was taken; `decided`: it led to a decision about its order. Money that is certain
  // and has no order is remembered, and money that is lost or contested and has none.
  void See(const Event& event, bool decided);

  // A feed that should not go silent, and what comes of it.
  void AddFeed(const std::string& provider, const std::string& merchant, EventTime now);
  void SeeDelivery(const std::string& provider, const std::string& merchant, EventTime now);

  // Payments that are certain or lost since more than `paid_seconds` and whose order was never
  // decided, and feeds that were silent for `silent_seconds` (0: never), each told once. The age of
  // a payment counts from when it was seen here.
  std::vector<Finding> Look(EventTime now, std::int64_t paid_seconds, std::int64_t silent_seconds);

  // Payments that wait for their order.
  std::size_t undecided() const;

  // The time that events are seen at from now on.
  void SetNow(EventTime now);

 private:
  struct Paid {
    std::string merchant, order_id, event_id;
    EventTime seen;
    bool lost = false;
    bool told = false;
  };
  struct Feed {
    std::string provider, merchant;
    EventTime last;
    bool told = false;
  };

  mutable std::mutex mutex_;
  EventTime now_;
  std::map<std::string, Paid> paid_;  // by what would decide it: an order, or an event that waits
  std::map<std::string, Feed> feeds_;
};

}  // namespace holdfast
