// Event: one accepted input. The log is a sequence of events; all other state is derived from it.
//
// Ownership: an Event owns the bytes of every view in it (`memory`). It can be moved, which keeps
// the views valid, but not copied.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/base/arena.h"
#include "engine/base/money.h"
#include "engine/base/time.h"
#include "engine/model/geo.h"
#include "engine/model/order.h"
#include "engine/model/payment.h"

namespace holdfast {

enum class EventType : std::uint8_t {
  kOrderPlaced,
  kOrderAmended,
  kOrderCancelled,
  kPaymentUpdated,
  kRefundIssued,
  kDisputeOpened,
  kDisputeUpdated,
  kDisputeClosed,
  kBuyerMessage,
  kBuyerConfirmed,
  kShipmentPacked,
  kShipmentDispatched,
  kShipmentDelivered,
  kShipmentReturned,  // the buyer sent the parcel back
  kShipmentRefused,   // the buyer did not take the parcel
  kReviewClaimed,
  kReviewReleased,
  kReviewRejected,
  kReviewHeld,
  kReviewNoted,
  kReviewTagged,
  kReviewAsked,
  kReviewApproved,
  kReviewRescored,
  kReviewPaid,
  kReviewUndone,
  kReviewAssigned,
  kReviewEscalated,
  kListChanged,
  kPackActivated,
  kTimerFired,
  kAlertRaised,
  kAlertAcknowledged,
  kDeliveryReceived,
};

// True for a report that a parcel arrived at the buyer, accepted or not.
constexpr bool SaysArrived(EventType type) {
  return type == EventType::kShipmentDelivered || type == EventType::kShipmentReturned ||
         type == EventType::kShipmentRefused;
}

struct Refund {
  std::string_view id, reason;
  std::optional<std::int64_t> amount;  // minor units of `currency`; absent: all of it
  std::optional<Currency> currency;
};

// kReview: a review by the provider, not a complaint of the buyer. While it is open the money is
// not certain, but it does not count against the buyer.
enum class DisputeKind : std::uint8_t {
  kUnset,
  kInquiry,
  kDispute,
  kChargeback,
  kFraudWarning,
  kReview,
};
enum class DisputeOutcome : std::uint8_t { kUnset, kWon, kLost, kWithdrawn };

struct Dispute {
  std::string_view id, reason;
  DisputeKind kind = DisputeKind::kUnset;
  DisputeOutcome outcome = DisputeOutcome::kUnset;  // of dispute.closed
  std::optional<std::int64_t> amount;
  std::optional<Currency> currency;
};

// What a person is allowed to decide.
enum class ReviewRole : std::uint8_t { kUnset, kReview, kAdmin };

struct Message {
  std::string_view from, channel, text;
};

// The buyer's answer to a request of ours.
struct Confirmation {
  std::string_view request;  // what was asked: confirm_from_account_email, ...
  std::string_view from;     // the mailbox it came from
  std::string_view text;
  std::string_view by;  // the person who recorded it; empty: the shop's own system
  ReviewRole role = ReviewRole::kUnset;
  std::optional<bool> confirmed;  // yes or no; required of new events
  std::optional<bool> agreed;     // the same in logs of engines before 6; absent: yes
};

struct PackedLine {
  std::string_view sku, colour, size;
  std::int64_t quantity = 1;
  std::optional<bool> gift;
};

struct Shipment {
  std::string_view carrier, tracking, permit;
  std::string_view evidence;  // a video or photo of the packing, as the seller calls it
  std::string_view parcel;    // of an order that goes in several; see Item::parcel
  std::string_view by;        // who packed it or gave it to the carrier
  std::span<const PackedLine> items;
  // True: the signature of `permit` was checked on receipt and is not ours.
  std::optional<bool> permit_refused;
};

// An action of a reviewer on an order.
struct Review {
  std::string_view by;  // who
  // Of an assignment: the person who works on the order; empty: nobody. Of a claim: the person
  // whose claim an administrator ends.
  std::string_view person;
  ReviewRole role = ReviewRole::kUnset;
  std::string_view reason;  // a code; every decision has one
  std::string_view note;
  std::optional<EventTime> until;  // of a claim, or of a hold
  // Of a release: the reasons it is for. Reasons that come up later are not released.
  std::span<const std::string_view> rules;  // the reasons that held the order, as Reason::rule
  std::optional<std::int64_t> score;        // the score of the order
  std::string_view funds;                   // the certainty of its money
  // Of a question to the buyer.
  std::string_view request;  // confirm_from_account_email, ...
  std::string_view to;       // the mailbox that it goes to
  std::span<const std::string_view> tags, untag;
  // Of money that came without a provider, such as a bank transfer: its reference and its amount.
  std::string_view reference;
  std::optional<std::int64_t> amount;  // minor units of `currency`
  std::optional<Currency> currency;
};

struct ListChange {
  std::string_view name, reason;
  std::string_view by;             // the person of the key, in a service
  std::optional<EventTime> until;  // what is added counts for events before this; empty: for ever
  std::span<const std::string_view> add, remove;
};

struct PackChange {
  std::string_view name, hash;
  std::string_view reason;  // why it was activated: although its gate failed, or as a rollback
  std::string_view by;      // who activated it
  std::string_view gate;    // the result of the gate, as the client reported it
  std::optional<std::int64_t> version;
};

struct Timer {
  std::string_view name;
  std::optional<EventTime> due_at;
};

// Something that a person should check: a condition that lasts too long, or that must not occur.
struct Alert {
  std::string_view name;  // shipped-while-held, paid-not-decided, ...
  std::string_view text;  // for a person
  // Of alert.acknowledged: the id of the alert's event, the person, and the person's note.
  std::string_view of, by, note;
};

// A verified webhook delivery, even if it led to no other event. Used for providers whose signature
// does not cover the whole body: a second body with the same transmission is then detected.
struct Receipt {
  std::string_view provider, kind;
  std::string_view transmission;  // the provider's id of it
  std::string_view body;          // SHA-256 of the bytes, in hexadecimal
};

// The webhook delivery from which an event was made.
struct DeliveryProof {
  std::string_view body;  // SHA-256 of the bytes, in hexadecimal
  // The provider's id of the transmission, if its signature does not cover the whole body. An event
  // that puts the delivery in doubt finds the order by it.
  std::string_view transmission;
};

// What an event carries. Only the payload of its type is set (PayloadKeyOf). An order.cancelled, a
// review.* and a shipment.* may have none.
struct Payloads {
  const Order* order = nullptr;
  const Payment* payment = nullptr;
  const Refund* refund = nullptr;
  const Dispute* dispute = nullptr;
  const Message* message = nullptr;
  const Confirmation* confirmation = nullptr;
  const Shipment* shipment = nullptr;
  const Review* review = nullptr;
  const ListChange* list = nullptr;
  const PackChange* pack = nullptr;
  const Timer* timer = nullptr;
  const Alert* alert = nullptr;
  const Receipt* receipt = nullptr;
};

struct Event : Payloads {
  Arena memory;

  std::string_view id;
  EventType type = EventType::kOrderPlaced;
  std::string_view merchant;
  EventTime occurred_at;
  std::string_view order_id;

  // References: other names of the order, such as "paypal:5O190127TN364715T". If the event has an
  // order id, they become names of that order. If not, the event belongs to the order that has
  // them.
  std::span<const std::string_view> references;
  bool joined = false;  // order_id was found by `references`
  // Of a joined event: another order that names the event's payment as its own; empty: none.
  std::string_view claimed_by;

  // The name of its payment, set by the engine; see PaymentName.
  std::string_view payment_name;

  const Geo* geo = nullptr;                 // of order->ip
  const DeliveryProof* delivery = nullptr;  // null: not made of a delivery

  // Hash of the bytes as received, without fields that were added since (`geo`, `delivery`, and
  // order_id if `joined`). Distinguishes a repeated delivery from an id that was used twice.
  std::uint64_t digest = 0;
  std::uint64_t offset = 0;  // in the log, from 1; 0: not known yet

  // Clears the event for reuse; keeps the memory.
  void Clear() {
    Arena kept = std::move(memory);
    *this = Event{};
    memory = std::move(kept);
    memory.Reset();
  }
};

}  // namespace holdfast
