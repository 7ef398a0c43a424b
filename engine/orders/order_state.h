// OrderState: everything known from the log about one order. Plain values.
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

// What reviewers have done with an order.
struct ReviewState {
  EventPtr claim;      // in force until its `until`; null: not claimed
  EventPtr verdict;    // the last review.released, rejected or held; null: none
  EventPtr voided_by;  // the event that ended the release; null: none
  EventPtr approval;   // a second person's approval of the release; null: none
  // The verdict that the rejection in `verdict` replaced: a hold, or another person's rejection. It
  // is in force again when that rejection is undone. Null: none.
  EventPtr below;
  EventPtr others_act;  // the last action of another person since `verdict`; null: none
  EventPtr assigned;    // the last review.assigned; null: never, or assigned to nobody
  EventPtr escalated;   // review.escalated, while no administrator has acted on it; null: none
  // The reasons that the release covers, and the score, both of the decision that the release led
  // to.
  std::vector<std::string> covers;
  int score = 0;
  Events asked;  // the last question to the buyer for each request
  static constexpr std::size_t kMaxQuestions = 32;
  static constexpr std::size_t kMaxTags = 32;
  std::set<std::string> tags;
};

// The key of an event in OrderState::money: its id. The key of an order.placed has a prefix,
// because a bare order uses its order number as its id.
inline std::string MoneyKey(const Event& event) {
  const bool placed = event.type == EventType::kOrderPlaced;
  return (placed ? std::string(1, '\0') : std::string()) + std::string(event.id);
}

struct OrderState {
  EventPtr order;                      // the event with the current order; null: not placed yet
  std::optional<EventTime> placed_at;  // of the order as first placed
  std::uint64_t placed_address = 0;    // ShippingDigest of the order as it was placed
  std::int64_t least_total = 0;        // the smallest total it ever had, minor units
  bool cancelled = false;
  EventTime latest;  // time of the latest event about this order; it is decided as of then

  // All events that report on its payments, by MoneyKey; `funds` is computed from them. At most
  // kMoneyMost are kept. If there are more, `too_much_money` is set and the money is never certain.
  static constexpr std::size_t kMoneyMost = 512;
  Events money;
  bool too_much_money = false;
  Funds funds;
  std::string paid_elsewhere;  // the other order whose payment this one names; empty: none
  // The keys of events in `money` whose payment belongs, or may belong, to another order.
  std::set<std::string, std::less<>> not_ours;
  // Another order that names this order's payment, while the provider has not said which order it
  // is for; empty: none.
  std::string claimed_by;
  // The event with the payer, card and risk of the payment that brings most of the money; null:
  // none.
  EventPtr payment;
  EventPtr card;     // the last event that names a card; `payment` may name none
  EventPtr account;  // the last event that names a payer's account
  std::optional<EventTime> first_paid_at;       // provider time of the earliest payment fact
  std::optional<EventTime> certain_at;          // time of the earliest completed payment report
  std::optional<EventTime> address_changed_at;  // of the last amendment away from the first address

  Events disputes;  // the latest event of each dispute, by its id
  Events refunds;   // the latest event of each refund, by its id
  Events answers;   // the buyer's last answer to each request
  // By request: an earlier yes, recorded by another reviewer than the answer in `answers`.
  Events first_records;

  ReviewState review;
  static constexpr std::size_t kMaxParcels = 32;
  Events packed;  // the last packing of each parcel, by name; a single parcel has none
  // The last shipment.dispatched of each parcel, or a report of its arrival without one, by name. A
  // report that names no parcel of an order in several is about all of it.
  Events dispatched;

  std::uint64_t decided = 0;       // offset of the event that led to the last decision; 0: none
  std::optional<Outcome> outcome;  // of the last decision
  // When the review of the first hold for a cause other than funds is due; null: no such hold since
  // the order was last to be shipped or rejected.
  std::optional<EventTime> review_due;
  PermitClaims permit;              // of the last decision
  std::uint64_t permit_offset = 0;  // offset of the decision that first gave it; 0: no permit
  // The digest of the event of `permit_offset`, while its offset may still change; not stored on
  // disk.
  std::uint64_t permit_event_digest = 0;
  // The offsets in the log of the last kHistory events about the order, ascending.
  static constexpr std::size_t kHistory = 256;
  std::vector<std::uint64_t> history;

  // Events that came before their order; they enter the features when it is placed.
  std::vector<EventPtr> parked;
};

}  // namespace holdfast
