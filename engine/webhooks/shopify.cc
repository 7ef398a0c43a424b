// Shopify's webhooks: orders, transactions, refunds and disputes, as its REST resources.
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

constexpr std::string_view kShopify = "shopify";

// Shopify's headers have names with and without "X-".
std::string_view HeaderOf(const Delivery& delivery, const char* name) {
  const std::string_view plain = delivery.Header(std::string("Shopify-") + name);
  return plain.empty() ? delivery.Header(std::string("X-Shopify-") + name) : plain;
}

PaymentStatus StatusOf(std::string_view word, std::string_view& reason) {
  if (word == "pending" || word == "authorized" || word == "partially_paid") {
    if (word == "authorized") return PaymentStatus::kAuthorized;
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
    if (topic_ == "orders/edited" && root_["order_edit"].IsMap()) {
      MapDoubt(root_["order_edit"]["order_id"].text(), root_["order_edit"]["committed_at"].text(),
               "order_edited", RiskLevel::kUnset);
      return std::move(mapped_);
    }
    if (topic_ == "orders/risk_assessment_changed") {
      const std::string_view level = root_["risk_level"].text();
      if (level == "HIGH") {
        MapDoubt(root_["order_id"].text(), root_["created_at"].text(), "shop_risk",
                 RiskLevel::kHighest);
      } else {
        mapped_.nothing = "the shop's risk is " + ToLowerAscii(level);
      }
      return std::move(mapped_);
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

  // A gateway of the order whose money arrives later. Empty: there is none.
  std::string_view LaterGateway() const {
    const auto gateways = root_["payment_gateway_names"].list();
    for (const JsonValue& gateway : gateways) {
      if (gateways.size() > 1 && PaysLater(gateway.text())) return gateway.text();
    }
    return {};
  }

  // The provider of the order's money. With several gateways the order does not say which of them
  // paid what. Then it is the one whose provider reports payments itself, or else the shop.
  std::string Gateway() const {
    const auto gateways = root_["payment_gateway_names"].list();
    std::string provider(kShopify);
    for (const JsonValue& gateway : gateways) {
      std::string room;
      const std::string_view name = KnownNameOf(gateway.text(), room);
      const auto& connected = settings_.connected;
      const bool tells = std::find(connected.begin(), connected.end(), name) != connected.end();
      if (!name.empty() && (tells || gateways.size() == 1)) provider = name;
    }
    return provider;
  }

  // The amount that the shop reports as paid: the total less what is outstanding.
  void SetMovementFromFinancialStatus(EventDraft& draft, Payment& payment) {
    const auto outstanding = draft.Amount(root_["total_outstanding"].text(), payment.currency);
    auto& movement = payment.movement;
    movement.currency = payment.currency;
    movement.amount = payment.amount;
    const std::string_view word = root_["financial_status"].text();
    movement.kind = MovementKind::kCapture;
    if (word == "paid" || word == "partially_paid") {
      // A partial payment of unknown size counts as pending.
      const bool unknown = word == "partially_paid" && !outstanding;
      movement.state = unknown ? MovementState::kPending : MovementState::kSucceeded;
      if (payment.amount && outstanding && *outstanding <= *payment.amount) {
        movement.amount = *payment.amount - *outstanding;
      }
    } else if (word == "authorized") {
      movement.kind = MovementKind::kAuthorization;
      movement.state = MovementState::kSucceeded;
    } else if (word == "pending") {
      movement.state = MovementState::kPending;
    } else {
      movement = {};  // the status is enough
    }
    if (!movement.amount) movement.currency = std::nullopt;
  }

  void SetPayment(EventDraft& draft, Payment& payment) {
    payment.provider = draft.Id(Gateway());
    payment.method = draft.Id(LaterGateway());
    SetShopCopy(draft, payment, settings_);
    payment.status = StatusOf(root_["financial_status"].text(), payment.pending_reason);
    payment.currency = CurrencyOf(root_["currency"].text());
    payment.amount = draft.Amount(root_["total_price"].text(), payment.currency);
    SetMovementFromFinancialStatus(draft, payment);
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
    // The total without lines that were removed since.
    const std::string_view now = root_["current_total_price"].text();
    const bool gone = !root_["cancelled_at"].text().empty() || AllTakenOut();
    order.total =
        draft.Amount(now.empty() || gone ? root_["total_price"].text() : now, order.currency);
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
    // Shopify's test orders are not real orders.
    if (root_["test"].truth()) draft.Attribute("test", "true");
    draft.Attribute("shop_order_name", root_["name"].text());
  }

  // A removed line stays with quantity 0. If all lines were removed, the order is reported with its
  // old total, so that the returned money holds it.
  bool AllTakenOut() const {
    const auto lines = root_["line_items"].list();
    return std::all_of(lines.begin(), lines.end(), [](const JsonValue& line) {
      return line["current_quantity"].text() == "0";
    });
  }

  void SetItems(EventDraft& draft, Order& order) {
    const bool all = AllTakenOut();
    std::vector<const JsonValue*> left;
    for (const JsonValue& line : root_["line_items"].list()) {
      if ((all || line["current_quantity"].text() != "0") && left.size() < limits::kItems) {
        left.push_back(&line);
      }
    }
    const auto items = draft.List<Item>(left.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
      const JsonValue& line = *left[i];
      items[i].sku = draft.Id(line["sku"].text());
      items[i].title = draft.Text(line["title"].text());
      items[i].size = draft.Text(line["variant_title"].text());
      if (line["gift_card"].truth()) items[i].category = "gift_card";
      const std::string_view now = line["current_quantity"].text();
      items[i].quantity = QuantityIn(now.empty() || all ? line["quantity"].text() : now);
      items[i].unit_price = draft.Amount(line["price"].text(), order.currency);
    }
    order.items = items;
  }

  void MapOrder(bool placed) {
    EventDraft draft = Draft(placed ? EventType::kOrderPlaced : EventType::kOrderAmended);
    SetOrder(draft);
    draft.SetProof(delivery_);
    if (placed) SetPayment(draft, draft.order_payment());
    // The shop may not be subscribed to the topic for cancellations, or the delivery was lost. This
    // event comes first, so that the order never ships.
    if (!root_["cancelled_at"].text().empty()) {
      EventDraft cancelled = Draft(EventType::kOrderCancelled, " cancelled");
      cancelled.SetOrderId(root_["id"].text());
      Take(cancelled);
    }
    mapped_.events.push_back(ShopOrder(draft, placed));
    // The payment in an amendment is ignored; it arrives as its own event.
    if (!placed) MapPaid(" payment");
  }

  // Reports a doubt about the order, which holds it until the shop's next report.
  void MapDoubt(std::string_view order_id, std::string_view time, std::string_view reason,
                RiskLevel level) {
    if (order_id.empty()) {
      mapped_.nothing = "it names no order";
      return;
    }
    at_ = FirstTime({time, HeaderOf(delivery_, "Triggered-At")}, delivery_.received);
    EventDraft draft = Draft(EventType::kPaymentUpdated);
    Payment& payment = draft.payment();
    payment.provider = kShopify;
    SetShopCopy(draft, payment, settings_);
    payment.status = PaymentStatus::kUnderReview;
    payment.pending_reason = reason;
    payment.provider_risk.level = level;
    draft.SetOrderId(order_id);
    Take(draft);
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
    if (kind == "refund") return MapRefundTransaction(root_, {});
    EventDraft draft = Draft(EventType::kPaymentUpdated);
    Payment& payment = draft.payment();
    std::string room;
    payment.provider = root_["gateway"].text().empty()
                           ? kShopify
                           : draft.Id(KnownNameOf(root_["gateway"].text(), room));
    SetShopCopy(draft, payment, settings_);
    payment.transaction_id = draft.Id(root_["id"].text());
    payment.currency = CurrencyOf(root_["currency"].text());
    payment.amount = draft.Amount(root_["amount"].text(), payment.currency);
    const bool failed = status == "failure" || status == "error";
    const MovementKind movement = kind == "authorization" ? MovementKind::kAuthorization
                                  : kind == "void"        ? MovementKind::kVoid
                                                          : MovementKind::kCapture;
    const MovementState state = failed                ? MovementState::kFailed
                                : status == "success" ? MovementState::kSucceeded
                                                      : MovementState::kPending;
    payment.status = failed || kind == "void"  ? PaymentStatus::kDenied
                     : status == "pending"     ? PaymentStatus::kPending
                     : status != "success"     ? PaymentStatus::kUnderReview
                     : kind == "authorization" ? PaymentStatus::kAuthorized
                                               : PaymentStatus::kCompleted;
    draft.SetMovement(movement, state, root_["id"].text(),
                      kind == "void" ? std::nullopt : payment.amount, payment.currency);
    draft.Refer(payment.provider, root_["id"].text());
    draft.Refer(payment.provider, root_["parent_id"].text());
    const JsonValue& details = root_["payment_details"];
    payment.card.bin = draft.Id(details["credit_card_bin"].text());
    payment.payer.name = draft.Text(details["credit_card_name"].text());
    draft.SetOrderId(root_["order_id"].text());
    Take(draft);
  }

  // One event for each transaction. Its later result has the same transaction id.
  void MapRefund() {
    for (const JsonValue& transaction : root_["transactions"].list()) {
      if (transaction["kind"].text() == "refund" || transaction["kind"].text().empty()) {
        MapRefundTransaction(transaction, root_["note"].text());
      }
    }
    if (mapped_.events.empty()) mapped_.nothing = "the refund gives no money back";
  }

  void MapRefundTransaction(const JsonValue& transaction, std::string_view reason) {
    const std::string_view id = transaction["id"].text(), status = transaction["status"].text();
    const std::string part = " refund " + std::string(id);
    if (status == "failure" || status == "error") {
      EventDraft failed = Draft(EventType::kPaymentUpdated, part.c_str());
      Payment& payment = failed.payment();
      payment.provider = kShopify;
      SetShopCopy(failed, payment, settings_);
      payment.currency = CurrencyOf(transaction["currency"].text());
      payment.amount = failed.Amount(transaction["amount"].text(), payment.currency);
      failed.SetMovement(MovementKind::kRefund, MovementState::kFailed, id, payment.amount,
                         payment.currency);
      failed.SetOrderId(root_["order_id"].text());
      return Take(failed);
    }
    EventDraft draft = Draft(EventType::kRefundIssued, part.c_str());
    Refund& refund = draft.refund();
    refund.id = draft.Id(id);
    refund.reason = draft.Text(reason);
    refund.currency = CurrencyOf(transaction["currency"].text());
    refund.amount = draft.Amount(transaction["amount"].text(), refund.currency);
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
    // A dispute may arrive before its order. Then it waits for an event that names both.
    if (draft.event().order_id.empty()) draft.Refer(kShopify, dispute.id);
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
