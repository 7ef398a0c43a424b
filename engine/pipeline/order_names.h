// OrderNames: by which other names events know an order, and what waits until one is known.
//
// A provider calls an order by the numbers of its payments ("paypal:3C67"), a plugin by a number of
// its own ("order:1042"). An event that names no order is of the order that was the first to bear
// one of its names, and waits until there is one.
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

  // Sets the order of an event that names it by references alone. False: it is not known.
  bool Join(Event& event) const;
  // Errors: kLimitExceeded when too many events wait for one of the event's names.
  Status CheckRoom(const Event& event) const;
  // Lets the event wait for its names, or keeps these as names of its order.
  void Keep(const EventPtr& event);

  // Does nothing wait for the event's names, and is none of them another order's? Then there is
  // nothing to be taken before it.
  bool IsQuiet(const Event& event) const;
  // Events that are to be taken before `event`, as events of its order or of others: those that
  // waited for its names, and what it says of money that is another order's too.
  std::vector<std::shared_ptr<Event>> Before(const Event& event) const;

  // Does the event bear one of the names of the other's payment?
  bool SamePayment(const Event& a, const Event& b) const;
  // The order that bore the name of the event's payment first; empty: none, or its own.
  std::string OtherOwnerOf(const Event& event) const;
  // The further name of the event's order that is another order's id or further name; empty: none.
  std::string_view Ambiguous(const Event& event) const;

 private:
  // Does the event place its order, or is that known already?
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

// Does the provider itself say, in a delivery that was proved, that this is money of the event's
// order, which it names?
bool IsProvedOf(const Event& event);

}  // namespace holdfast
