// Stripe's events.
#include <algorithm>

#include "engine/base/hash.h"
#include "engine/base/hex.h"
#include "engine/base/hmac.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/webhooks/body_mapping.h"
#include "engine/webhooks/providers.h"
#include "engine/webhooks/signature.h"

namespace holdfast {
namespace {

constexpr std::string_view kStripe = "stripe";

// The number of decimals of Stripe's amounts. It differs from ISO 4217 for some currencies.
// https://docs.stripe.com/currencies#zero-decimal
int DigitsOf(Currency currency) {
  const std::string_view code = currency.code();
  if (code == "MGA") return 0;
  if (code == "ISK" || code == "UGX" || code == "HUF" || code == "TWD") return 2;
  return currency.exponent();
}

void SetAmount(EventDraft& draft, std::string_view minor, std::string_view code,
               std::optional<Currency>& currency, std::optional<std::int64_t>& amount) {
  const auto known = CurrencyOf(code);
  if (!known) return;
  amount = draft.Amount(MinorAsDecimal(minor, DigitsOf(*known)), known);
  if (amount) currency = known;
}

CheckResult CheckOf(std::string_view word) {
  if (word == "pass") return CheckResult::kPass;
  if (word == "fail") return CheckResult::kFail;
  if (word == "unavailable") return CheckResult::kUnavailable;
  return CheckResult::kUnset;  // also "unchecked"
}

// The address check: both parts, each of which may fail.
CheckResult AddressCheck(const JsonValue& checks) {
  const CheckResult line = CheckOf(checks["address_line1_check"].text());
  const CheckResult code = CheckOf(checks["address_postal_code_check"].text());
  if (line == CheckResult::kUnset || code == CheckResult::kUnset) return std::max(line, code);
  if (line == code) return line;
  const bool one_passed = line == CheckResult::kPass || code == CheckResult::kPass;
  return one_passed ? CheckResult::kPartial : std::min(line, code);
}

RiskLevel RiskOf(std::string_view word) {
  if (word == "normal") return RiskLevel::kNormal;
  if (word == "elevated") return RiskLevel::kElevated;
  if (word == "highest") return RiskLevel::kHighest;
  return RiskLevel::kUnset;
}

CardFunding FundingOf(std::string_view word) {
  if (word == "credit") return CardFunding::kCredit;
  if (word == "debit") return CardFunding::kDebit;
  if (word == "prepaid") return CardFunding::kPrepaid;
  return CardFunding::kUnset;
}

class Mapping : BodyMapping {
 public:
  Mapping(const JsonValue& root, const Delivery& delivery, const WebhookSettings& settings)
      : BodyMapping(kStripe, root, delivery, settings), object_(root["data"]["object"]) {
    const auto created = UnixTime(root["created"].text());
    at_ = FirstTime({created ? FormatRfc3339(*created) : std::string()}, delivery.received);
  }

  Result<Mapped> Run() {
    mapped_.kind = root_["type"].text();
    if (root_["id"].text().empty() || mapped_.kind.empty() || root_["object"].text() != "event") {
      return Fail(ErrorCode::kMalformedInput, {},
                  "is no Stripe event: it needs id, type and object 'event'");
    }
    const std::string_view kind = mapped_.kind;
    if (root_["livemode"].kind() == JsonValue::Kind::kBool && !root_["livemode"].truth() &&
        !settings_.sandbox) {
      mapped_.nothing = "an event of Stripe's test mode; 'sandbox: true' takes those";
    } else if (!object_.IsMap()) {
      mapped_.nothing = "the event holds no object; set the endpoint to send whole events";
    } else if (kind == "charge.refund.updated" || kind.starts_with("refund.")) {
      MapRefund();
    } else if (kind == "charge.dispute.funds_withdrawn") {
      MapDisputedFunds(PaymentStatus::kChargedBack, MovementState::kSucceeded);
    } else if (kind == "charge.dispute.funds_reinstated") {
      MapDisputedFunds(PaymentStatus::kCompleted, MovementState::kUndone);
    } else if (kind.starts_with("charge.dispute.")) {
      MapDispute(kind.substr(kind.rfind('.') + 1));
    } else if (kind.starts_with("charge.")) {
      MapCharge();
    } else if (kind.starts_with("payment_intent.")) {
      MapIntent();
    } else if (kind.starts_with("checkout.session.")) {
      MapSession(kind.substr(kind.rfind('.') + 1));
    } else if (kind == "invoice.paid" || kind == "invoice.payment_succeeded") {
      MapInvoice();
    } else if (kind.starts_with("review.")) {
      MapReview();
    } else if (kind.starts_with("radar.early_fraud_warning.")) {
      MapWarning();
    } else {
      mapped_.nothing = "Stripe's " + std::string(kind) + " says nothing of an order's money";
    }
    return std::move(mapped_);
  }

