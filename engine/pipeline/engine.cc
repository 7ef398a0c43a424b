#include "engine/pipeline/engine.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "engine/model/names.h"
#include "engine/signals/emails.h"

namespace holdfast {
namespace {

// Whose fold changes what is decided about an order.
bool Redecides(EventType type) {
  switch (type) {
    case EventType::kOrderPlaced:
    case EventType::kOrderAmended:
    case EventType::kOrderCancelled:
    case EventType::kPaymentUpdated:
    case EventType::kRefundIssued:
    case EventType::kDisputeOpened:
    case EventType::kDisputeUpdated:
    case EventType::kDisputeClosed:
    case EventType::kBuyerMessage:
    case EventType::kBuyerConfirmed:
      return true;
    default:
      return false;
  }
}

std::string Named(std::string_view id) { return "'" + std::string(id) + "'"; }

}  // namespace

Engine::Engine(std::shared_ptr<const Pack> pack, std::unique_ptr<Store> store)
    : pack_(std::move(pack)), store_(std::move(store)) {
  // The decider knows the lists' values, the features need them, the decider reads features.
  features_ = std::make_unique<FeatureFold>(pack_->features, *store_);
  decider_ = std::make_unique<Decider>(pack_, *store_, *features_);
  features_->SetConstants(decider_->constants());
}

Status Engine::Check(const Event& event) {
  const OrderState* state = store_->FindOrder(event.merchant, event.order_id);
  const bool known = state != nullptr && state->order != nullptr;
  if (event.type == EventType::kOrderPlaced && known) {
    return Fail(
        ErrorCode::kOrderExists, "order.id",
        "order " + Named(event.order_id) + " was placed before; send order.amended to change it");
  }
  if (event.type == EventType::kOrderAmended && !known) {
    return Fail(ErrorCode::kUnknownOrder, "order.id",
                "order " + Named(event.order_id) + " is not known; send order.placed first");
  }
  if (event.type == EventType::kListChanged) {
    const auto list = std::find_if(pack_->lists.begin(), pack_->lists.end(),
                                   [&](const PackList& l) { return l.name == event.list->name; });
    if (list == pack_->lists.end() || !list->dynamic) {
      return Fail(ErrorCode::kInvalidInput, "list.name",
                  "the pack has no dynamic list " + Named(event.list->name));
    }
  }
  return {};
}

Result<Applied> Engine::Apply(EventPtr event) {
  if (const std::uint64_t* digest = store_->FindEventDigest(event->merchant, event->id)) {
    if (*digest == event->digest) return Applied{true, 0, std::nullopt};
    return Fail(ErrorCode::kDuplicateConflict, "id",
                "the event id " + Named(event->id) + " was used before with other content");
  }
  if (Status checked = Check(*event); !checked) return tl::unexpected(checked.error());
  store_->RememberEvent(event->merchant, event->id, event->digest);
  Applied applied;
  applied.offset = store_->NextOffset();
  if (event->type == EventType::kListChanged) {
    ChangeList(*event);
    return applied;
  }
  if (event->order_id.empty()) return applied;
  OrderState& state = store_->GetOrder(event->merchant, event->order_id);
  Fold(event, state);
  if (Redecides(event->type) && state.order != nullptr) {
    applied.decision = decider_->Decide(ContextOf(*event, state), applied.offset);
  }
  return applied;
}

FactContext Engine::ContextOf(const Event& event, const OrderState& state) const {
  FactContext context;
  context.event = &event;
  context.order = state.order->order;
  context.state = &state;
  context.amounts = pack_->amounts.get();
  context.products = &pack_->products;
  context.now = event.occurred_at;
  const std::string identity = BuyerIdentity(*context.order);
  context.has_buyer = !identity.empty();
  if (context.has_buyer) {
    std::string key;
    MakeKey(context.order->merchant, identity, key);
    context.buyer = store_->FindEntity(kBuyerKind, key);
  }
  return context;
}

void Engine::Fold(const EventPtr& event, OrderState& state) {
  switch (event->type) {
    case EventType::kOrderPlaced:
      return Place(event, state);
    case EventType::kOrderAmended:
      return Amend(event, state);
    case EventType::kOrderCancelled:
      return Cancel(event, state);
    case EventType::kPaymentUpdated:
      TakePayment(event, state);
      return EnterEvent(event, state);
    case EventType::kRefundIssued:
      if (event->refund->amount && event->refund->currency) {
        state.refunded[*event->refund->currency] += *event->refund->amount;
      } else {
        state.refunded_in_full = true;
      }
      return EnterEvent(event, state);
    case EventType::kDisputeOpened:
    case EventType::kDisputeUpdated:
    case EventType::kDisputeClosed:
      TakeDispute(event, state);
      return EnterEvent(event, state);
    case EventType::kBuyerMessage:
      return EnterEvent(event, state);
    case EventType::kBuyerConfirmed:
      return TakeConfirmation(*event, state);
    case EventType::kShipmentDelivered:
      state.delivered = true;
      return EnterEvent(event, state);
    default:
      return;  // kept in the log
  }
}

void Engine::Place(const EventPtr& event, OrderState& state) {
  state.order = event;
  state.placed_at = *event->order->placed_at;
  if (event->order->payment != nullptr) TakePayment(event, state);
  features_->EnterOrder(ContextOf(*event, state), nullptr);
  // Events that came first are counted now, each in its own time.
  for (const EventPtr& parked : std::exchange(state.parked, {})) EnterEvent(parked, state);
}

void Engine::Amend(const EventPtr& event, OrderState& state) {
  if (event->order->payment != nullptr) TakePayment(event, state);
  if (event->occurred_at < state.order->occurred_at) return;  // a later amendment is there already
  const EventPtr old = state.order;
  const FactContext before = ContextOf(*old, state);
  const bool moved =
      AddressDigest(old->order->shipping.address) != AddressDigest(event->order->shipping.address);
  if (moved && state.payment != nullptr) state.address_changed_after_payment = true;
  state.order = event;
  features_->EnterOrder(ContextOf(*event, state), &before);
}

void Engine::Cancel(const EventPtr& event, OrderState& state) {
  state.cancelled = true;
  const Order* order = state.order != nullptr ? state.order->order : event->order;
  if (order != nullptr) EnterOnce(*order, kBuyerCancelled, *event, 0);
}

void Engine::TakePayment(const EventPtr& event, OrderState& state) {
  const Payment& payment = *PaymentIn(event.get());
  if (payment.status == PaymentStatus::kNone) return;
  if (state.payment != nullptr) {
    const Event& other = *state.payment;
    if (!Supersedes(event->occurred_at, payment.status, event->id, other.occurred_at,
                    PaymentIn(&other)->status, other.id)) {
      return;
    }
  }
  state.payment = event;
}

void Engine::TakeDispute(const EventPtr& event, OrderState& state) {
  const std::string id(event->dispute->id);
  EventPtr& last = state.disputes[id];
  // The later word wins; of one moment, the one that closes it, then the greater event id.
  const auto rank = [](const Event& e) {
    return std::tuple(e.occurred_at, e.type == EventType::kDisputeClosed, e.id);
  };
  if (last == nullptr || rank(*event) > rank(*last)) last = event;
}

void Engine::TakeConfirmation(const Event& event, OrderState& state) {
  const Confirmation& answer = *event.confirmation;
  if (!answer.agreed.value_or(true)) return;
  // An answer counts only from the mailbox that the payment account is registered under.
  const Payment* payment = PaymentIn(state.payment.get());
  if (payment == nullptr || payment->payer.email.empty()) return;
  if (CanonicalEmail(answer.from) != CanonicalEmail(payment->payer.email)) return;
  state.confirmed.insert(std::string(answer.request));
}

// Enters what an event says into features and the buyer's profile; parks it while its order is not
// known.
void Engine::EnterEvent(const EventPtr& event, OrderState& state) {
  if (state.order == nullptr) {
    state.parked.push_back(event);
    return;
  }
  const Order& order = *state.order->order;
  const FactContext context = ContextOf(*event, state);
  switch (event->type) {
    case EventType::kPaymentUpdated:
      return features_->EnterEvent(context, FeatureOn::kPayment);
    case EventType::kRefundIssued: {
      const Refund& refund = *event->refund;
      const auto base = refund.amount && refund.currency
                            ? pack_->amounts->ToBase(*refund.amount, *refund.currency)
                            : std::nullopt;
      EnterOnce(order, kBuyerRefunds, *event, base.value_or(0));
      return features_->EnterEvent(context, FeatureOn::kRefund);
    }
    case EventType::kDisputeOpened:
    case EventType::kDisputeUpdated:
    case EventType::kDisputeClosed: {
      const bool chargeback = event->dispute->kind == DisputeKind::kChargeback;
      EnterOnce(order, chargeback ? kBuyerChargebacks : kBuyerDisputes, *event, 0);
      if (event->type == EventType::kDisputeOpened) {
        features_->EnterEvent(context, FeatureOn::kDispute);
      }
      return;
    }
    case EventType::kBuyerMessage:
      return features_->EnterEvent(context, FeatureOn::kMessage);
    case EventType::kShipmentDelivered:
      return EnterOnce(order, kBuyerDelivered, *event, 0);
    default:
      return;
  }
}

// At most one entry an order in each series of the buyer's profile: the first in time.
void Engine::EnterOnce(const Order& order, BuyerSeries series, const Event& event, double number) {
  const std::string identity = BuyerIdentity(order);
  if (identity.empty()) return;
  std::string key;
  MakeKey(order.merchant.empty() ? event.merchant : order.merchant, identity, key);
  Series& mine = store_->Entity(kBuyerKind, key, kBuyerSeriesCount).series[series];
  const std::uint64_t source = SourceOf(event.order_id);
  if (const auto first = mine.FirstOf(source)) {
    if (*first <= event.occurred_at) return;
    mine.Remove(source);
  }
  mine.Add({event.occurred_at, source, number, 0});
}

void Engine::ChangeList(const Event& event) {
  const auto list = std::find_if(pack_->lists.begin(), pack_->lists.end(),
                                 [&](const PackList& l) { return l.name == event.list->name; });
  Store::ListEdits& edits = store_->Edits(event.list->name);
  for (const std::string_view text : event.list->add) {
    const std::string entry = NormaliseEntry(list->type, text);
    edits.removed.erase(entry);
    edits.added.insert(entry);
  }
  for (const std::string_view text : event.list->remove) {
    const std::string entry = NormaliseEntry(list->type, text);
    edits.added.erase(entry);
    edits.removed.insert(entry);
  }
}

}  // namespace holdfast
