// Shopify's webhooks: orders, transactions, refunds and disputes, as its REST resources.
#include <algorithm>
#include <charconv>

#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/ingest/body_mapping.h"
#include "engine/ingest/providers.h"
#include "engine/ingest/shop_order.h"
#include "engine/ingest/signature.h"

namespace holdfast {
namespace {

constexpr std::string_view kShopify = "shopify";

// Shopify's headers come with and without "X-".
std::string_view HeaderOf(const Delivery& delivery, const char* name) {
  const std::string_view plain = delivery.Header(std::string("Shopify-") + name);
  return plain.empty() ? delivery.Header(std::string("X-Shopify-") + name) : plain;
}

PaymentStatus StatusOf(std::string_view word, std::string_view& reason) {
  if (word == "pending" || word == "authorized" || word == "partially_paid") {
    if (word == "authorized") reason = "authorization";
    if (word == "partially_paid") reason = "partially_paid";
    if (word == "pending") reason = "not_paid";
    return PaymentStatus::kPending;
  }
  if (word == "paid") return PaymentStatus::kCompleted;
  if (word == "partially_refunded") return PaymentStatus::kPartiallyRefunded;
  if (word == "refunded") return PaymentStatus::kRefunded;
  if (word == "voided" || word == "expired") return PaymentStatus::kDenied;
  return PaymentStatus::kUnderReview;
}

class Mapping : BodyMapping {
 public:
  Mapping(const JsonValue& root, const Delivery& delivery, const WebhookSettings& settings)
      : BodyMapping(kShopify, root, delivery, settings) {
    topic_ = HeaderOf(delivery, "Topic");
    id_ = HeaderOf(delivery, "Webhook-Id");
    if (id_.empty()) id_ = std::string(topic_) + " " + std::string(root["id"].text());
    at_ = FirstTime(
        {root["updated_at"].text(), root["processed_at"].text(), root["created_at"].text(),
         HeaderOf(delivery, "Triggered-At"), root["initiated_at"].text()},
        delivery.received);
  }

  Result<Mapped> Run() {
    mapped_.kind = topic_;
    if (topic_.empty()) {
      return Fail(ErrorCode::kMalformedInput, {}, "the header X-Shopify-Topic is missing");
    }
    if (root_["id"].text().empty()) {
      return Fail(ErrorCode::kMalformedInput, {}, "is no Shopify resource: it needs an id");
    }
    if (topic_ == "orders/create" || topic_ == "orders/updated" || topic_ == "orders/edited") {
      MapOrder(topic_ == "orders/create");
    } else if (topic_ == "orders/paid" || topic_ == "orders/partially_paid") {
      MapPaid();
    } else if (topic_ == "orders/cancelled") {
      MapCancelled();
    } else if (topic_ == "order_transactions/create") {
      MapTransaction();
    } else if (topic_ == "refunds/create") {
      MapRefund();
    } else if (topic_ == "disputes/create" || topic_ == "disputes/update") {
      MapDispute();
    } else {
      mapped_.nothing = "Shopify's " + std::string(topic_) + " changes no decision";
    }
    return std::move(mapped_);
  }

 private:
  EventDraft Draft(EventType type, const char* part = "") {
    return BodyMapping::Draft(type, id_ + part);
  }

  static Address AddressFrom(EventDraft& draft, const JsonValue& from) {
    Address address;
    address.line1 = draft.Text(from["address1"].text());
    address.line2 = draft.Text(from["address2"].text());
    address.city = draft.Text(from["city"].text());
    address.region =
        draft.Text(from["province_code"].text().empty() ? from["province"].text()
                                                        : from["province_code"].text());
    address.postal_code = draft.Id(from["zip"].text());
    address.country = draft.Country(from["country_code"].text());
    return address;
  }

  static Party PartyFrom(EventDraft& draft, const JsonValue& from) {
    Party party;
    party.name = draft.Text(from["name"].text());
    if (party.name.empty()) {
      party.name = draft.Name(from["first_name"].text(), from["last_name"].text());
    }
    party.phone = draft.Text(from["phone"].text());
    party.address = AddressFrom(draft, from);
    return party;
  }

  void SetPayment(EventDraft& draft, Payment& payment) {
    const JsonValue& gateway = root_["payment_gateway_names"][std::size_t{0}];
    payment.provider = draft.Id(gateway.text().empty() ? kShopify : gateway.text());
    payment.status = StatusOf(root_["financial_status"].text(), payment.pending_reason);
    payment.currency = CurrencyOf(root_["currency"].text());
    payment.amount = draft.Amount(root_["total_price"].text(), payment.currency);
    const JsonValue& customer = root_["customer"];
    payment.payer.name = draft.Text(root_["billing_address"]["name"].text());
    payment.payer.email = draft.Text(root_["email"].text());
    payment.payer.account_id = draft.Id(customer["id"].text());
    if (!customer.IsMap() || customer["state"].text() == "disabled") {
      payment.payer.account_status = AccountStatus::kUnregistered;
    }
    payment.payer.address = AddressFrom(draft, root_["billing_address"]);
  }