 private:
  EventDraft Draft(EventType type) { return BodyMapping::Draft(type, root_["id"].text()); }

  void Finish(EventDraft& draft) {
    for (const std::string_view id :
         {object_["metadata"]["order_id"].text(), object_["client_reference_id"].text()}) {
      if (draft.event().order_id.empty()) draft.SetOrderId(id);
    }
    for (const char* name : {"id", "payment_intent", "charge", "latest_charge"}) {
      draft.Refer(kStripe, object_[name].text());
    }
    Take(draft);
  }

  // Several events may come from one Stripe event. `part` distinguishes them.
  EventDraft DraftPart(EventType type, const char* part) {
    return BodyMapping::Draft(type, std::string(root_["id"].text()) + part);
  }

  Payment& Paid(EventDraft& draft) {
    draft.payment().provider = kStripe;
    draft.payment().source = ReportSource::kProvider;
    return draft.payment();
  }

  void MapDisputedFunds(PaymentStatus status, MovementState state) {
    EventDraft draft = Draft(EventType::kPaymentUpdated);
    Payment& payment = Paid(draft);
    payment.status = status;
    if (status == PaymentStatus::kCompleted) payment.reinstated = true;
    payment.transaction_id = draft.Id(object_["charge"].text());
    SetAmount(draft, object_["amount"].text(), object_["currency"].text(), payment.currency,
              payment.amount);
    draft.SetMovement(MovementKind::kChargeback, state, DisputeId(), payment.amount,
                      payment.currency);
    // The dispute's own id is not a name of the payment.
    for (const char* name : {"payment_intent", "charge"})
      draft.Refer(kStripe, object_[name].text());
    if (draft.event().order_id.empty()) draft.SetOrderId(object_["metadata"]["order_id"].text());
    Take(draft);
  }

  // Old versions of the API give a dispute no id. There is one dispute per charge.
  std::string_view DisputeId() const {
    return object_["id"].text().empty() ? object_["charge"].text() : object_["id"].text();
  }

  void SetPayer(EventDraft& draft, const JsonValue& charge) {
    Payer& payer = draft.payment().payer;
    const JsonValue& billing = charge["billing_details"];
    payer.name = draft.Text(billing["name"].text());
    payer.email = draft.Text(billing["email"].text().empty() ? charge["receipt_email"].text()
                                                             : billing["email"].text());
    payer.account_id = draft.Id(charge["customer"].text());
    const JsonValue& address = billing["address"];
    payer.address.line1 = draft.Text(address["line1"].text());
    payer.address.line2 = draft.Text(address["line2"].text());
    payer.address.city = draft.Text(address["city"].text());
    payer.address.region = draft.Text(address["state"].text());
    payer.address.postal_code = draft.Id(address["postal_code"].text());
    payer.address.country = draft.Country(address["country"].text());
    const JsonValue& method = charge["payment_method_details"];
    const JsonValue& details = method["card"];
    if (!details.IsMap()) return;
    payer.account_status = AccountStatus::kUnregistered;
    Card& card = draft.payment().card;
    card.fingerprint = draft.Id(details["fingerprint"].text());
    card.bin = draft.Id(details["iin"].text());
    card.country = draft.Country(details["country"].text());
    card.funding = FundingOf(details["funding"].text());
    card.avs = AddressCheck(details["checks"]);
    card.cvc = CheckOf(details["checks"]["cvc_check"].text());
  }

