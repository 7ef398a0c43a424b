// PayPal's webhooks, versions 1 and 2 of its resources.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/base64.h"
#include "engine/base/hash.h"
#include "engine/base/text.h"
#include "engine/model/funds.h"
#include "engine/webhooks/body_mapping.h"
#include "engine/webhooks/providers.h"
#include "engine/webhooks/signature.h"

namespace holdfast {
namespace {

constexpr std::string_view kPayPal = "paypal";
// PayPal retries for three days. The fourth day allows for clocks and queues.
constexpr std::int64_t kOldest = 4 * 24 * 3600;

// ---- authentication -----------------------------------------------------------------------------

// Only the exact hosts are accepted, not look-alikes such as
// https://api.paypal.com@evil.example/.
Status CheckCertificateUrl(std::string_view url, bool sandbox) {
  static constexpr std::string_view kLive[] = {"api.paypal.com", "api-m.paypal.com"};
  static constexpr std::string_view kSandbox[] = {"api.sandbox.paypal.com",
                                                  "api-m.sandbox.paypal.com"};
  const auto refuse = [](const char* why) {
    return BadSignature(std::string("the certificate's address ") + why);
  };
  constexpr std::string_view kScheme = "https://";
  if (!url.starts_with(kScheme)) return refuse("is not https");
  url.remove_prefix(kScheme.size());
  const std::size_t slash = url.find('/');
  if (slash == url.npos) return refuse("has no path");
  std::string_view host = url.substr(0, slash);
  if (host.ends_with(":443")) host.remove_suffix(4);
  const std::span<const std::string_view> hosts = sandbox
                                                      ? std::span<const std::string_view>(kSandbox)
                                                      : std::span<const std::string_view>(kLive);
  if (std::find(hosts.begin(), hosts.end(), host) == hosts.end()) {
    return refuse(sandbox ? "is not of PayPal's sandbox" : "is not of PayPal");
  }
  const std::string_view path = url.substr(slash);
  constexpr std::string_view kPath = "/v1/notifications/certs/";
  const std::string_view name = path.substr(std::min(path.size(), kPath.size()));
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
  if (!path.starts_with(kPath) || !plain) return refuse("does not lead to a certificate");
  return {};
}

struct Signed {
  std::string_view id, time, signature, url, algorithm;
};

Result<Signed> SignedHeaders(const Delivery& delivery) {
  Signed made;
  const std::pair<std::string_view, std::string_view*> wanted[] = {
      {"PAYPAL-TRANSMISSION-ID", &made.id},         {"PAYPAL-TRANSMISSION-TIME", &made.time},
      {"PAYPAL-TRANSMISSION-SIG", &made.signature}, {"PAYPAL-CERT-URL", &made.url},
      {"PAYPAL-AUTH-ALGO", &made.algorithm},
  };
  for (const auto& [name, place] : wanted) {
    const auto value = SignedHeader(delivery, name);
    if (!value) return tl::unexpected(value.error());
    *place = *value;
  }
  return made;
}

// ---- contents -----------------------------------------------------------------------------------

// The last part of the URL of the link called `rel`.
std::string_view LinkedId(const JsonValue& resource, std::string_view rel,
                          std::string_view folder = {}) {
  for (const JsonValue& link : resource["links"].list()) {
    std::string_view href = link["href"].text();
    if (link["rel"].text() != rel || href.find(folder) == href.npos) continue;
    return href.substr(href.rfind('/') + 1);
  }
  return {};
}

// Version 2 has {value, currency_code}, version 1 {total, currency}.
void SetAmount(EventDraft& draft, const JsonValue& amount, std::optional<Currency>& currency,
               std::optional<std::int64_t>& minor) {
  const std::string_view code = amount["currency_code"].text().empty()
                                    ? amount["currency"].text()
                                    : amount["currency_code"].text();
  const std::string_view value =
      amount["value"].text().empty() ? amount["total"].text() : amount["value"].text();
  const auto known = CurrencyOf(code);
  minor = draft.Amount(value, known);
  if (minor) currency = known;
}

SellerProtection ProtectionOf(const JsonValue& resource) {
  std::string_view word = resource["seller_protection"]["status"].text();
  if (word.empty()) word = resource["protection_eligibility"].text();
  if (word == "ELIGIBLE") return SellerProtection::kEligible;
  if (word == "PARTIALLY_ELIGIBLE") return SellerProtection::kPartiallyEligible;
  if (word == "NOT_ELIGIBLE" || word == "INELIGIBLE") return SellerProtection::kNotEligible;
  return SellerProtection::kUnset;
}

// The reason why money is pending, in PayPal's vocabulary and in the common one.
struct PendingWord {
  std::string_view theirs, ours;
  PaymentStatus status;
};
constexpr PendingWord kPendingWords[] = {
    {"ECHECK", "echeck", PaymentStatus::kPending},
    {"TRANSACTION_APPROVED_AWAITING_FUNDING", "awaiting_funding", PaymentStatus::kPending},
    {"UNILATERAL", "unilateral", PaymentStatus::kPending},
    {"RECEIVING_PREFERENCE_MANDATES_MANUAL_ACTION", "manual_action", PaymentStatus::kPending},
    {"VERIFICATION_REQUIRED", "verification_required", PaymentStatus::kPending},
    {"INTERNATIONAL_WITHDRAWAL", "international_withdrawal", PaymentStatus::kPending},
    {"UNCONFIRMED_SHIPPING_ADDRESS", "unconfirmed_address", PaymentStatus::kPending},
    {"PAYER_SHIPPING_UNCONFIRMED", "unconfirmed_address", PaymentStatus::kPending},
    {"MULTI_CURRENCY", "multi_currency", PaymentStatus::kPending},
    {"ORDER", "order", PaymentStatus::kPending},
    {"PENDING_REVIEW", "payment_review", PaymentStatus::kUnderReview},
    {"PAYMENT_REVIEW", "payment_review", PaymentStatus::kUnderReview},
    {"RISK_REVIEW", "payment_review", PaymentStatus::kUnderReview},
    {"REGULATORY_REVIEW", "regulatory_review", PaymentStatus::kUnderReview},
    {"OTHER", "other", PaymentStatus::kUnderReview},
    {"CHARGEBACK", "chargeback", PaymentStatus::kChargedBack},
    {"BUYER_COMPLAINT", "buyer_complaint", PaymentStatus::kDisputed},
};

// Sets the status of pending money. An unknown reason counts as one to review.
void SetPending(EventDraft& draft, const JsonValue& resource) {
  std::string_view reason = resource["status_details"]["reason"].text();
  if (reason.empty()) reason = resource["reason_code"].text();
  if (reason.empty()) reason = resource["pending_reason"].text();
  Payment& payment = draft.payment();
  payment.status = PaymentStatus::kUnderReview;
  payment.pending_reason = draft.Id(ToLowerAscii(reason));
  for (const PendingWord& word : kPendingWords) {
    if (ToLowerAscii(word.theirs) != ToLowerAscii(reason)) continue;
    payment.status = word.status;
    payment.pending_reason = word.ours;
    if (word.ours == "unconfirmed_address") {
      payment.payer.address_status = AddressStatus::kUnconfirmed;
    }
  }
}

// A sale or capture that is complete. An eCheck is complete before it has cleared; PayPal sends
// nothing when it has, so until its clearing time it counts as pending.
void SetComplete(EventDraft& draft, const JsonValue& resource) {
  Payment& payment = draft.payment();
  const std::string_view mode = resource["payment_mode"].text();
  payment.status = mode == "INSTANT_TRANSFER" || mode == "MANUAL_BANK_TRANSFER"
                       ? PaymentStatus::kCleared
                       : PaymentStatus::kCompleted;
  if (mode != "ECHECK" && mode != "DELAYED_TRANSFER") return;
  const auto clears = ParseEventTime(resource["clearing_time"].text());
  if (clears && *clears <= draft.event().occurred_at) {
    payment.status = PaymentStatus::kCleared;
  } else {
    payment.status = PaymentStatus::kPending;
    payment.pending_reason = "echeck";
  }
}

// Sets the status by the state of a capture (version 2), or a sale or authorisation (version 1).
void SetByState(EventDraft& draft, const JsonValue& resource) {
  const std::string_view given =
      resource["status"].text().empty() ? resource["state"].text() : resource["status"].text();
  const std::string state = ToLowerAscii(given);
  Payment& payment = draft.payment();
  if (state == "completed") return SetComplete(draft, resource);
  if (state == "pending") return SetPending(draft, resource);
  payment.status = state == "created" || state == "authorized" || state == "approved" ||
                           state == "partially_captured"
                       ? PaymentStatus::kAuthorized
                   : state == "declined" || state == "denied" || state == "failed" ||
                           state == "voided" || state == "expired"
                       ? PaymentStatus::kDenied
                   : state == "refunded"           ? PaymentStatus::kRefunded
                   : state == "partially_refunded" ? PaymentStatus::kPartiallyRefunded
                                                   : PaymentStatus::kUnderReview;
}

// An address of version 2 or version 1.
Address AddressFrom(EventDraft& draft, const JsonValue& from) {
  const auto either = [&](const char* second, const char* first) {
    const std::string_view text = from[second].text();
    return text.empty() ? from[first].text() : text;
  };
  Address address;
  address.line1 = draft.Text(either("address_line_1", "line1"));
  address.line2 = draft.Text(either("address_line_2", "line2"));
  address.city = draft.Text(either("admin_area_2", "city"));
  address.region = draft.Text(either("admin_area_1", "state"));
  address.postal_code = draft.Id(from["postal_code"].text());
  address.country = draft.Country(from["country_code"].text());
  return address;
}

void SetPayerV2(EventDraft& draft, const JsonValue& resource) {
  const JsonValue& account = resource["payment_source"]["paypal"];
  const JsonValue& given = resource["payer"];
  Payer& payer = draft.payment().payer;
  const JsonValue& name = given["name"].IsMap() ? given["name"] : account["name"];
  payer.name = draft.Name(name["given_name"].text(), name["surname"].text());
  const auto either = [&](const char* a, const char* b) {
    return given[a].text().empty() ? account[b].text() : given[a].text();
  };
  payer.email = draft.Text(either("email_address", "email_address"));
  payer.account_id = draft.Id(either("payer_id", "account_id"));
  const std::string_view status = account["account_status"].text();
  payer.account_status = status == "VERIFIED"       ? AccountStatus::kVerified
                         : status == "UNVERIFIED"   ? AccountStatus::kUnverified
                         : payer.account_id.empty() ? AccountStatus::kUnregistered
                                                    : AccountStatus::kUnset;
  // A business account is registered under the name of the business.
  payer.account_holder = draft.Text(account["business_name"].text());
  if (payer.account_holder.empty() && account["name"].IsMap()) {
    payer.account_holder =
        draft.Name(account["name"]["given_name"].text(), account["name"]["surname"].text());
  }
  const JsonValue& home = given["address"].IsMap() ? given["address"] : account["address"];
  payer.address = AddressFrom(draft, home);
  payer.country = payer.address.country;
  // Most accounts show only their country. Then PayPal's address is the one that the buyer chose
  // there.
  if (payer.address.line1.empty()) {
    const JsonValue& chosen = resource["purchase_units"][std::size_t{0}]["shipping"]["address"];
    payer.address = chosen.IsMap() ? AddressFrom(draft, chosen) : Address();
  }
}

void SetPayerV1(EventDraft& draft, const JsonValue& resource) {
  const JsonValue& given = resource["payer"];
  const JsonValue& info = given["payer_info"];
  Payer& payer = draft.payment().payer;
  payer.name = draft.Name(info["first_name"].text(), info["last_name"].text());
  payer.email = draft.Text(info["email"].text());
  payer.account_id = draft.Id(info["payer_id"].text());
  const std::string status = ToLowerAscii(given["status"].text());
  payer.account_status = status == "verified"       ? AccountStatus::kVerified
                         : status == "unverified"   ? AccountStatus::kUnverified
                         : payer.account_id.empty() ? AccountStatus::kUnregistered
                                                    : AccountStatus::kUnset;
  payer.account_holder = draft.Text(info["business_name"].text());
  payer.country = draft.Country(info["country_code"].text());
  const JsonValue& home =
      info["billing_address"].IsMap() ? info["billing_address"] : info["shipping_address"];
  payer.address = AddressFrom(draft, home);
}

// Sets the order by the seller's own number, if PayPal has it, and by PayPal's ids.
void SetOrder(EventDraft& draft, const JsonValue& resource, const WebhookSettings& settings) {
  const JsonValue& unit = resource["purchase_units"][std::size_t{0}];
  const JsonValue& transaction = resource["transactions"][std::size_t{0}];
  for (const std::string& field : settings.order_id_from) {
    for (const std::string_view text :
         {resource[field].text(), unit[field].text(),
          transaction[field == "custom_id" ? "custom" : "invoice_number"].text(),
          resource[field == "custom_id" ? "custom" : "invoice_number"].text()}) {
      if (draft.event().order_id.empty()) draft.SetOrderId(text);
    }
  }
  draft.Refer(kPayPal, resource["supplementary_data"]["related_ids"]["order_id"].text());
  draft.Refer(kPayPal, LinkedId(resource, "up"));
  draft.Refer(kPayPal, resource["parent_payment"].text());
  draft.Refer(kPayPal, LinkedId(resource, "parent_payment"));
}

class PayPal final : public WebhookProvider {
 public:
  std::string_view name() const override { return kPayPal; }

