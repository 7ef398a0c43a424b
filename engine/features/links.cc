#include "engine/features/links.h"

#include <algorithm>

#include "engine/base/enum_names.h"
#include "engine/base/hash.h"
#include "engine/base/ip.h"
#include "engine/model/event.h"
#include "engine/signals/emails.h"

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

// The card or the payer's account of a payment; empty: not given, or `link` is neither.
std::string PaidBy(Link link, const Payment* payment) {
  if (payment == nullptr) return {};
  if (link == Link::kCard) return std::string(payment->card.fingerprint);
  if (link != Link::kAccount || payment->payer.account_id.empty()) return {};
  return std::string(payment->provider) + " " + std::string(payment->payer.account_id);
}

void AddOnce(Series& series, const Series::Entry& entry) {
  if (const auto first = series.FirstOf(entry.source)) {
    if (*first <= entry.at) return;
    series.Remove(entry.source);
  }
  series.Add(entry);
}

}  // namespace

std::string_view NameOf(Link link) {
  constexpr std::string_view kNames[] = {"ip",    "device", "card",   "address",
                                         "phone", "email",  "account"};
  return NameIn(kNames, link);
}

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
    case Link::kCard:
      return make(PaidBy(link, PaymentIn(context.state->card.get())));
    case Link::kAccount:
      return make(PaidBy(link, PaymentIn(context.state->account.get())));
    case Link::kPhone:
      return make(ContactPhone(order).e164);
    case Link::kEmail:
      return make(CanonicalEmail(order.buyer.email));
    case Link::kAddress:
      return order.shipping.address.Given() &&
             make(std::to_string(AddressDigest(order.shipping.address)));
  }
  return false;
}

void Links::EnterOrder(const FactContext& context, const FactContext* before) {
  const std::uint64_t source = SourceOf(context.order->id);
  for (const Link link : kLinks) {
    if (!kept_.Has(link)) continue;
    if (before != nullptr && KeyOf(link, *before, key_)) {
      store_.Entity(key_, kLinkSeriesCount).series[kLinkOrders].Remove(source);
    }
    if (KeyOf(link, context, key_)) AddOrder(context);
  }
}

void Links::AddOrder(const FactContext& context) {
  store_.Entity(key_, kLinkSeriesCount)
      .series[kLinkOrders]
      .Add({*context.state->placed_at, SourceOf(context.order->id), 0, BuyerOf(*context.order)});
}

void Links::EnterPayment(Link link, const FactContext& context, const Payment* before) {
  const OrderState& state = *context.state;
  const std::string now =
      PaidBy(link, PaymentIn((link == Link::kCard ? state.card : state.account).get()));
  const std::string old = PaidBy(link, before);
  if (!kept_.Has(link) || now.empty() || now == old) return;
  if (!old.empty()) {
    MakeEntityKey(kFirstKind + static_cast<int>(link), context.order->merchant, old, key_);
    store_.Entity(key_, kLinkSeriesCount).series[kLinkOrders].Remove(SourceOf(context.order->id));
  }
  if (KeyOf(link, context, key_)) AddOrder(context);
}

void Links::EnterOutcome(const FactContext& context, LinkSeries outcome) {
  for (const Link link : kLinks) {
    if (!kept_.Has(link) || !KeyOf(link, context, key_)) continue;
    AddOnce(store_.Entity(key_, kLinkSeriesCount).series[outcome],
            {context.event->occurred_at, SourceOf(context.order->id), 0, BuyerOf(*context.order)});
  }
}

std::optional<EventTime> Links::FirstAt(Link link, const FactContext& context) const {
  if (!kept_.Has(link) || !KeyOf(link, context, key_)) return std::nullopt;
  const EventTime placed = context.state->placed_at.value_or(context.now);
  const EntityRecord* record = store_.FindEntity(key_);
  if (record == nullptr) return placed;
  return record->series[kLinkOrders].FirstAt(Window::Ever(placed)).value_or(placed);
}

std::optional<Linked> Links::Of(Link link, const FactContext& context) const {
  if (!kept_.Has(link) || !KeyOf(link, context, key_)) return std::nullopt;
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