  void MapCharge() {
    EventDraft draft = Draft(EventType::kPaymentUpdated);
    Payment& payment = Paid(draft);
    payment.method = draft.Id(object_["payment_method_details"]["type"].text());
    payment.transaction_id = draft.Id(object_["id"].text());
    // The captured amount, if there is one. It may be less than the amount requested.
    const bool taken = object_["captured"].truth() && object_["status"].text() == "succeeded" &&
                       !object_["amount_captured"].text().empty();
    SetAmount(draft, object_[taken ? "amount_captured" : "amount"].text(),
              object_["currency"].text(), payment.currency, payment.amount);
    SetPayer(draft, object_);
    const JsonValue& outcome = object_["outcome"];
    payment.provider_risk.level = RiskOf(outcome["risk_level"].text());
    if (const auto score = WholeNumber(outcome["risk_score"].text())) {
      payment.provider_risk.score = *score;
    }
    SetChargeStatus(payment, outcome["type"].text());
    SetChargeMovement(draft, payment, outcome["type"].text());
    // Reports against the money come first, so that the order never ships between them.
    if (outcome["type"].text() == "manual_review") MapCaseOfCharge(DisputeKind::kReview);
    if (object_["disputed"].truth()) MapCaseOfCharge(DisputeKind::kChargeback);
    MapRefundedSoFar();
    MapRest();
    Finish(draft);
  }

  // The authorised amount that was not captured was released.
  void MapRest() {
    const auto amount = WholeNumber(object_["amount"].text());
    const auto captured = WholeNumber(object_["amount_captured"].text());
    if (!object_["captured"].truth() || !amount || !captured || *captured <= 0) return;
    if (*captured >= *amount || object_["status"].text() != "succeeded") return;
    EventDraft draft = DraftPart(EventType::kPaymentUpdated, " rest");
    Payment& payment = Paid(draft);
    payment.transaction_id = draft.Id(object_["id"].text());
    SetAmount(draft, std::to_string(*amount - *captured), object_["currency"].text(),
              payment.currency, payment.amount);
    draft.SetMovement(MovementKind::kVoid, MovementState::kSucceeded, object_["id"].text(),
                      payment.amount, payment.currency);
    Finish(draft);
  }

  void SetChargeMovement(EventDraft& draft, const Payment& payment, std::string_view outcome) {
    const std::string_view kind = mapped_.kind, status = object_["status"].text();
    const bool failed = status == "failed" || kind == "charge.failed" || outcome == "blocked";
    const bool held = !object_["captured"].truth() && status != "pending";
    MovementState state = MovementState::kSucceeded;
    if (failed) state = MovementState::kFailed;
    if (kind == "charge.expired" || IsReleased()) state = MovementState::kExpired;
    if (status == "pending" && !failed) state = MovementState::kPending;
    const bool known = failed || status == "succeeded" || status == "pending";
    if (!known && kind != "charge.expired") state = MovementState::kPending;
    draft.SetMovement(
        held && kind != "charge.failed" ? MovementKind::kAuthorization : MovementKind::kCapture,
        state, object_["id"].text(), payment.amount, payment.currency);
  }

  // Was what was held released? Until 2025-03-31 Stripe called that refunded.
  // https://docs.stripe.com/changelog/basil/2025-03-31/remove-refund-from-partial-capture-and-payment-cancellation-flow
  bool IsReleased() const {
    return !object_["captured"].truth() && object_["status"].text() == "succeeded" &&
           WholeNumber(object_["amount_refunded"].text()).value_or(0) > 0;
  }

  // What was released when less was captured than was held. Where the version of the API is not
  // said, it may have been refunded.
  std::int64_t ReleasedPart() const {
    const std::string_view version = root_["api_version"].text();
    const auto amount = WholeNumber(object_["amount"].text());
    const auto captured = WholeNumber(object_["amount_captured"].text());
    const bool counts = !version.empty() && version < "2025-03-31" && amount && captured;
    return counts && *captured > 0 ? std::max<std::int64_t>(0, *amount - *captured) : 0;
  }

