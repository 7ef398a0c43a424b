// Store: the state that is derived from the log.
//
// A reference for writing is valid until the next call. A reference for reading is valid until the
// next call for writing with the same key.
// Errors: a record that cannot be read from disk counts as absent. From then on fault() returns the
//         error, and no result that was computed since may be sent.
// Threads: one owner, the fold of a shard.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
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
#include "engine/store/postings.h"
#include "engine/store/window_series.h"

namespace holdfast {

// The history of one key of one kind, such as one buyer, IP address or device. All features with
// the same key expression share it. `series` is indexed as KindPlan::series; for the buyer's
// profile and links, by BuyerSeries and LinkSeries.
struct EntityRecord {
  std::vector<Series> series;
};

// The edits of a pack's list by a merchant's events: normalised texts, or the networks of an IP
// list (times in nanoseconds).
struct ListEdits {
  std::set<std::string, std::less<>> added, removed;
  // Entries that count for events before a time. From then on, `added` and `removed` apply again.
  std::map<std::string, EventTime, std::less<>> timed;
  NetworkEdits networks;
};

// Distinguishes a repeated event from another event with the same id.
struct SeenEvent {
  std::uint64_t digest = 0;  // see Event::digest
  std::uint64_t offset = 0;  // in the log
};

struct Deadline {
  EventTime due;
  std::string order_id;
};

// An order that is held now.
struct Held {
  EventTime since;      // time of the decision that began this hold
  EventTime review_by;  // time by which a person should review it
  Cause cause = Cause::kNone;
  int score = 0;
  std::uint64_t offset = 0;  // of the event in the log that led to the decision
  // Its total in minor units of the pack's base currency; nothing where there is no rate.
  std::optional<std::int64_t> amount;
  EventTime rank;           // order in the review queue, earliest first; see RankOf
  std::string claimed_by;   // the person who has claimed it; empty: not claimed
  EventTime claimed_until;  // end of the claim
  std::string assigned_to;  // the person who is to work on it; empty: not assigned
  bool escalated = false;   // to the administrators
};

// The place of a held order in the review queue. Orders that wait for payment come after all
// others, because reviewers cannot act on them.
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

// The record of a reference, which is another name of an order ("paypal:5O190127TN364715T"): the
// order's id, or, while the order is not known, the events that wait for it.
struct Reference {
  std::string order_id;
  std::vector<EventPtr> parked;
};

// Writes the key of an entity record to `key`: the number of its kind in two bytes, the merchant, a
// zero byte, and the value of the kind's key expression. Merchants never share a record.
void MakeEntityKey(int kind, std::string_view merchant, std::string_view text, std::string& key);

// The id of an event for RememberEvent and FindEvent. It has a prefix that differs for bare orders,
// because the order number that is their id may also be the id of another event.
std::string SeenId(const Event& event);
// The same for the id of an event that is not a bare order.
std::string SeenIdOf(std::string_view event_id);

class Store {
 public:
  virtual ~Store() = default;

  // Prefetches the records of these keys into the CPU cache. For several keys that takes about as
  // long as for one. A hint; changes nothing.
  virtual void WarmEntities(std::span<const std::string> keys) const = 0;
  // The same for an event that will be applied soon, and its order.
  virtual void WarmEvent(std::string_view merchant, std::string_view id,
                         std::string_view order_id) const = 0;

  // The record, or null when there is none.
  virtual const EntityRecord* FindEntity(std::string_view key) const = 0;
  // The record, for writing. A new record gets `series` empty series.
  virtual EntityRecord& Entity(std::string_view key, std::size_t series) = 0;

  // The order's state, or null when no event has named the order yet.
  virtual const OrderState* FindOrder(std::string_view merchant,
                                      std::string_view order_id) const = 0;
  // The order's state, for writing. It is made if it does not exist.
  virtual OrderState& Order(std::string_view merchant, std::string_view order_id) = 0;

  // The record of a merchant's event, or null when no event had that id. `id`: see SeenId.
  virtual const SeenEvent* FindEvent(std::string_view merchant, std::string_view id) const = 0;
  virtual void RememberEvent(std::string_view merchant, std::string_view id,
                             const SeenEvent& event) = 0;

  // The edits of a list by a merchant's events; no edits when there were none.
  virtual const ListEdits& Edits(std::string_view merchant, std::string_view list) const = 0;
  // The same, to be changed.
  virtual ListEdits& ChangeEdits(std::string_view merchant, std::string_view list) = 0;

  // Sets or clears the time when an order's hold ends by itself.
  virtual void SetDeadline(std::string_view merchant, std::string_view order_id,
                           std::optional<EventTime> due) = 0;
  virtual std::optional<EventTime> DeadlineOf(std::string_view merchant,
                                              std::string_view order_id) const = 0;
  // The earliest deadline of a merchant's orders that is not before `from`. Equal times are in the
  // order of order ids.
  virtual std::optional<Deadline> NextDeadline(std::string_view merchant, EventTime from) const = 0;

  // Up to `most` deadlines that are not after `until`, of all merchants, with the merchant of each.
  // Those of a merchant are in the order of NextDeadline.
  virtual std::vector<std::pair<std::string, Deadline>> DeadlinesUntil(EventTime until,
                                                                       std::size_t most) const = 0;

  // Sets that an order is held, or is not.
  virtual void SetHeld(std::string_view merchant, std::string_view order_id,
                       const std::optional<Held>& held) = 0;
  virtual std::optional<Held> HeldOf(std::string_view merchant,
                                     std::string_view order_id) const = 0;
  // Calls `visit` with a merchant's held orders whose review_by is not before `from`, ordered by
  // review_by, then by order id, until it returns false.
  using VisitHeld = std::function<bool(const std::string& order_id, const Held& held)>;
  virtual void ForHeld(std::string_view merchant, EventTime from, const VisitHeld& visit) const = 0;
  // Calls `visit` with a merchant's held orders in the order of the queue, those after `after` or
  // all, until it returns false. `taken`: only orders with a claim, even if it has ended, and those
  // that are assigned.
  virtual void ForQueue(std::string_view merchant, bool taken,
                        const std::optional<QueuePlace>& after, const VisitHeld& visit) const = 0;
  virtual HeldCounts CountHeld(std::string_view merchant) const = 0;
  // The merchants that have held orders.
  virtual std::vector<std::string> MerchantsWithHeld() const = 0;
  // The number of held orders of all merchants.
  virtual std::size_t HeldCount() const = 0;

  // The record of a reference, or null.
  virtual const Reference* FindReference(std::string_view merchant,
                                         std::string_view name) const = 0;
  // The same, to be changed.
  virtual Reference& ChangeReference(std::string_view merchant, std::string_view name) = 0;

  // True when orders can be found by the postings of this store.
  virtual bool HasPostings() const = 0;
  // Enters an order under `tokens`; see PostingBuffer. REQUIRES: HasPostings().
  virtual void EnterPostings(std::string_view merchant, std::string_view order_id,
                             EventTime placed_at, const Tokens& tokens) = 0;
  // The postings of a merchant whose token is `token`, or with `whole` false begins with it.
  virtual std::unique_ptr<PostingCursor> FindPostings(std::string_view merchant,
                                                      std::string_view token, bool whole) const = 0;

  // The error of a read from disk that failed since the store was made; OK if none did.
  virtual const Status& fault() const = 0;
};

// Whether a store keeps postings, which take memory and disk.
enum class Postings : std::uint8_t { kNone, kKept };

// Makes a store in memory; its state is lost with the process.
std::unique_ptr<Store> MakeMemoryStore(Postings postings = Postings::kNone);

}  // namespace holdfast
