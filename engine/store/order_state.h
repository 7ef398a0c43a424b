// OrderState: everything the log has said about one order. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/model/event.h"
#include "engine/model/funds.h"

namespace holdfast {

using EventPtr = std::shared_ptr<const Event>;

struct OrderState {
  EventPtr order;                      // the event with the order as it now stands; null: not yet
  std::optional<EventTime> placed_at;  // of the order as first placed
  bool cancelled = false;

  EventPtr payment;  // the event with the payment fact that counts (see Supersedes); null: none

  // The last word on each dispute: the event, by dispute id.
  std::map<std::string, EventPtr> disputes;
  std::map<Currency, std::int64_t> refunded;  // minor units, by the refunds' currency
  bool refunded_in_full = false;              // a refund without an amount

  std::set<std::string> confirmed;  // requests that the buyer has answered validly
  bool delivered = false;
  bool address_changed_after_payment = false;

  // Events that came before their order, to be folded into features when it arrives.
  std::vector<EventPtr> parked;
};

}  // namespace holdfast
