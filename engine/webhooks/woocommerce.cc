// WooCommerce's webhooks: orders as in its REST API (v3).
#include <algorithm>

#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/funds/terms.h"
#include "engine/webhooks/body_mapping.h"
#include "engine/webhooks/providers.h"
#include "engine/webhooks/shop_order.h"
#include "engine/webhooks/signature.h"

namespace holdfast {
namespace {

constexpr std::string_view kWoo = "woocommerce";

// The unsigned message that is sent once when a webhook is created. It must be answered with status
// 200.
bool IsPing(const Delivery& delivery) {
  constexpr std::string_view kPing = "webhook_id=";
  const std::string_view rest =
      delivery.body.starts_with(kPing) ? delivery.body.substr(kPing.size()) : std::string_view();
  return !rest.empty() && rest.size() < 20 &&
         std::all_of(rest.begin(), rest.end(), [](char c) { return c >= '0' && c <= '9'; });
}

class Mapping : BodyMapping {
 public:
  Mapping(const JsonValue& root, const Delivery& delivery, const WebhookSettings& settings)
      : BodyMapping(kWoo, root, delivery, settings) {
    topic_ = delivery.Header("X-WC-Webhook-Topic");
    at_ = FirstTime({root["date_modified_gmt"].text(), root["date_created_gmt"].text()},
                    delivery.received);
    id_ = delivery.Header("X-WC-Webhook-Delivery-ID");
    if (id_.empty()) {
      id_ = std::string(root["id"].text()) + " " + std::string(root["date_modified_gmt"].text());
    }
  }

  Result<Mapped> Run() {
    mapped_.kind = topic_;
    if (root_["id"].text().empty()) {
      return Fail(ErrorCode::kMalformedInput, {}, "is no WooCommerce resource: it needs an id");
    }
    const bool refund = root_["refunded_by"].kind() != JsonValue::Kind::kNull;
    if (refund) {
      MapRefundResource();
    } else if (topic_ == "order.created" || topic_ == "order.restored") {
      MapOrder(true);
    } else if (topic_ == "order.updated") {
      MapOrder(false);
    } else if (topic_ == "order.deleted") {
      MapDeleted();
    } else {
      mapped_.nothing = "WooCommerce's " + std::string(topic_) + " changes no decision";
    }
    return std::move(mapped_);
  }

 private:
  EventDraft Draft(EventType type, const std::string& part = {}) {
    return BodyMapping::Draft(type, id_ + part);
  }

  static Party PartyFrom(EventDraft& draft, const JsonValue& from) {
    Party party;
    party.name = draft.Name(from["first_name"].text(), from["last_name"].text());
    if (party.name.empty()) party.name = draft.Text(from["company"].text());
    party.phone = draft.Text(from["phone"].text());
    party.address.line1 = draft.Text(from["address_1"].text());
    party.address.line2 = draft.Text(from["address_2"].text());
    party.address.city = draft.Text(from["city"].text());
    party.address.region = draft.Text(from["state"].text());
    party.address.postal_code = draft.Id(from["postcode"].text());
    party.address.country = draft.Country(from["country"].text());
    return party;
  }