  std::int64_t RefundedSoFar() const {
    if (IsReleased()) return 0;
    return WholeNumber(object_["amount_refunded"].text()).value_or(0) - ReleasedPart();
  }

  // The total refunded so far, as the charge reports it.
  void MapRefundedSoFar() {
    const std::int64_t refunded = RefundedSoFar();
    if (refunded <= 0) return;
    EventDraft draft = DraftPart(EventType::kPaymentUpdated, " refunded");
    Payment& payment = Paid(draft);
    payment.transaction_id = draft.Id(object_["id"].text());
    SetAmount(draft, std::to_string(refunded), object_["currency"].text(), payment.currency,
              payment.amount);
    draft.SetMovement(MovementKind::kRefund, MovementState::kSucceeded, {}, payment.amount,
                      payment.currency);
    Finish(draft);
  }

  // A charge says that it is reviewed or disputed, and goes on saying so; of what becomes of that
  // the review and the dispute tell themselves.
  void MapCaseOfCharge(DisputeKind kind) {
    const bool review = kind == DisputeKind::kReview;
    EventDraft draft = DraftPart(EventType::kDisputeOpened, review ? " review" : " dispute");
    const std::string_view own = object_[review ? "review" : "dispute"].text();
    draft.dispute().id = draft.Id(own.empty() ? object_["id"].text() : own);
    draft.dispute().kind = kind;
    draft.SetOrderId(object_["metadata"]["order_id"].text());
    for (const char* name : {"id", "payment_intent"}) draft.Refer(kStripe, object_[name].text());
    Take(draft);
  }

  // The current state of the charge. The event's name only says what changed.
  void SetChargeStatus(Payment& payment, std::string_view outcome) {
    const std::string_view kind = mapped_.kind;
    const std::string_view status = object_["status"].text();
    const auto amount = WholeNumber(object_["amount"].text());
    const auto captured = WholeNumber(object_["amount_captured"].text());
    const std::int64_t refunded = RefundedSoFar();
    if (status == "failed" || kind == "charge.failed" || kind == "charge.expired" ||
        outcome == "blocked") {
      payment.status = PaymentStatus::kDenied;
    } else if (IsReleased()) {
      payment.status = PaymentStatus::kVoided;
    } else if (object_["refunded"].truth() ||
               (amount && refunded > 0 &&
                refunded >= std::min(*amount, captured.value_or(*amount)))) {
      payment.status = PaymentStatus::kRefunded;
    } else if (status == "pending" || kind == "charge.pending") {
      payment.status = PaymentStatus::kPending;
    } else if (outcome == "manual_review") {
      payment.status = PaymentStatus::kUnderReview;
      payment.pending_reason = "payment_review";
    } else if (status != "succeeded") {
      payment.status = PaymentStatus::kUnderReview;
    } else if (!object_["captured"].truth()) {
      payment.status = PaymentStatus::kAuthorized;
    } else if (refunded > 0) {
      payment.status = PaymentStatus::kPartiallyRefunded;
    } else {
      payment.status = PaymentStatus::kCompleted;
    }
  }

  static std::optional<std::int64_t> WholeNumber(std::string_view text) {
    constexpr std::int64_t kMost = 1'000'000'000'000'000;
    const auto value = ParseNumber<std::int64_t>(text);
    return value && *value >= 0 && *value < kMost ? value : std::nullopt;
  }