  Result<std::string> Verify(const Delivery& delivery, const WebhookSettings& settings,
                             const Trust& trust) const override {
    const auto headers = SignedHeaders(delivery);
    if (!headers) return tl::unexpected(headers.error());
    if (headers->algorithm != "SHA256withRSA") {
      return BadSignature("the algorithm is not SHA256withRSA");
    }
    if (settings.webhook_id.empty()) return BadSignature("no webhook id is configured");
    // For this id PayPal's simulator signs any request, with the key for real payments.
    if (settings.webhook_id == "WEBHOOK_ID" && !settings.simulator) {
      return BadSignature("the webhook id WEBHOOK_ID is that of PayPal's simulator");
    }
    if (Status url = CheckCertificateUrl(headers->url, settings.sandbox); !url) {
      return tl::unexpected(url.error());
    }
    const auto sent = ParseEventTime(headers->time);
    if (!sent) return BadSignature("the transmission time is no time");
    constexpr std::int64_t kAhead = 300;
    if (Status timely = CheckTime(*sent, delivery.received, kOldest, kAhead); !timely) {
      return tl::unexpected(timely.error());
    }
    const auto signature = DecodeBase64(headers->signature);
    if (!signature) return BadSignature("the signature is not base64");
    const auto pem = trust.fetch(std::string(headers->url));
    if (!pem) return tl::unexpected(pem.error());
    const auto crc =
        crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(delivery.body.data()),
                delivery.body.size());
    const std::string message = std::string(headers->id) + "|" + std::string(headers->time) + "|" +
                                settings.webhook_id + "|" + std::to_string(crc);
    const std::string host = settings.sandbox ? "messageverificationcerts.sandbox.paypal.com"
                                              : "messageverificationcerts.paypal.com";
    if (Status genuine =
            CheckCertified(*pem, trust.roots, host, delivery.received, message, *signature);
        !genuine) {
      return tl::unexpected(genuine.error());
    }
    return std::string(headers->url.substr(headers->url.rfind('/') + 1));
  }