  void SetPayment(EventDraft& draft, Payment& payment) {
    std::string room;
    payment.provider = draft.Id(KnownNameOf(root_["payment_method"].text(), room));
    if (payment.provider.empty()) payment.provider = kWoo;
    SetShopCopy(draft, payment, settings_);
    payment.transaction_id = draft.Id(root_["transaction_id"].text());
    payment.currency = CurrencyOf(root_["currency"].text());
    payment.amount = draft.Amount(root_["total"].text(), payment.currency);
    const std::string_view status = root_["status"].text();
    if (status == "processing" || status == "completed") {
      // An order with cash on delivery is in status processing without having been paid.
      const bool paid =
          !root_["date_paid_gmt"].text().empty() || !root_["date_paid"].text().empty();
      payment.status = paid ? PaymentStatus::kCompleted : PaymentStatus::kPending;
      if (!paid) payment.pending_reason = "not_paid";
    } else if (status == "pending" || status == "on-hold") {
      payment.status = PaymentStatus::kPending;
      if (status == "pending") payment.pending_reason = "not_paid";
    } else if (status == "refunded") {
      payment.status = PaymentStatus::kRefunded;
    } else if (status == "cancelled" || status == "failed" || status == "trash") {
      payment.status = PaymentStatus::kDenied;
    } else {
      payment.status = PaymentStatus::kUnderReview;
    }
    const JsonValue& billing = root_["billing"];
    payment.payer.name = draft.Name(billing["first_name"].text(), billing["last_name"].text());
    payment.payer.email = draft.Text(billing["email"].text());
    payment.payer.address = PartyFrom(draft, billing).address;
    if (root_["customer_id"].text() == "0") {
      payment.payer.account_status = AccountStatus::kUnregistered;
    } else {
      payment.payer.account_id = draft.Id(root_["customer_id"].text());
    }
  }

  void SetOrder(EventDraft& draft) {
    Order& order = draft.order();
    draft.SetOrderId(root_["id"].text());
    order.id = draft.event().order_id;
    order.merchant = draft.event().merchant;
    order.placed_at = FirstTime({root_["date_created_gmt"].text()}, at_);
    order.channel = draft.Id(root_["created_via"].text());
    order.currency = CurrencyOf(root_["currency"].text());
    order.total = draft.Amount(root_["total"].text(), order.currency);
    order.shipping_fee = draft.Amount(root_["shipping_total"].text(), order.currency);
    order.ip = draft.Ip(root_["customer_ip_address"].text());
    order.user_agent = draft.Text(root_["customer_user_agent"].text());
    order.note = draft.LongText(root_["customer_note"].text());
    const JsonValue& billing = root_["billing"];
    const std::string_view customer = root_["customer_id"].text();
    if (customer != "0") order.buyer.id = draft.Id(customer);
    order.buyer.email = draft.Text(billing["email"].text());
    order.buyer.name = draft.Name(billing["first_name"].text(), billing["last_name"].text());
    order.buyer.phone = draft.Text(billing["phone"].text());
    order.shipping = PartyFrom(draft, root_["shipping"]);
    order.billing = PartyFrom(draft, billing);
    const auto lines = root_["line_items"].list();
    const auto items = draft.List<Item>(std::min(lines.size(), limits::kItems));
    for (std::size_t i = 0; i < items.size(); ++i) SetItem(draft, order, lines[i], items[i]);
    order.items = items;
    draft.Attribute("shop_order_name", root_["number"].text());
    // The number that plugins send to providers instead of the id.
    if (root_["number"].text() != root_["id"].text()) {
      draft.Refer(kOrderNames, root_["number"].text());
    }
    draft.Refer(kOrderNames, root_["order_key"].text());
    // The prefix that WooCommerce and its plugins put before invoice numbers.
    draft.Refer(kOrderNames, "WC-" + std::string(root_["number"].text()));
  }

  static void SetItem(EventDraft& draft, const Order& order, const JsonValue& line, Item& item) {
    item.sku = draft.Id(line["sku"].text());
    item.title = draft.Text(line["name"].text());
    for (const JsonValue& meta : line["meta_data"].list()) {
      const std::string key = ToLowerAscii(meta["key"].text());
      if (key == "pa_color" || key == "pa_colour" || key == "color" || key == "colour") {
        item.colour = draft.Text(meta["value"].text());
      }
      if (key == "pa_size" || key == "size") item.size = draft.Text(meta["value"].text());
    }
    item.quantity = QuantityIn(line["quantity"].text());
    item.unit_price = draft.Amount(line["price"].text(), order.currency);
  }

