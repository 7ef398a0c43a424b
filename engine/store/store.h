// Store: the state that a fold of the log keeps.
//
// What is returned for change is to be changed before the next call; what is returned to be read is
// good until the next call for change with the same key.
// Errors: what cannot be read from disk is as if it were not there, and fault() says so from then
//         on: nothing that was computed since may be answered.
// Threads: one owner, the fold of a shard.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/network_table.h"
#include "engine/base/result.h"
#include "engine/orders/order_state.h"
#include "engine/store/series.h"

namespace holdfast {

// What happened under one key of one kind (a buyer, an address, a device): all features with the
// same key expression share it. `series` by the number of the pack's series of that kind.
struct EntityRecord {
  std::vector<Series> series;
};

// What a merchant's events have added to and removed from a list of a pack: texts as the list
// writes them, or the networks of an IP list.
struct ListEdits {
  std::set<std::string, std::less<>> added, removed;
  NetworkEdits networks;
};

// Tells an event that comes again from an id that is used twice.
struct RememberedEvent {
  std::uint64_t digest = 0;  // see Event::digest
  std::uint64_t offset = 0;  // in the log
};

struct Deadline {
  EventTime due;
  std::string order_id;
};

// An order that is held now.
struct Held {
  EventTime since;      // of the first decision that held it and was not followed by another
  EventTime review_by;  // by then a person should have looked at it
  Cause cause = Cause::kNone;
  int score = 0;
  std::uint64_t offset = 0;  // of the event in the log that led to the decision
  // Its total in minor units of the pack's base currency; nothing where there is no rate.
  std::optional<std::int64_t> amount;
  EventTime rank;           // whose turn it is: what comes first is to be looked at first
  std::string claimed_by;   // who has claimed it; empty: nobody
  EventTime claimed_until;  // and until when
};

// Where an order stands among those that are held: those that wait for their money come after all
// others, since nobody can do anything about them.
struct QueuePlace {
  bool funds = false;
  EventTime rank;
  std::string order_id;
  auto operator<=>(const QueuePlace&) const = default;
};
inline QueuePlace PlaceOf(const std::string& order_id, const Held& held) {
  return {held.cause == Cause::kFunds, held.rank, order_id};
}

// How many orders of a merchant are held, by cause.
using HeldCounts = std::array<std::size_t, 1 + static_cast<std::size_t>(Cause::kReview)>;

// What is known of another name of an order ("paypal:5O190127TN364715T"): the order, or, as long as
// nobody has said which it is, the events that wait to be told.
struct Reference {
  std::string order_id;
  std::vector<EventPtr> parked;
};

// The key of an entity record: the number of its kind in two bytes, the merchant, a zero byte, and
// what the kind's key expression gave. One merchant's history is never another's.
void MakeEntityKey(int kind, std::string_view merchant, std::string_view text, std::string& key);

// What an event is remembered by: the text for RememberEvent and FindEvent. A bare order is called
// by its order number, which is not taken from the ids of events.
std::string MemoryId(const Event& event);
// The same of an event that is no bare order.
std::string MemoryIdOf(std::string_view event_id);

class Store {
 public:
  virtual ~Store() = default;

  // Says that the records of these keys will be sought now: bringing several near at once takes
  // as long as bringing one. Changes nothing.
  virtual void WarmEntities(std::span<const std::string> keys) const = 0;
  // Likewise of an event that will be applied soon, and its order.
  virtual void WarmEvent(std::string_view merchant, std::string_view id,
                         std::string_view order_id) const = 0;

  // The record, or null when nothing is known of the key.
  virtual const EntityRecord* FindEntity(std::string_view key) const = 0;
  // The record, to be changed; made with `series` empty series when it is new.
  virtual EntityRecord& Entity(std::string_view key, std::size_t series) = 0;

  // The order, or null when no event named it yet.
  virtual const OrderState* FindOrder(std::string_view merchant,
                                      std::string_view order_id) const = 0;
  // The order, to be changed.
  virtual OrderState& Order(std::string_view merchant, std::string_view order_id) = 0;

  // What is remembered of the event with an id of a merchant, or null.
  virtual const RememberedEvent* FindEvent(std::string_view merchant,
                                           std::string_view id) const = 0;
  virtual void RememberEvent(std::string_view merchant, std::string_view id,
                             const RememberedEvent& event) = 0;

  // The edits of a list by a merchant's events; no edits when there were none.
  virtual const ListEdits& Edits(std::string_view merchant, std::string_view list) const = 0;
  // The same, to be changed.
  virtual ListEdits& ChangeEdits(std::string_view merchant, std::string_view list) = 0;

  // When an order's hold ends by itself, if it does; replaces what was set before.
  virtual void SetDeadline(std::string_view merchant, std::string_view order_id,
                           std::optional<EventTime> due) = 0;
  virtual std::optional<EventTime> DeadlineOf(std::string_view merchant,
                                              std::string_view order_id) const = 0;
  // The earliest deadline of a merchant's orders that is not before `from`; of one moment that of
  // the lesser order id.
  virtual std::optional<Deadline> NextDeadline(std::string_view merchant, EventTime from) const = 0;

  // Deadlines of all merchants that are not after `until`, at most `most` of them, with their
  // merchants; a merchant's own in the order of NextDeadline.
  virtual std::vector<std::pair<std::string, Deadline>> DeadlinesUntil(EventTime until,
                                                                       std::size_t most) const = 0;

  // Sets that an order is held, or is not.
  virtual void SetHeld(std::string_view merchant, std::string_view order_id,
                       const std::optional<Held>& held) = 0;
  virtual std::optional<Held> HeldOf(std::string_view merchant,
                                     std::string_view order_id) const = 0;
  // Calls `visit` with a merchant's held orders in the order of review_by, then of their ids, those
  // from `from` on, until it returns false.
  using VisitHeld = std::function<bool(const std::string& order_id, const Held& held)>;
  virtual void ForHeld(std::string_view merchant, EventTime from, const VisitHeld& visit) const = 0;
  // Calls `visit` with a merchant's held orders that come after a place in the queue, or with all,
  // in their order, until it returns false. `claimed`: only those with a claim, be it over or not.
  virtual void ForQueue(std::string_view merchant, bool claimed,
                        const std::optional<QueuePlace>& after, const VisitHeld& visit) const = 0;
  virtual HeldCounts CountHeld(std::string_view merchant) const = 0;
  // The merchants that have orders which are held.
  virtual std::vector<std::string> MerchantsWithHeld() const = 0;
  // Held orders of all merchants.
  virtual std::size_t HeldCount() const = 0;

  // What is known of another name of an order, or null.
  virtual const Reference* FindReference(std::string_view merchant,
                                         std::string_view name) const = 0;
  // The same, to be changed.
  virtual Reference& ChangeReference(std::string_view merchant, std::string_view name) = 0;

  // What could not be read from disk since the store was made.
  virtual const Status& fault() const = 0;
};

// All in memory, gone with the process.
std::unique_ptr<Store> MakeMemoryStore();

}  // namespace holdfast