  void MapIntent() {
    EventDraft draft = Draft(EventType::kPaymentUpdated);
    Payment& payment = Paid(draft);
    const std::string_view status = object_["status"].text();
    const std::string_view kind = mapped_.kind;
    const bool taken = status == "succeeded" && !object_["amount_received"].text().empty();
    SetAmount(draft, object_[taken ? "amount_received" : "amount"].text(),
              object_["currency"].text(), payment.currency, payment.amount);
    // Older versions of the API include the charges.
    const JsonValue& charges = object_["charges"]["data"];
    const JsonValue& charge =
        charges.list().empty() ? object_["latest_charge"] : charges[std::size_t{0}];
    const JsonValue& outcome = charge["outcome"];
    if (kind == "payment_intent.payment_failed" || status == "canceled") {
      payment.status = PaymentStatus::kDenied;
    } else if (status == "succeeded" && outcome["type"].text() == "manual_review") {
      payment.status = PaymentStatus::kUnderReview;
      payment.pending_reason = "payment_review";
    } else if (status == "succeeded") {
      payment.status = PaymentStatus::kCompleted;
    } else if (status == "processing" || status.starts_with("requires_")) {
      payment.status = PaymentStatus::kPending;
      if (status == "requires_capture") {
        payment.status = PaymentStatus::kAuthorized;
      } else if (status.starts_with("requires_")) {
        payment.pending_reason = draft.Id(status);
      }
    } else {
      payment.status = PaymentStatus::kUnderReview;
    }
    SetIntentMovement(draft, payment, status);
    if (charge.IsMap()) {
      SetPayer(draft, charge);
      payment.transaction_id = draft.Id(charge["id"].text());
      payment.method = draft.Id(charge["payment_method_details"]["type"].text());
      payment.provider_risk.level = RiskOf(charge["outcome"]["risk_level"].text());
      draft.Refer(kStripe, charge["id"].text());
    } else {
      payment.transaction_id = draft.Id(object_["id"].text());
    }
    if (outcome["type"].text() == "manual_review") {
      EventDraft review = DraftPart(EventType::kDisputeOpened, " review");
      review.dispute().id = review.Id(charge["id"].text());
      review.dispute().kind = DisputeKind::kReview;
      review.Refer(kStripe, charge["id"].text());
      Finish(review);
    }
    Finish(draft);
    if (status != "canceled") return;
    EventDraft released = DraftPart(EventType::kPaymentUpdated, " released");
    Paid(released).status = PaymentStatus::kVoided;
    released.payment().transaction_id = released.Id(object_["id"].text());
    released.SetMovement(MovementKind::kVoid, MovementState::kSucceeded, {}, {}, {});
    Finish(released);
  }

  // Intents and sessions report the whole payment, charges its parts.
  void SetIntentMovement(EventDraft& draft, const Payment& payment, std::string_view status) {
    MovementKind kind = MovementKind::kCapture;
    MovementState state = MovementState::kPending;
    if (mapped_.kind == "payment_intent.payment_failed" || status == "canceled") {
      state = MovementState::kFailed;
    } else if (status == "succeeded") {
      state = MovementState::kSucceeded;
    } else if (status == "requires_capture") {
      kind = MovementKind::kAuthorization;
      state = MovementState::kSucceeded;
    } else if (status.starts_with("requires_")) {
      return;
    }
    draft.SetMovement(kind, state, {}, payment.amount, payment.currency);
  }

  void MapInvoice() {
    EventDraft draft = Draft(EventType::kPaymentUpdated);
    Payment& payment = Paid(draft);
    payment.status = PaymentStatus::kCompleted;
    SetAmount(draft, object_["amount_paid"].text(), object_["currency"].text(), payment.currency,
              payment.amount);
    const std::string_view intent = object_["payment_intent"].text();
    payment.transaction_id = draft.Id(intent.empty() ? object_["id"].text() : intent);
    payment.payer.email = draft.Text(object_["customer_email"].text());
    payment.payer.name = draft.Text(object_["customer_name"].text());
    // An invoice that is not linked to its payment would count as a second payment.
    const bool linked = !intent.empty() || !object_["charge"].text().empty();
    if (!linked) payment.status = PaymentStatus::kPending;
    draft.SetMovement(MovementKind::kCapture,
                      linked ? MovementState::kSucceeded : MovementState::kPending, {},
                      payment.amount, payment.currency);
    Finish(draft);
  }