  Result<Mapped> Map(const Delivery& delivery, const WebhookSettings& settings) const override {
    return MapBody<Mapping>(delivery, settings);
  }

 private:
  class Mapping : BodyMapping {
   public:
    Mapping(const JsonValue& root, const Delivery& delivery, const WebhookSettings& settings)
        : BodyMapping(kPayPal, root, delivery, settings), resource_(root["resource"]) {}

    Result<Mapped> Run() {
      mapped_.kind = root_["event_type"].text();
      if (root_["id"].text().empty() || mapped_.kind.empty() || !resource_.IsMap()) {
        return Fail(ErrorCode::kMalformedInput, {},
                    "is no PayPal event: it needs id, event_type and resource");
      }
      at_ =
          FirstTime({root_["create_time"].text(), resource_["update_time"].text(),
                     resource_["create_time"].text(), delivery_.Header("PAYPAL-TRANSMISSION-TIME")},
                    delivery_.received);
      SetReceipt();
      const std::string_view kind = mapped_.kind;
      if (kind == "CHECKOUT.ORDER.APPROVED") {
        MapOrder(false);
      } else if (kind == "CHECKOUT.ORDER.COMPLETED") {
        MapOrder(true);
      } else if (kind == "CHECKOUT.PAYMENT-APPROVAL.REVERSED") {
        MapReversedApproval();
      } else if (kind == "PAYMENTS.PAYMENT.CREATED") {
        MapPaymentV1();
      } else if (kind.starts_with("PAYMENT.REFUND.")) {
        MapRefund();
      } else if (kind.starts_with("PAYMENT.CAPTURE.") || kind.starts_with("PAYMENT.SALE.") ||
                 kind.starts_with("PAYMENT.AUTHORIZATION.")) {
        MapMoney(kind.substr(kind.rfind('.') + 1));
      } else if (kind.starts_with("CUSTOMER.DISPUTE.") || kind == "RISK.DISPUTE.CREATED") {
        MapDispute(kind.substr(kind.rfind('.') + 1));
      } else {
        mapped_.nothing = "PayPal's " + std::string(kind) + " says nothing of an order's money";
      }
      return std::move(mapped_);
    }