  void MapOrder(bool placed) {
    EventDraft draft = Draft(placed ? EventType::kOrderPlaced : EventType::kOrderAmended);
    SetOrder(draft);
    draft.SetProof(delivery_);
    if (placed) SetPayment(draft, draft.order_payment());
    mapped_.events.push_back(ShopOrder(draft, placed));
    if (placed) return;
    // The payment in an amendment is ignored; it arrives as its own event.
    EventDraft paid = Draft(EventType::kPaymentUpdated, " payment");
    paid.SetOrderId(root_["id"].text());
    SetPayment(paid, paid.payment());
    Take(paid);
    // Refunds arrive only within the order, again with every change of it. Their ids stay the same.
    for (const JsonValue& one : root_["refunds"].list()) {
      EventDraft refund =
          Draft(EventType::kRefundIssued, " refund " + std::string(one["id"].text()));
      refund.SetOrderId(root_["id"].text());
      refund.refund().id = refund.Id(one["id"].text());
      refund.refund().reason = refund.Text(one["reason"].text());
      SetRefund(refund, one["total"].text(), root_["currency"].text());
      Take(refund);
    }
  }

  static void SetRefund(EventDraft& draft, std::string_view amount, std::string_view currency) {
    const auto known = CurrencyOf(currency);
    draft.refund().amount = draft.Amount(amount, known);
    if (draft.refund().amount) draft.refund().currency = known;
  }

  void MapDeleted() {
    EventDraft draft = Draft(EventType::kOrderCancelled);
    draft.SetOrderId(root_["id"].text());
    Take(draft);
  }

  // A refund as its own resource. Imports send it, WooCommerce itself does not. It has no currency,
  // so it counts as all of the money.
  void MapRefundResource() {
    const std::string_view up = root_["_links"]["up"][std::size_t{0}]["href"].text();
    EventDraft draft = Draft(EventType::kRefundIssued, " refund");
    draft.SetOrderId(up.substr(up.rfind('/') + 1));
    draft.refund().id = draft.Id(root_["id"].text());
    draft.refund().reason = draft.Text(root_["reason"].text());
    SetRefund(draft, root_["amount"].text(), root_["currency"].text());
    Take(draft);
  }

  std::string_view topic_;
  std::string id_;
};

// The secret as WooCommerce uses it for signing: HTML entities replaced by their characters.
std::string WithoutEntities(std::string_view text) {
  static constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#039;", '\''}};
  std::string plain;
  for (std::size_t i = 0; i < text.size();) {
    const auto entity =
        std::find_if(std::begin(kEntities), std::end(kEntities),
                     [&](const auto& e) { return text.substr(i).starts_with(e.first); });
    if (entity == std::end(kEntities)) {
      plain += text[i++];
    } else {
      plain += entity->second;
      i += entity->first.size();
    }
  }
  return plain;
}

class WooCommerce final : public WebhookProvider {
 public:
  std::string_view name() const override { return kWoo; }

  Result<std::string> Verify(const Delivery& delivery, const WebhookSettings& settings,
                             const Trust&) const override {
    if (IsPing(delivery)) return std::string("ping");
    const auto signature = SignedHeader(delivery, "X-WC-Webhook-Signature");
    if (!signature) return tl::unexpected(signature.error());
    return AnySecret(settings, delivery.received, [&](const std::string& secret) {
      return IsHmacBase64(*signature, WithoutEntities(secret), delivery.body);
    });
  }

  Result<Mapped> Map(const Delivery& delivery, const WebhookSettings& settings) const override {
    if (IsPing(delivery)) {
      Mapped ping;
      ping.kind = "ping";
      ping.nothing = "a ping: the webhook has been set up";
      return ping;
    }
    return MapBody<Mapping>(delivery, settings);
  }
};

}  // namespace

const WebhookProvider* WooCommerceWebhooks() {
  static const WooCommerce woocommerce;
  return &woocommerce;
}

}  // namespace holdfast