  void MapSession(std::string_view what) {
    EventDraft draft = Draft(EventType::kPaymentUpdated);
    Payment& payment = Paid(draft);
    SetAmount(draft, object_["amount_total"].text(), object_["currency"].text(), payment.currency,
              payment.amount);
    payment.transaction_id = draft.Id(object_["payment_intent"].text());
    payment.payer.email = draft.Text(object_["customer_details"]["email"].text());
    payment.payer.name = draft.Text(object_["customer_details"]["name"].text());
    payment.payer.account_id = draft.Id(object_["customer"].text());
    const std::string_view paid = object_["payment_status"].text();
    payment.status = what == "async_payment_failed" || what == "expired" ? PaymentStatus::kDenied
                     : paid == "paid" || paid == "no_payment_required"   ? PaymentStatus::kCompleted
                     : paid == "unpaid"                                  ? PaymentStatus::kPending
                                        : PaymentStatus::kUnderReview;
    // The session of a subscription does not name the payment. Its charge reports what was paid.
    const bool unlinked = object_["payment_intent"].text().empty() && payment.amount != 0;
    if (unlinked && payment.status == PaymentStatus::kCompleted) {
      payment.status = PaymentStatus::kPending;
    }
    draft.SetMovement(MovementKind::kCapture,
                      payment.status == PaymentStatus::kDenied      ? MovementState::kFailed
                      : payment.status == PaymentStatus::kCompleted ? MovementState::kSucceeded
                                                                    : MovementState::kPending,
                      {}, payment.amount, payment.currency);
    Finish(draft);
  }

  void MapRefund() {
    const std::string_view status = object_["status"].text();
    // A refund that is pending or failed. Another event reports one that is done.
    if (status == "failed" || status == "canceled" || status == "pending") {
      EventDraft draft = Draft(EventType::kPaymentUpdated);
      Payment& payment = Paid(draft);
      payment.transaction_id = draft.Id(object_["charge"].text());
      SetAmount(draft, object_["amount"].text(), object_["currency"].text(), payment.currency,
                payment.amount);
      const bool pending = status == "pending";
      draft.SetMovement(MovementKind::kRefund,
                        pending ? MovementState::kPending : MovementState::kFailed,
                        object_["id"].text(), payment.amount, payment.currency);
      for (const char* name : {"payment_intent", "charge"}) {
        draft.Refer(kStripe, object_[name].text());
      }
      if (draft.event().order_id.empty()) draft.SetOrderId(object_["metadata"]["order_id"].text());
      Take(draft);
      return;
    }
    if (status != "succeeded") {
      mapped_.nothing = "the refund has not been made: " + std::string(status);
      return;
    }
    EventDraft draft = Draft(EventType::kRefundIssued);
    Refund& refund = draft.refund();
    refund.id = draft.Id(object_["id"].text());
    refund.reason = draft.Text(object_["reason"].text());
    SetAmount(draft, object_["amount"].text(), object_["currency"].text(), refund.currency,
              refund.amount);
    Finish(draft);
  }

  void MapDispute(std::string_view what) {
    const std::string_view status = object_["status"].text();
    DisputeOutcome outcome = DisputeOutcome::kUnset;
    if (status == "won") outcome = DisputeOutcome::kWon;
    // A dispute is prevented by a refund.
    if (status == "lost" || status == "prevented") outcome = DisputeOutcome::kLost;
    if (status == "warning_closed") outcome = DisputeOutcome::kWithdrawn;
    const bool ends = outcome != DisputeOutcome::kUnset;
    EventDraft draft = Draft(ends                ? EventType::kDisputeClosed
                             : what == "created" ? EventType::kDisputeOpened
                                                 : EventType::kDisputeUpdated);
    Dispute& dispute = draft.dispute();
    dispute.id = draft.Id(DisputeId());
    dispute.reason = draft.Text(object_["reason"].text());
    dispute.kind =
        status.starts_with("warning_") ? DisputeKind::kInquiry : DisputeKind::kChargeback;
    dispute.outcome = outcome;
    SetAmount(draft, object_["amount"].text(), object_["currency"].text(), dispute.currency,
              dispute.amount);
    Finish(draft);
  }