   private:
    EventDraft Draft(EventType type) { return BodyMapping::Draft(type, root_["id"].text()); }

    void SetReceipt() {
      const std::string_view transmission = delivery_.Header("PAYPAL-TRANSMISSION-ID");
      if (transmission.empty()) return;
      const std::string_view time = delivery_.Header("PAYPAL-TRANSMISSION-TIME");
      EventDraft draft(kPayPal, "delivery " + std::string(transmission),
                       EventType::kDeliveryReceived, FirstTime({time}, delivery_.received),
                       settings_);
      Receipt& receipt = draft.receipt();
      receipt.provider = kPayPal;
      receipt.kind = draft.Id(mapped_.kind);
      receipt.transmission = draft.Id(transmission);
      receipt.body = draft.Id(Sha256Hex(delivery_.body));
      mapped_.receipt = draft.Json();
      const std::string matter = "two bodies " + std::string(transmission);
      EventDraft doubt(kPayPal, matter, EventType::kDisputeOpened,
                       FirstTime({time}, delivery_.received), settings_);
      doubt.dispute().id = doubt.Id(matter);
      doubt.dispute().kind = DisputeKind::kReview;
      doubt.dispute().reason = "two bodies came under one signature of PayPal's";
      doubt.Refer(kDeliveryNames, transmission);
      mapped_.doubt = doubt.Json();
    }

