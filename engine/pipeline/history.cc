#include "engine/pipeline/history.h"

#include <string>

namespace holdfast {

void History::EnterOrder(const Event& event, const OrderState& state) {
  const FactContext context = contexts_.Of(event, state);
  features_.EnterOrder(context, nullptr);
  if (!pack_.features.links.empty()) links_.EnterOrder(context, nullptr);
}

void History::ReplaceOrder(const FactContext& before, const Event& event, const OrderState& state) {
  const FactContext context = contexts_.Of(event, state);
  features_.EnterOrder(context, &before);
  if (!pack_.features.links.empty()) links_.EnterOrder(context, &before);
}

void History::EnterPayment(Link link, const Event& event, const OrderState& state,
                           const Payment* before) {
  if (!pack_.features.links.Has(link)) return;
  links_.EnterPayment(link, contexts_.Of(event, state), before);
}

void History::EnterEvent(const EventPtr& event, OrderState& state) {
  if (state.order == nullptr) {
    state.parked.push_back(event);
    return;
  }
  const Order& order = *state.order->order;
  const FactContext context = contexts_.Of(*event, state);
  switch (event->type) {
    case EventType::kPaymentUpdated:
      EnterReversal(*event, state);
      return features_.EnterEvent(context, FeatureOn::kPayment);
    case EventType::kRefundIssued: {
      const Refund& refund = *event->refund;
      const auto base =
          refund.amount && refund.currency
              ? pack_.amounts->ToBase(*refund.amount, *refund.currency, *state.placed_at)
              : std::nullopt;
      EnterOnce(order, kBuyerRefunds, *event, base.value_or(0));
      return features_.EnterEvent(context, FeatureOn::kRefund);
    }
    case EventType::kDisputeOpened:
    case EventType::kDisputeUpdated:
    case EventType::kDisputeClosed: {
      if (event->dispute->kind == DisputeKind::kReview) return;
      const bool chargeback = event->dispute->kind == DisputeKind::kChargeback;
      EnterOnce(order, chargeback ? kBuyerChargebacks : kBuyerDisputes, *event, 0);
      if (!pack_.features.links.empty()) {
        links_.EnterOutcome(context, chargeback ? kLinkChargebacks : kLinkDisputes);
      }
      if (event->type == EventType::kDisputeOpened) {
        features_.EnterEvent(context, FeatureOn::kDispute);
      }
      return;
    }
    case EventType::kBuyerMessage:
      return features_.EnterEvent(context, FeatureOn::kMessage);
    case EventType::kShipmentDelivered:
      EnterOnce(order, kBuyerDelivered, *event, 0);
      return features_.EnterEvent(context, FeatureOn::kShipment);
    case EventType::kShipmentReturned:
      EnterOnce(order, kBuyerReturned, *event, 0);
      return features_.EnterEvent(context, FeatureOn::kShipment);
    case EventType::kShipmentRefused:
      EnterOnce(order, kBuyerRefused, *event, 0);
      return features_.EnterEvent(context, FeatureOn::kShipment);
    case EventType::kShipmentPacked:
    case EventType::kShipmentDispatched:
      return features_.EnterEvent(context, FeatureOn::kShipment);
    case EventType::kOrderCancelled:
      return EnterOnce(order, kBuyerCancelled, *event, 0);
    default:
      return;
  }
}

void History::EnterReversal(const Event& event, const OrderState& state) {
  const PaymentStatus status = PaymentIn(&event)->status;
  if (status != PaymentStatus::kReversed && status != PaymentStatus::kChargedBack) return;
  EnterOnce(*state.order->order, kBuyerChargebacks, event, 0);
  if (!pack_.features.links.empty())
    links_.EnterOutcome(contexts_.Of(event, state), kLinkChargebacks);
}

void History::EnterOnce(const Order& order, BuyerSeries series, const Event& event, double number) {
  const std::string identity = BuyerIdentity(order);
  if (identity.empty()) return;
  std::string key;
  MakeEntityKey(kBuyerKind, order.merchant.empty() ? event.merchant : order.merchant, identity,
                key);
  Series& mine = store_.Entity(key, kBuyerSeriesCount).series[series];
  const std::uint64_t source = SourceOf(event.order_id);
  if (const auto first = mine.FirstOf(source)) {
    if (*first <= event.occurred_at) return;
    mine.Remove(source);
  }
  mine.Add({event.occurred_at, source, number, 0});
}

}  // namespace holdfast
