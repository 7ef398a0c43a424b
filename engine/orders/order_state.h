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
#include "engine/model/decision.h"
#include "engine/model/event.h"
#include "engine/model/funds.h"

namespace holdfast {

using EventPtr = std::shared_ptr<const Event>;
using Events = std::map<std::string, EventPtr>;

// What people have done about an order.
struct ReviewState {
  EventPtr claim;      // in force until the time it names; null: nobody's
  EventPtr verdict;    // the last review.released, rejected or held; null: none
  EventPtr voided_by;  // since which a release counts no longer; null: it counts
  EventPtr approval;   // of the release by a second person; null: none
  // What the release covers, as decided with it, and the score it was decided at.
  std::vector<std::string> covers;
  int score = 0;
  Events asked;  // the last question of each kind, by request
  static constexpr std::size_t kMaxQuestions = 32;
  static constexpr std::size_t kMaxTags = 32;
  std::set<std::string> tags;
};

// By what an event is kept that says something of money: its id, which a bare order shares with its
// order number.
inline std::string MoneyKey(const Event& event) {
  const bool placed = event.type == EventType::kOrderPlaced;
  return (placed ? std::string(1, '\0') : std::string()) + std::string(event.id);
}

struct OrderState {
  EventPtr order;                      // the event with the order as it now stands; null: not yet
  std::optional<EventTime> placed_at;  // of the order as first placed
  std::uint64_t placed_address = 0;    // ShippingDigest of the order as it was placed
  std::int64_t least_total = 0;        // the smallest total it ever had, minor units
  bool cancelled = false;
  EventTime latest;  // of all events about this order; what is decided is decided as of then

  // All events that say something of its money, by MoneyKey, from which `funds` are made; of more
  // than kMoneyMost those that come later are not kept, and the money is not certain.
  static constexpr std::size_t kMoneyMost = 512;
  Events money;
  bool too_much_money = false;
  Funds funds;
  std::string paid_elsewhere;  // the other order whose payment this one names; empty: none
  // Of `money`, the events whose payment is another order's, or may be.
  std::set<std::string, std::less<>> not_ours;
  // The other order that names this one's payment, of which the provider has not said whose it is;
  // empty: none.
  std::string claimed_by;
  // The event that describes the payment that brings most of the money; null: none.
  EventPtr payment;
  EventPtr card;  // the last event that names the card; the event that counts may not
  std::optional<EventTime> first_paid_at;       // provider time of the earliest payment fact
  std::optional<EventTime> certain_at;          // of the earliest one by which funds are certain
  std::optional<EventTime> address_changed_at;  // of the last amendment away from the first address

  Events disputes;  // the last word on each, by dispute id
  Events refunds;   // likewise, by refund id
  Events answers;   // the buyer's last answer to each request

  ReviewState review;
  static constexpr std::size_t kMaxParcels = 32;
  Events packed;        // the last word on each parcel, by its name; one parcel has none
  EventPtr dispatched;  // the last shipment.dispatched, or shipment.delivered without one

  std::uint64_t decided = 0;       // the event in the log that led to the last decision; 0: none
  std::optional<Outcome> outcome;  // of that decision
  PermitClaims permit;             // likewise
  std::uint64_t permit_since = 0;  // since which decision it is that; 0: there is none
  // The digest of the event whose decision that is, while the event may still be given its offset;
  // not kept.
  std::uint64_t permit_by = 0;
  // The last kHistory events about the order, by their offsets in the log, ascending.
  static constexpr std::size_t kHistory = 256;
  std::vector<std::uint64_t> history;

  // Events that came before their order, to be folded into features when it arrives.
  std::vector<EventPtr> parked;
};

}  // namespace holdfast
