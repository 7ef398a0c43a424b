// Links: what an order has in common with orders of other buyers, and what happened to those
// orders.
//
// An order is linked by its IP address, its device, its card and its shipping address. For each of
// these there is a record of all orders that had it, with their buyers, and of the disputes and
// chargebacks that followed.
//
// Hubs: an office, a mobile gateway or a forwarder's warehouse is shared by very many buyers, most
// of them good, so what one of them did says little about the next. A hub is shared by at least
// kHubBuyers other buyers, and less than one in kHubGood of their orders was disputed or charged
// back.
//
// Threads: one a shard.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/features/facts.h"
#include "engine/store/store.h"

namespace holdfast {

enum class Link : std::uint8_t { kIp, kDevice, kCard, kAddress };
inline constexpr std::array kLinks = {Link::kIp, Link::kDevice, Link::kCard, Link::kAddress};

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
  // `store` must outlive this.
  explicit Links(Store& store) : store_(store) {}

  // Adds the order of `context` under its card, which a payment has named. Does nothing when
  // `before`, the payment that named a card before (null: none), named the same.
  void EnterCard(const FactContext& context, const Payment* before);

  // Adds the order of `context` under all its links. Replaces the entries of `before`, the order
  // before an amendment (null: the order is new).
  void EnterOrder(const FactContext& context, const FactContext* before);

  // Adds a dispute or chargeback of the order; each at most once for an order.
  void EnterOutcome(const FactContext& context, LinkSeries outcome);

  // What other buyers did; empty when the order does not have the link.
  std::optional<Linked> Of(Link link, const FactContext& context) const;

 private:
  // The record's key; false when the order does not have the link.
  static bool KeyOf(Link link, const FactContext& context, std::string& key);

  Store& store_;
  mutable std::string key_;
};

}  // namespace holdfast
