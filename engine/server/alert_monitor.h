// AlertMonitor: finds payments whose order was never decided, and webhook feeds that send nothing.
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
  // An alert to raise.
  struct Finding {
    std::string merchant, order_id, name, about, text;
  };

  // Records an applied event. `decided`: it led to a decision about its order. An event without a
  // decision that reports a payment, or money that was lost or is contested, is remembered until
  // its order is decided.
  void See(const Event& event, bool decided);

  // AddFeed: a webhook feed to watch. SeeDelivery: a delivery of a feed came at `now`.
  void AddFeed(const std::string& provider, const std::string& merchant, EventTime now);
  void SeeDelivery(const std::string& provider, const std::string& merchant, EventTime now);

  // Returns, each once, the payments and losses that were seen more than `paid_seconds` ago and
  // whose order was never decided, and the feeds without a delivery for `silent_seconds` (0:
  // never).
  std::vector<Finding> Look(EventTime now, std::int64_t paid_seconds, std::int64_t silent_seconds);

  // The number of payments and losses that wait for their order.
  std::size_t undecided() const;

  // Sets the time at which later events count as seen.
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
  std::map<std::string, Paid> paid_;  // by the order, or by the event that waits for its order
  std::map<std::string, Feed> feeds_;
};

}  // namespace holdfast
