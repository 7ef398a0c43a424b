// Links: what an order shares with orders of other buyers, and what became of those.
//
// An order is linked by its IP address, its device, the card that paid for it and the address that
// it goes to. Under each of them stand all the orders that had it, with their buyers, and the
// disputes and chargebacks that followed.
//
// Hubs: an office, a mobile gateway or a forwarder's warehouse is shared by very many buyers, most
// of them good: what one of them did says little about the next. A hub is shared by at least
// kHubBuyers others, of whose orders less than one in kHubGood was disputed or charged back.
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
  std::int64_t buyers = 0, orders = 0, disputes = 0, chargebacks = 0;
  bool hub = false;
};

class Links {
 public:
  // `store` must outlive this.
  explicit Links(Store& store) : store_(store) {}

  // Enters the order of `context` under its card, which a payment has named, where `before` (null:
  // none) named another or none.
  void EnterCard(const FactContext& context, const Payment* before);

  // Enters the order of `context` under all that it has, in place of what `before` had (null: it
  // is new).
  void EnterOrder(const FactContext& context, const FactContext* before);

  // Enters a dispute or chargeback of the order, once an order.
  void EnterOutcome(const FactContext& context, LinkSeries outcome);

  // What other buyers did up to `context.now`; nothing when the order does not have the link.
  std::optional<Linked> Of(Link link, const FactContext& context) const;

 private:
  // The record's key; false when the order does not have the link.
  static bool KeyOf(Link link, const FactContext& context, std::string& key);

  Store& store_;
  mutable std::string key_;
};

}  // namespace holdfast