    void Finish(EventDraft& draft) {
      SetOrder(draft, resource_, settings_);
      draft.SetProof(delivery_, delivery_.Header("PAYPAL-TRANSMISSION-ID"));
      mapped_.events.push_back({draft.Json(), {}});
    }

    Payment& Paid(EventDraft& draft) {
      Payment& payment = draft.payment();
      payment.provider = kPayPal;
      payment.source = ReportSource::kProvider;
      return payment;
    }

    void MapOrder(bool completed) {
      if (completed && MapMoneyOfOrder()) return;
      EventDraft draft = Draft(EventType::kPaymentUpdated);
      Payment& payment = Paid(draft);
      const JsonValue& unit = resource_["purchase_units"][std::size_t{0}];
      SetAmount(draft, unit["amount"], payment.currency, payment.amount);
      payment.status = completed ? PaymentStatus::kUnderReview : PaymentStatus::kPending;
      if (!completed) payment.pending_reason = "approved";
      SetPayerV2(draft, resource_);
      draft.Refer(kPayPal, resource_["id"].text());
      Finish(draft);
    }

    // Maps the captures, or else the authorisations, of all units of an order, each as an event.
    // False: there are none.
    bool MapMoneyOfOrder() {
      for (const char* kind : {"captures", "authorizations"}) {
        std::size_t count = 0;
        for (const JsonValue& unit : resource_["purchase_units"].list()) {
          for (const JsonValue& money : unit["payments"][kind].list()) {
            std::string id(root_["id"].text());
            if (count++ > 0) id += " " + std::to_string(count);
            EventDraft draft = BodyMapping::Draft(EventType::kPaymentUpdated, id);
            Payment& payment = Paid(draft);
            SetByState(draft, money);
            SetAmount(draft, money["amount"], payment.currency, payment.amount);
            payment.transaction_id = draft.Id(money["id"].text());
            payment.seller_protection = ProtectionOf(money);
            SetPayerV2(draft, resource_);
            draft.Refer(kPayPal, resource_["id"].text());
            draft.Refer(kPayPal, money["id"].text());
            Finish(draft);
          }
        }
        if (count > 0) return true;
      }
      return false;
    }

