// Event: one accepted input. The log is a sequence of events; everything else is a fold of it.
//
// Ownership: an Event owns the bytes of every view in it (`memory`). Moving it keeps the views
// good; it cannot be copied.
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
  kListChanged,
  kPackActivated,
  kTimerFired,
  kAlertRaised,
  kDeliveryReceived,
};

struct Refund {
  std::string_view id, reason;
  std::optional<std::int64_t> amount;  // minor units of `currency`; absent: all of it
  std::optional<Currency> currency;
};

// kReview: the provider's own, and no complaint of the buyer's: while it is open money is not
// certain, and no complaint counts against the buyer.
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

struct Message {
  std::string_view from, channel, text;
};

// The buyer's answer to a request of ours.
struct Confirmation {
  std::string_view request;  // what was asked: confirm_from_account_email, ...
  std::string_view from;     // the mailbox it came from
  std::string_view text;
  std::optional<bool> agreed;
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
  std::span<const PackedLine> items;
  // The permit's signature was checked when it came, and is none of ours.
  std::optional<bool> permit_refused;
};

// How much a person may decide.
enum class ReviewRole : std::uint8_t { kUnset, kReview, kAdmin };

// What a reviewer did with a held order.
struct Review {
  std::string_view by;  // who
  ReviewRole role = ReviewRole::kUnset;
  std::string_view reason;  // a code, with every decision
  std::string_view note;
  std::optional<EventTime> until;  // of a claim, or of a hold
  // Of a release: what it is for. Reasons that come to hold the order later are not released.
  std::span<const std::string_view> rules;  // the reasons that held it, as Reason::rule
  std::optional<std::int64_t> score;        // and its score
  std::string_view funds;                   // and how certain the money was
  // Of a question to the buyer.
  std::string_view request;  // confirm_from_account_email, ...
  std::string_view to;       // the mailbox that it goes to
  std::span<const std::string_view> tags, untag;
  // Of money that came without a provider, such as a bank transfer: by which it is found again, and
  // how much.
  std::string_view reference;
  std::optional<std::int64_t> amount;  // minor units of `currency`
  std::optional<Currency> currency;
};

struct ListChange {
  std::string_view name, reason;
  std::span<const std::string_view> add, remove;
};

struct PackChange {
  std::string_view name, hash;
  std::string_view reason;  // why, when it was activated although its gate was shut
  std::optional<std::int64_t> version;
};

struct Timer {
  std::string_view name;
  std::optional<EventTime> due_at;
};

// Something that a person should look at: a condition that lasts, or that must not have been.
struct Alert {
  std::string_view name;  // shipped-while-held, paid-not-decided, ...
  std::string_view text;  // for a person
};

// A delivery that was proved, whatever was made of it: one transmission has one body. For providers
// whose signature covers less than the body.
struct Receipt {
  std::string_view provider, kind;
  std::string_view transmission;  // the provider's id of it
  std::string_view body;          // SHA-256 of the bytes, in hexadecimal
};

// The delivery that an event was made of.
struct DeliveryProof {
  std::string_view body;  // SHA-256 of the bytes, in hexadecimal
  // The provider's id of the transmission, where its signature covers less than the body: a doubt
  // about it finds its order by that.
  std::string_view transmission;
};

// Exactly the payload that the type names is set (PayloadKeyOf); an order.cancelled, a review.* and
// a shipment.* may come without one.
struct Event {
  Arena memory;

  std::string_view id;
  EventType type = EventType::kOrderPlaced;
  std::string_view merchant;
  EventTime occurred_at;
  std::string_view order_id;

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

  // Other names of the order, as providers have them: "paypal:5O190127TN364715T". An event that
  // names its order too says that they are names of it; one that does not is of the order they are
  // names of.
  std::span<const std::string_view> references;
  bool joined = false;  // order_id was found by `references`
  // Of a joined event that speaks of a payment of its order: the other order that it names as its
  // own; empty: none.
  std::string_view claimed_by;

  // The name of the payment that it speaks of, once the engine has read it: see PaymentName.
  std::string_view payment_name;

  const Geo* geo = nullptr;                 // of order->ip
  const DeliveryProof* delivery = nullptr;  // null: not made of a delivery

  // Hash of the bytes the event came in, without what was found out about it since (`geo`,
  // `delivery`, and order_id where `joined`); tells a repeated delivery from an id used twice.
  std::uint64_t digest = 0;
  std::uint64_t offset = 0;  // in the log, from 1; 0: not known yet

  // Ready for the next event; keeps the memory.
  void Clear() {
    Arena kept = std::move(memory);
    *this = Event{};
    memory = std::move(kept);
    memory.Reset();
  }
};

}  // namespace holdfast
