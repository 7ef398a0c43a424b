#include "engine/features/links.h"

#include <algorithm>

#include "engine/base/hash.h"
#include "engine/base/ip.h"
#include "engine/model/event.h"

namespace holdfast {
namespace {

// Kinds of entity record above those of packs.
constexpr int kFirstKind = 0xfff0;

// The buyer's digest, or the order's when it does not identify a buyer.
std::uint64_t BuyerOf(const Order& order) {
  const std::string identity = BuyerIdentity(order);
  if (!identity.empty()) return Hash64(identity);
  return Hash64("order " + std::string(order.id));
}

void AddOnce(Series& series, const Series::Entry& entry) {
  if (const auto first = series.FirstOf(entry.source)) {
    if (*first <= entry.at) return;
    series.Remove(entry.source);
  }
  series.Add(entry);
}

}  // namespace

bool Links::KeyOf(Link link, const FactContext& context, std::string& key) {
  const Order& order = *context.order;
  const int kind = kFirstKind + static_cast<int>(link);
  const auto make = [&](std::string_view text) {
    if (text.empty()) return false;
    MakeEntityKey(kind, order.merchant, text, key);
    return true;
  };
  switch (link) {
    case Link::kIp: {
      const auto address = ParseIp(order.ip);
      return make(address ? FormatIp(*address) : std::string(order.ip));
    }
    case Link::kDevice:
      return make(order.device_id);
    case Link::kCard: {
      const Payment* payment = PaymentIn(context.state->card.get());
      return make(payment == nullptr ? std::string_view() : payment->card.fingerprint);
    }
    case Link::kAddress:
      return order.shipping.address.Given() &&
             make(std::to_string(AddressDigest(order.shipping.address)));
  }
  return false;
}

void Links::EnterOrder(const FactContext& context, const FactContext* before) {
  const std::uint64_t source = SourceOf(context.order->id);
  for (const Link link : kLinks) {
    if (before != nullptr && KeyOf(link, *before, key_)) {
      store_.Entity(key_, kLinkSeriesCount).series[kLinkOrders].Remove(source);
    }
    if (!KeyOf(link, context, key_)) continue;
    store_.Entity(key_, kLinkSeriesCount)
        .series[kLinkOrders]
        .Add({*context.state->placed_at, source, 0, BuyerOf(*context.order)});
  }
}

void Links::EnterCard(const FactContext& context, const Payment* before) {
  const Payment* now = PaymentIn(context.state->card.get());
  const std::string_view old = before == nullptr ? std::string_view() : before->card.fingerprint;
  if (now == nullptr || now->card.fingerprint == old) return;
  const std::uint64_t source = SourceOf(context.order->id);
  if (!old.empty()) {
    MakeEntityKey(kFirstKind + static_cast<int>(Link::kCard), context.order->merchant, old, key_);
    store_.Entity(key_, kLinkSeriesCount).series[kLinkOrders].Remove(source);
  }
  if (!KeyOf(Link::kCard, context, key_)) return;
  store_.Entity(key_, kLinkSeriesCount)
      .series[kLinkOrders]
      .Add({*context.state->placed_at, source, 0, BuyerOf(*context.order)});
}

void Links::EnterOutcome(const FactContext& context, LinkSeries outcome) {
  for (const Link link : kLinks) {
    if (!KeyOf(link, context, key_)) continue;
    AddOnce(store_.Entity(key_, kLinkSeriesCount).series[outcome],
            {context.event->occurred_at, SourceOf(context.order->id), 0, BuyerOf(*context.order)});
  }
}

std::optional<Linked> Links::Of(Link link, const FactContext& context) const {
  if (!KeyOf(link, context, key_)) return std::nullopt;
  const EntityRecord* record = store_.FindEntity(key_);
  Linked linked;
  if (record == nullptr) return linked;
  const std::uint64_t buyer = BuyerOf(*context.order);
  // Orders count as of this order's place in time, disputes of them until now.
  const Window before = Window::Ever(context.state->placed_at.value_or(context.now));
  const Window until_now = Window::Ever(context.now);
  const auto others = [&](LinkSeries series, const Window& window) {
    const Series& all = record->series[series];
    return all.Count(window) - all.CountOf(window, buyer);
  };
  const Series& orders = record->series[kLinkOrders];
  linked.buyers = orders.Distinct(before) - (orders.Has(before, buyer) ? 1 : 0);
  linked.disputes = others(kLinkDisputes, until_now);
  linked.chargebacks = others(kLinkChargebacks, until_now);
  linked.buyers = std::max<std::int64_t>(linked.buyers, 0);
  const std::int64_t all = orders.Distinct(until_now) - (orders.Has(until_now, buyer) ? 1 : 0);
  linked.buyers_since = std::max<std::int64_t>(all - linked.buyers, 0);
  if (linked.buyers == 0) return linked;
  linked.orders = others(kLinkOrders, before);
  linked.hub = linked.buyers >= kHubBuyers &&
               (linked.disputes + linked.chargebacks) * kHubGood < linked.orders;
  return linked;
}

}  // namespace holdfast