    void MapReversedApproval() {
      EventDraft draft = Draft(EventType::kPaymentUpdated);
      Paid(draft).status = PaymentStatus::kVoided;  // nothing had been captured
      draft.payment().pending_reason = "approval";
      draft.Refer(kPayPal, resource_["order_id"].text());
      Finish(draft);
    }

    void MapPaymentV1() {
      EventDraft draft = Draft(EventType::kPaymentUpdated);
      Payment& payment = Paid(draft);
      const JsonValue& transaction = resource_["transactions"][std::size_t{0}];
      const JsonValue& related = transaction["related_resources"][std::size_t{0}];
      const JsonValue& sale = related["sale"].IsMap() ? related["sale"] : related["authorization"];
      SetAmount(draft, transaction["amount"], payment.currency, payment.amount);
      payment.status = PaymentStatus::kPending;
      payment.pending_reason = "approved";
      if (sale.IsMap()) {
        payment.pending_reason = {};
        SetByState(draft, sale);
        payment.transaction_id = draft.Id(sale["id"].text());
        payment.seller_protection = ProtectionOf(sale);
        draft.Refer(kPayPal, sale["id"].text());
      }
      SetPayerV1(draft, resource_);
      draft.Refer(kPayPal, resource_["id"].text());
      Finish(draft);
    }

    // Maps captures, sales and authorisations. For REFUNDED and REVERSED the resource is the
    // refund.
    void MapMoney(std::string_view what) {
      if (what == "REFUNDED") return MapRefund();
      EventDraft draft = Draft(EventType::kPaymentUpdated);
      Payment& payment = Paid(draft);
      SetAmount(draft, resource_["amount"], payment.currency, payment.amount);
      if (what == "COMPLETED") {
        SetComplete(draft, resource_);
      } else if (what == "PENDING") {
        SetPending(draft, resource_);
      } else if (what == "DENIED" || what == "DECLINED" || what == "VOIDED") {
        payment.status = PaymentStatus::kDenied;
      } else if (what == "REVERSED") {
        payment.status = PaymentStatus::kReversed;
      } else if (what == "CREATED") {
        payment.status = PaymentStatus::kAuthorized;
      } else {
        payment.status = PaymentStatus::kUnderReview;
      }
      if (what == "REVERSED") {
        payment.transaction_id = draft.Id(RefundedId());
        draft.SetMovement(MovementKind::kChargeback, MovementState::kSucceeded,
                          resource_["id"].text(), payment.amount, payment.currency);
      } else {
        payment.transaction_id = draft.Id(resource_["id"].text());
        payment.seller_protection = ProtectionOf(resource_);
      }
      draft.Refer(kPayPal, payment.transaction_id);
      // A reversal that names no payment waits under its own id.
      if (payment.transaction_id.empty()) draft.Refer(kPayPal, resource_["id"].text());
      Finish(draft);
    }

    // The id of what a refund or reversal returns: a sale, a capture (linked "up"), or the resource
    // itself.
    std::string_view RefundedId() const {
      const std::string_view sale = resource_["sale_id"].text();
      if (!sale.empty()) return sale;
      const std::string_view capture = LinkedId(resource_, "up", "/captures/");
      return !capture.empty() ? capture : LinkedId(resource_, "self", "/captures/");
    }

    void MapRefund() {
      const std::string status = ToLowerAscii(resource_["status"].text());
      const bool pending = status == "pending";
      if (pending || status == "failed" || status == "cancelled" ||
          mapped_.kind == "PAYMENT.REFUND.FAILED") {
        EventDraft failed = Draft(EventType::kPaymentUpdated);
        Payment& payment = Paid(failed);
        payment.transaction_id = failed.Id(RefundedId());
        SetAmount(failed, resource_["amount"], payment.currency, payment.amount);
        failed.SetMovement(MovementKind::kRefund,
                           pending ? MovementState::kPending : MovementState::kFailed,
                           resource_["id"].text(), payment.amount, payment.currency);
        failed.Refer(kPayPal, RefundedId());
        Finish(failed);
        return;
      }
      EventDraft draft = Draft(EventType::kRefundIssued);
      Refund& refund = draft.refund();
      refund.id = draft.Id(resource_["id"].text());
      SetAmount(draft, resource_["amount"], refund.currency, refund.amount);
      draft.Refer(kPayPal, RefundedId());
      if (RefundedId().empty()) draft.Refer(kPayPal, refund.id);
      Finish(draft);
    }

