// Links: what an order has in common with orders of other buyers, and what happened to those
// orders.
//
// An order is linked by its IP address, its device, its card, its shipping address, its phone
// number, its mailbox and its payment account. For each of these whose facts the pack reads there
// is a record of all orders that had it, with their buyers, and of the disputes and chargebacks
// that followed.
//
// Hubs: an office, a mobile gateway or a forwarder's warehouse is shared by very many buyers, most
// of them good, so what one of them did says little about the next. A hub is shared by at least
// kHubBuyers other buyers, and less than one in kHubGood of their orders was disputed or charged
// back.
//
// Threads: one a shard.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/features/facts.h"
#include "engine/features/link_kinds.h"
#include "engine/store/store.h"

namespace holdfast {

inline constexpr std::int64_t kHubBuyers = 20;
inline constexpr std::int64_t kHubGood = 50;

// The series of a link's record; digests are buyers.
enum LinkSeries : std::size_t { kLinkOrders, kLinkDisputes, kLinkChargebacks, kLinkSeriesCount };

// What happened to other buyers.
struct Linked {
  std::int64_t buyers = 0, orders = 0;         // as of the order's own place in time
  std::int64_t buyers_since = 0;               // further buyers, who ordered after it
  std::int64_t disputes = 0, chargebacks = 0;  // until now
  bool hub = false;
};

class Links {
 public:
  // Keeps records of the links `kept`. `store` must outlive this.
  Links(Store& store, LinkSet kept) : store_(store), kept_(kept) {}

  // Adds the order of `context` to the record of its card or payment account (`link`), and removes
  // it from that of `before`, the payment that named the last one (null: none). Does nothing when
  // both name the same.
  void EnterPayment(Link link, const FactContext& context, const Payment* before);

  // Adds the order of `context` under all its links. Replaces the entries of `before`, the order
  // before an amendment (null: the order is new).
  void EnterOrder(const FactContext& context, const FactContext* before);

  // Adds a dispute or chargeback of the order; each at most once for an order.
  void EnterOutcome(const FactContext& context, LinkSeries outcome);

  // What other buyers did; empty when the order does not have the link, or
  // it is not kept.
  std::optional<Linked> Of(Link link, const FactContext& context) const;

  // When the first order with the link was placed, this one included; empty as above.
  std::optional<EventTime> FirstAt(Link link, const FactContext& context) const;

 private:
  // The record's key; false when the order does not have the link.
  static bool KeyOf(Link link, const FactContext& context, std::string& key);

  // Adds the order of `context` to the record of key_.
  void AddOrder(const FactContext& context);

  Store& store_;
  const LinkSet kept_;
  mutable std::string key_;
};

}  // namespace holdfast