  // A review is separate from the payment. While it is open the money is not certain, whatever else
  // is reported.
  void MapReview() {
    const std::string_view reason = object_["closed_reason"].text();
    DisputeOutcome outcome = DisputeOutcome::kUnset;
    if (reason == "approved" || reason == "acknowledged" || reason == "disputed") {
      outcome = DisputeOutcome::kWithdrawn;
    }
    if (reason == "refunded" || reason == "refunded_as_fraud" || reason == "canceled" ||
        reason == "payment_never_settled") {
      outcome = DisputeOutcome::kLost;
    }
    const bool ends = !object_["open"].truth() && outcome != DisputeOutcome::kUnset;
    EventDraft draft = Draft(ends                      ? EventType::kDisputeClosed
                             : object_["open"].truth() ? EventType::kDisputeOpened
                                                       : EventType::kDisputeUpdated);
    Dispute& dispute = draft.dispute();
    dispute.id = draft.Id(object_["id"].text());
    dispute.kind = DisputeKind::kReview;
    dispute.reason = draft.Text(ends ? reason : object_["reason"].text());
    if (ends) dispute.outcome = outcome;
    Finish(draft);
    if (reason != "disputed") return;
    // The dispute that the review led to may not be reported yet.
    EventDraft disputed = DraftPart(EventType::kDisputeOpened, " dispute");
    disputed.dispute().id = disputed.Id(object_["charge"].text());
    disputed.dispute().kind = DisputeKind::kChargeback;
    for (const char* name : {"payment_intent", "charge"}) {
      disputed.Refer(kStripe, object_[name].text());
    }
    Take(disputed);
  }

  void MapWarning() {
    EventDraft draft = Draft(EventType::kDisputeOpened);
    Dispute& dispute = draft.dispute();
    dispute.id = draft.Id(object_["id"].text());
    dispute.kind = DisputeKind::kFraudWarning;
    dispute.reason = draft.Text(object_["fraud_type"].text());
    // A warning that is no longer actionable became a dispute or a refund, which Stripe also
    // reports.
    const JsonValue& actionable = object_["actionable"];
    if (actionable.kind() == JsonValue::Kind::kBool && !actionable.truth()) {
      draft.event().type = EventType::kDisputeClosed;
      dispute.outcome = DisputeOutcome::kWithdrawn;
    } else if (mapped_.kind.ends_with(".updated")) {
      draft.event().type = EventType::kDisputeUpdated;
    }
    Finish(draft);
  }

  const JsonValue& object_;
};

class Stripe final : public WebhookProvider {
 public:
  std::string_view name() const override { return kStripe; }

  Result<std::string> Verify(const Delivery& delivery, const WebhookSettings& settings,
                             const Trust&) const override {
    const auto given = SignedHeader(delivery, "Stripe-Signature");
    if (!given) return tl::unexpected(given.error());
    std::string_view header = *given, time;
    std::vector<std::string> signatures;  // of scheme v1; any may match
    while (!header.empty()) {
      const std::size_t comma = std::min(header.find(','), header.size());
      const std::string_view part = Trim(header.substr(0, comma));
      header.remove_prefix(std::min(comma + 1, header.size()));
      if (part.starts_with("t=")) time = part.substr(2);
      if (!part.starts_with("v1=")) continue;
      if (auto bytes = DecodeHex(part.substr(3))) signatures.push_back(std::move(*bytes));
    }
    const auto signed_at = UnixTime(time);
    if (!signed_at) return BadSignature("the header Stripe-Signature has no time");
    if (Status timely = CheckTime(*signed_at, delivery.received, settings.tolerance_seconds,
                                  settings.tolerance_seconds);
        !timely) {
      return tl::unexpected(timely.error());
    }
    const std::string message = std::string(time) + "." + std::string(delivery.body);
    return AnySecret(settings, delivery.received, [&](const std::string& secret) {
      const std::string expected = HmacSha256(secret, message);
      return std::any_of(signatures.begin(), signatures.end(), [&](const std::string& signature) {
        return SameSecret(signature, expected);
      });
    });
  }

  Result<Mapped> Map(const Delivery& delivery, const WebhookSettings& settings) const override {
    return MapBody<Mapping>(delivery, settings);
  }
};

}  // namespace

const WebhookProvider* StripeWebhooks() {
  static const Stripe stripe;
  return &stripe;
}

}  // namespace holdfast