    // The outcome when PayPal paid one side. The payload says who has the money only in some cases.
    DisputeOutcome OutcomeOfPayout() const {
      bool told = false;
      for (const JsonValue& move : resource_["money_movements"].list()) {
        told = true;
        const bool seller = move["affected_party"].text() == "SELLER";
        if (seller && move["type"].text() == "DEBIT") return DisputeOutcome::kLost;
      }
      for (const JsonValue& ruling : resource_["adjudications"].list()) {
        const std::string_view type = ruling["type"].text();
        if (type == "RECOVER_FROM_SELLER") return DisputeOutcome::kLost;
        told = told || type == "PAYOUT_TO_SELLER";
      }
      return told ? DisputeOutcome::kWithdrawn : DisputeOutcome::kUnset;
    }

    void MapDispute(std::string_view what) {
      const std::string_view code = resource_["dispute_outcome"]["outcome_code"].text();
      DisputeOutcome outcome = DisputeOutcome::kUnset;
      if (code == "RESOLVED_BUYER_FAVOUR" || code == "ACCEPTED") outcome = DisputeOutcome::kLost;
      if (code == "RESOLVED_SELLER_FAVOUR" || code == "DENIED") outcome = DisputeOutcome::kWon;
      // Without a decision, another dispute about the same payment may continue.
      if (code == "CANCELED_BY_BUYER" || code == "NONE") outcome = DisputeOutcome::kWithdrawn;
      if (code == "RESOLVED_WITH_PAYOUT") outcome = OutcomeOfPayout();
      // A dispute with an unknown outcome is not closed.
      const bool resolved = what == "RESOLVED" || resource_["status"].text() == "RESOLVED";
      const bool ends = resolved && outcome != DisputeOutcome::kUnset;
      const std::string_view created = resource_["dispute_creation_date"].text();
      if (root_["create_time"].text().empty() && created.size() > 3) {
        if (const auto time = UnixTime(created.substr(0, created.size() - 3))) at_ = *time;
      }
      EventDraft draft = Draft(ends                ? EventType::kDisputeClosed
                               : what == "CREATED" ? EventType::kDisputeOpened
                                                   : EventType::kDisputeUpdated);
      Dispute& dispute = draft.dispute();
      dispute.id = draft.Id(resource_["dispute_id"].text());
      dispute.reason = draft.Text(ToLowerAscii(resource_["reason"].text()));
      const std::string_view stage = resource_["dispute_life_cycle_stage"].text();
      dispute.kind = stage == "INQUIRY" ? DisputeKind::kInquiry
                     : stage.empty()    ? DisputeKind::kDispute
                                        : DisputeKind::kChargeback;
      if (ends) dispute.outcome = outcome;
      SetAmount(draft, resource_["dispute_amount"], dispute.currency, dispute.amount);
      for (const JsonValue& transaction : resource_["disputed_transactions"].list()) {
        draft.Refer(kPayPal, transaction["seller_transaction_id"].text());
        if (draft.event().order_id.empty()) {
          for (const std::string& field : settings_.order_id_from) {
            const bool custom = field == "custom_id";
            if (draft.event().order_id.empty()) {
              draft.SetOrderId(transaction[custom ? "custom" : "invoice_number"].text());
            }
          }
        }
      }
      draft.Refer(kPayPal, resource_["seller_payment_id"].text());
      draft.Refer(kPayPal, dispute.id);
      Finish(draft);
      // A decided dispute may be appealed. The appeal is a separate dispute, which is open again.
      if (stage != "PRE_ARBITRATION" && stage != "ARBITRATION") return;
      EventDraft appeal =
          BodyMapping::Draft(draft.event().type, std::string(root_["id"].text()) + " appeal");
      appeal.dispute() = dispute;
      appeal.dispute().id = appeal.Id(std::string(dispute.id) + " appeal");
      for (const JsonValue& transaction : resource_["disputed_transactions"].list()) {
        appeal.Refer(kPayPal, transaction["seller_transaction_id"].text());
      }
      appeal.SetOrderId(draft.event().order_id);
      Finish(appeal);
    }

    const JsonValue& resource_;
  };
};

}  // namespace

const WebhookProvider* PayPalWebhooks() {
  static const PayPal paypal;
  return &paypal;
}

}  // namespace holdfast