  void SetOrder(EventDraft& draft) {
    Order& order = draft.order();
    draft.SetOrderId(root_["id"].text());
    order.id = draft.event().order_id;
    order.merchant = draft.event().merchant;
    order.placed_at = FirstTime({root_["created_at"].text(), root_["processed_at"].text()}, at_);
    order.channel = draft.Id(root_["source_name"].text());
    order.currency = CurrencyOf(root_["currency"].text());
    order.total = draft.Amount(root_["total_price"].text(), order.currency);
    std::vector<std::string_view> fees;
    for (const JsonValue& line : root_["shipping_lines"].list()) {
      fees.push_back(line["price"].text());
    }
    order.shipping_fee = Sum(draft, fees, order.currency);
    order.ip = draft.Ip(root_["browser_ip"].text());
    order.user_agent = draft.Text(root_["client_details"]["user_agent"].text());
    order.note = draft.LongText(root_["note"].text());
    const JsonValue& customer = root_["customer"];
    Buyer& buyer = order.buyer;
    buyer.id = draft.Id(customer["id"].text());
    buyer.email = draft.Text(root_["email"].text().empty() ? customer["email"].text()
                                                           : root_["email"].text());
    buyer.name = draft.Name(customer["first_name"].text(), customer["last_name"].text());
    buyer.phone = draft.Text(root_["phone"].text().empty() ? customer["phone"].text()
                                                           : root_["phone"].text());
    buyer.registered_at = ParseEventTime(customer["created_at"].text());
    buyer.country = draft.Country(customer["default_address"]["country_code"].text());
    order.shipping = PartyFrom(draft, root_["shipping_address"]);
    order.billing = PartyFrom(draft, root_["billing_address"]);
    SetItems(draft, order);
    // Shopify's own trial orders are no orders.
    if (root_["test"].truth()) draft.Attribute("test", "true");
    draft.Attribute("shop_order_name", root_["name"].text());
  }

  static void SetItems(EventDraft& draft, Order& order, const JsonValue& lines) {
    const std::size_t count = std::min(lines.list().size(), limits::kItems);
    const auto items = draft.List<Item>(count);
    for (std::size_t i = 0; i < count; ++i) {
      const JsonValue& line = lines[i];
      items[i].sku = draft.Id(line["sku"].text());
      items[i].title = draft.Text(line["title"].text());
      items[i].size = draft.Text(line["variant_title"].text());
      if (line["gift_card"].truth()) items[i].category = "gift_card";
      items[i].quantity = Quantity(line["quantity"].text());
      items[i].unit_price = draft.Amount(line["price"].text(), order.currency);
    }
    order.items = items;
  }
  void SetItems(EventDraft& draft, Order& order) { SetItems(draft, order, root_["line_items"]); }

  // A line of nothing or of more than an order may hold counts as one: the line itself is known.
  static std::int64_t Quantity(std::string_view text) {
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool fine = read.ec == std::errc() && value >= 1 && value <= limits::kQuantity;
    return fine ? value : 1;
  }

  void MapOrder(bool placed) {
    EventDraft draft = Draft(placed ? EventType::kOrderPlaced : EventType::kOrderAmended);
    SetOrder(draft);
    draft.SetProof(delivery_);
    if (placed) SetPayment(draft, draft.order_payment());
    mapped_.events.push_back(ShopOrder(draft, placed));
    // The payment within an amendment is not taken; it comes as an event of its own.
    if (!placed) MapPaid(" payment");
  }

  void MapPaid(const char* part = "") {
    EventDraft draft = Draft(EventType::kPaymentUpdated, part);
    SetPayment(draft, draft.payment());
    draft.SetOrderId(root_["id"].text());
    Take(draft);
  }

  void MapCancelled() {
    EventDraft draft = Draft(EventType::kOrderCancelled);
    SetOrder(draft);
    Take(draft);
  }

