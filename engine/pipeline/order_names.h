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
#include "engine/model/event.h"
#include "engine/store/store.h"

namespace holdfast {

class OrderNames {
 public:
  // `store` outlives this.
  explicit OrderNames(Store& store) : store_(store) {}

  // Sets the order of an event that names it by references alone. False: it is not known.
  bool Join(Event& event) const;
  // Errors: kLimitExceeded when too many events wait for one of the event's names.
  Status CheckRoom(const Event& event) const;
  // Lets the event wait for its names, or keeps these as names of its order.
  void Keep(const EventPtr& event);

  // Events that are to be taken before `event`, as events of its order or of others: those that
  // waited for its names, and what it says of money that is another order's too.
  std::vector<std::shared_ptr<Event>> Before(const Event& event) const;

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
  void Refer(const Event& event);
  void Name(const Event& event, std::string_view name);
  bool MovesTo(const Event& event, std::string_view owner, std::string_view name) const;
  bool IsQuiet(const Event& event) const;
  void AddOthersOf(const Event& event, std::vector<std::shared_ptr<Event>>& all) const;

  Store& store_;
};

// Is the name one of a payment, rather than a number of the order's or a delivery's?
bool IsOfPayment(std::string_view name);

// Does the provider itself say, in a delivery that was proved, that this is money of the event's
// order, which it names?
bool IsProvedOf(const Event& event);

// Does the event bear this name, or a payment that has it?
bool Bears(const Event& event, std::string_view name);

}  // namespace holdfast
