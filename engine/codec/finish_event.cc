#include "engine/codec/finish_event.h"

#include <string>
#include <string_view>
#include <utility>

#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/codec/event_reader.h"
#include "engine/codec/schema.h"
#include "engine/model/names.h"

namespace holdfast {
namespace {

void AddUpItems(Order& order) {
  if (order.total || order.items.empty()) return;
  __int128 total = order.shipping_fee.value_or(0);
  for (const Item& item : order.items) {
    if (!item.unit_price) return;
    total += static_cast<__int128>(item.quantity) * *item.unit_price;
  }
  if (total <= kMoneyMinorMax) order.total = static_cast<std::int64_t>(total);
}

Status CheckOrder(const Order& order) {
  if (order.id.empty()) return MissingMember("order.id", "");
  if (!order.placed_at) return MissingMember("order.placed_at", "");
  if (!order.currency) return MissingMember("order.currency", "");
  if (!order.total) return MissingMember("order.total", "");
  return {};
}

// A payment in an order that names no currency gets the order's.
void InheritCurrency(const Order& order) {
  if (order.payment == nullptr || order.payment->currency) return;
  const_cast<Payment*>(order.payment)->currency = order.currency;
}

Status SettleMerchant(Event& event, Order& order) {
  if (!order.merchant.empty() && !event.merchant.empty() && order.merchant != event.merchant) {
    return Fail(
        ErrorCode::kInvalidInput, "order.merchant",
        "is " + Shown(order.merchant) + ", but the event's merchant is " + Shown(event.merchant));
  }
  if (event.merchant.empty()) event.merchant = order.merchant;
  if (event.merchant.empty()) event.merchant = kDefaultMerchant;
  order.merchant = event.merchant;
  return {};
}

// Checks that the event has the members of its type and no others.
Status CheckMembers(const Event& event) {
  const EventType type = event.type;
  const std::string_view key = PayloadKeyOf(type);
  const bool optional_payload =
      type == EventType::kOrderCancelled || key == "review" || key == "shipment";
  bool found = false;
  for (const codec::PayloadRow& row : codec::PayloadRows()) {
    if (row.In(event) == nullptr) continue;
    if (row.key != key) {
      return Fail(ErrorCode::kInvalidInput, std::string(row.key),
                  "does not belong to an event of type " + std::string(NameOf(type)));
    }
    found = true;
  }
  if (!found && !optional_payload) {
    return MissingMember(std::string(key),
                         "; an event of type " + std::string(NameOf(type)) + " needs it");
  }
  return {};
}

// Checks that the event says which order it belongs to.
Status CheckNames(const Event& event) {
  const std::string_view key = PayloadKeyOf(event.type);
  const bool may_be_joined =
      (key == "payment" || key == "refund" || key == "dispute") && !event.references.empty();
  const bool needs_order_id =
      key != "list" && key != "pack" && key != "alert" && key != "receipt" && !may_be_joined;
  if (needs_order_id && event.order_id.empty()) {
    return MissingMember("order_id", key == "payment" || key == "refund" || key == "dispute"
                                         ? "; or give references that name the order"
                                         : "");
  }
  if (event.references.size() > limits::kReferences) {
    return Fail(ErrorCode::kLimitExceeded, "references",
                "has more than " + std::to_string(limits::kReferences) + " entries");
  }
  return {};
}

Status CheckParts(const Event& event) {
  if (event.payment != nullptr) {
    const PaymentMovement& movement = event.payment->movement;
    const bool moves = movement.kind != MovementKind::kUnset;
    if (!moves && event.payment->status == PaymentStatus::kNone) {
      return MissingMember("payment.status", "; or give payment.movement");
    }
    if (moves && movement.state == MovementState::kUnset) {
      return MissingMember("payment.movement.state", "");
    }
  }
  if (event.confirmation != nullptr && event.confirmation->request.empty()) {
    return MissingMember("confirmation.request", "");
  }
  if (event.list != nullptr && event.list->name.empty()) return MissingMember("list.name", "");
  if (event.alert != nullptr && event.alert->name.empty()) return MissingMember("alert.name", "");
  return {};
}

}  // namespace

Status MissingMember(std::string path, std::string_view hint) {
  return Fail(ErrorCode::kInvalidInput, std::move(path), "is missing" + std::string(hint));
}

Status FinishOrder(Event& event, Order& order, bool total_from_items) {
  if (total_from_items) AddUpItems(order);
  if (event.type != EventType::kOrderCancelled) {
    if (Status checked = CheckOrder(order); !checked) return checked;
  }
  InheritCurrency(order);
  if (event.order_id.empty()) event.order_id = order.id;
  if (order.id.empty()) order.id = event.order_id;
  if (event.order_id != order.id) {
    return Fail(ErrorCode::kInvalidInput, "order.id",
                "is " + Shown(order.id) + ", but order_id is " + Shown(event.order_id));
  }
  return SettleMerchant(event, order);
}

Status FinishEvent(Event& event, bool total_from_items) {
  if (Status checked = CheckMembers(event); !checked) return checked;
  if (event.order != nullptr) {
    auto& order = const_cast<Order&>(*event.order);
    if (Status finished = FinishOrder(event, order, total_from_items); !finished) return finished;
  }
  if (event.merchant.empty()) event.merchant = kDefaultMerchant;
  if (Status checked = CheckNames(event); !checked) return checked;
  return CheckParts(event);
}

}  // namespace holdfast