  void MapTransaction() {
    const std::string_view kind = root_["kind"].text(), status = root_["status"].text();
    if (kind == "refund") {
      mapped_.nothing = "a refund is taken from refunds/create";
      return;
    }
    EventDraft draft = Draft(EventType::kPaymentUpdated);
    Payment& payment = draft.payment();
    payment.provider =
        draft.Id(root_["gateway"].text().empty() ? kShopify : root_["gateway"].text());
    payment.transaction_id = draft.Id(root_["id"].text());
    payment.currency = CurrencyOf(root_["currency"].text());
    payment.amount = draft.Amount(root_["amount"].text(), payment.currency);
    if (status == "pending") {
      payment.status = PaymentStatus::kPending;
    } else if (status == "failure" || status == "error" || kind == "void") {
      payment.status = PaymentStatus::kDenied;
    } else if (status == "success" && (kind == "capture" || kind == "sale")) {
      payment.status = PaymentStatus::kCompleted;
    } else if (status == "success" && kind == "authorization") {
      payment.status = PaymentStatus::kPending;
      payment.pending_reason = "authorization";
    } else {
      payment.status = PaymentStatus::kUnderReview;
    }
    const JsonValue& details = root_["payment_details"];
    payment.card.bin = draft.Id(details["credit_card_bin"].text());
    payment.payer.name = draft.Text(details["credit_card_name"].text());
    draft.SetOrderId(root_["order_id"].text());
    Take(draft);
  }

  void MapRefund() {
    EventDraft draft = Draft(EventType::kRefundIssued);
    Refund& refund = draft.refund();
    refund.id = draft.Id(root_["id"].text());
    refund.reason = draft.Text(root_["note"].text());
    // What was given back, not what was meant to be.
    std::vector<std::string_view> amounts;
    for (const JsonValue& transaction : root_["transactions"].list()) {
      if (transaction["status"].text() != "success" && transaction["status"].text() != "pending") {
        continue;
      }
      refund.currency = CurrencyOf(transaction["currency"].text());
      amounts.push_back(transaction["amount"].text());
    }
    if (amounts.empty()) {
      mapped_.nothing = "the refund gives no money back";
      return;
    }
    refund.amount = Sum(draft, amounts, refund.currency);
    if (!refund.amount) refund.currency = std::nullopt;
    draft.SetOrderId(root_["order_id"].text());
    Take(draft);
  }

  void MapDispute() {
    const std::string_view status = root_["status"].text();
    DisputeOutcome outcome = DisputeOutcome::kUnset;
    if (status == "won") outcome = DisputeOutcome::kWon;
    if (status == "lost" || status == "accepted" || status == "charge_refunded") {
      outcome = DisputeOutcome::kLost;
    }
    at_ = FirstTime({root_["finalized_on"].text(), HeaderOf(delivery_, "Triggered-At"),
                     root_["initiated_at"].text()},
                    delivery_.received);
    const bool ends = outcome != DisputeOutcome::kUnset;
    EventDraft draft = Draft(ends                          ? EventType::kDisputeClosed
                             : topic_ == "disputes/create" ? EventType::kDisputeOpened
                                                           : EventType::kDisputeUpdated);
    Dispute& dispute = draft.dispute();
    dispute.id = draft.Id(root_["id"].text());
    dispute.reason = draft.Text(root_["reason"].text());
    dispute.kind =
        root_["type"].text() == "inquiry" ? DisputeKind::kInquiry : DisputeKind::kChargeback;
    dispute.outcome = outcome;
    dispute.currency = CurrencyOf(root_["currency"].text());
    dispute.amount = draft.Amount(root_["amount"].text(), dispute.currency);
    if (!dispute.amount) dispute.currency = std::nullopt;
    draft.SetOrderId(root_["order_id"].text());
    // A dispute may come without its order; then it waits for somebody who knows it.
    draft.Refer(kShopify, "dispute " + std::string(root_["id"].text()));
    Take(draft);
  }

  std::string_view topic_;
  std::string id_;
};

class Shopify final : public WebhookProvider {
 public:
  std::string_view name() const override { return kShopify; }

  Result<std::string> Verify(const Delivery& delivery, const WebhookSettings& settings,
                             const Trust&) const override {
    constexpr std::string_view kPlain = "Shopify-Hmac-SHA256", kOlder = "X-Shopify-Hmac-SHA256";
    const auto signature =
        SignedHeader(delivery, delivery.Header(kPlain).empty() ? kOlder : kPlain);
    if (!signature) return tl::unexpected(signature.error());
    return AnySecret(settings, delivery.received, [&](const std::string& secret) {
      return IsHmacBase64(*signature, secret, delivery.body);
    });
  }

  Result<Mapped> Map(const Delivery& delivery, const WebhookSettings& settings) const override {
    return MapBody<Mapping>(delivery, settings);
  }
};

}  // namespace

const WebhookProvider* ShopifyWebhooks() {
  static const Shopify shopify;
  return &shopify;
}

}  // namespace holdfast
