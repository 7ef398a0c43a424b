// OrderNames: finds the order of an event by references, and stores events whose order is not known
// yet.
//
// A reference is another name of an order: a provider's payment id ("paypal:3C67") or an order
// number of a shop plugin ("order:1042"). An event without an order id belongs to the first order
// that used one of its references. While there is no such order, the event waits.
// Threads: one owner, the fold of a shard.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/funds/terms.h"
#include "engine/model/event.h"
#include "engine/store/store.h"

namespace holdfast {

class OrderNames {
 public:
  // Both outlive this.
  OrderNames(const FundsTerms& terms, Store& store) : terms_(terms), store_(store) {}

  // Sets the order id of an event that has only references. False when no order has one of them.
  bool Join(Event& event) const;
  // Errors: kLimitExceeded when limits::kParked events already wait for one of the event's names.
  Status CheckRoom(const Event& event) const;
  // Stores the event until an order has one of its names; if the order is known, records the names
  // as names of that order.
  void Keep(const EventPtr& event);

  // True when no event waits for the event's names and none of them belongs to another order. Then
  // Before returns nothing.
  bool HasNothingBefore(const Event& event) const;
  // The events to apply before `event`: those that waited for its names, now with its order id, and
  // copies of `event` for other orders that its payment, refund or dispute also concerns.
  std::vector<std::shared_ptr<Event>> Before(const Event& event) const;

  // True when both events have the same name of a payment.
  bool SamePayment(const Event& a, const Event& b) const;
  // The other order that used the name of the event's payment first; empty: none.
  std::string OtherOwnerOf(const Event& event) const;
  // An order number among the event's references that is also an id or a number of another order;
  // empty: none.
  std::string_view Ambiguous(const Event& event) const;

 private:
  // True when the event places its order, or the order was placed before.
  bool IsPlaced(const Event& event) const;
  bool IsPlaced(std::string_view merchant, std::string_view order_id) const;
  std::vector<std::string> NamesOf(const Event& event) const;
  void Park(const EventPtr& event);
  void IndexReferences(const EventPtr& event);
  void IndexNames(const EventPtr& event);
  void IndexDispute(const EventPtr& event);
  void Name(const Event& event, std::string_view name);
  bool MovesTo(const Event& event, std::string_view owner, std::string_view name) const;
  void AddOthersOf(const Event& event, bool claims, std::vector<std::shared_ptr<Event>>& all) const;

  std::string_view CanonicalName(std::string_view reference, std::string& room) const;
  template <typename Visit>
  void ForGivenNames(const Event& event, const Visit& visit) const;
  template <typename Visit>
  void ForOwnNames(const Event& event, const Visit& visit) const;
  bool Bears(const Event& event, std::string_view name) const;

  const FundsTerms& terms_;
  Store& store_;
};

// True when a verified delivery of the payment provider names this order for the payment.
bool IsConfirmedByProvider(const Event& event);

}  // namespace holdfast
