// Adyen's standard webhooks: several items in one delivery, each with its own signature.
#include <algorithm>
#include <array>

#include "engine/base/base64.h"
#include "engine/base/hex.h"
#include "engine/base/hmac.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/codec/json_value.h"
#include "engine/webhooks/event_draft.h"
#include "engine/webhooks/providers.h"
#include "engine/webhooks/signature.h"

namespace holdfast {
namespace {

constexpr std::string_view kAdyen = "adyen";

// The number of decimals of Adyen's amounts. It differs from ISO 4217 for some currencies.
// https://docs.adyen.com/development-resources/currency-codes
int DigitsOf(Currency currency) {
  const std::string_view code = currency.code();
  if (code == "CVE" || code == "IDR") return 0;
  if (code == "CLP" || code == "ISK") return 2;
  return currency.exponent();
}

// The text that is signed, in Adyen's order. Nothing is escaped, and missing fields are empty.
std::string SignedText(const JsonValue& item) {
  std::string text;
  for (const std::string_view field :
       {item["pspReference"].text(), item["originalReference"].text(),
        item["merchantAccountCode"].text(), item["merchantReference"].text(),
        item["amount"]["value"].text(), item["amount"]["currency"].text(),
        item["eventCode"].text()}) {
    text += field;
    text += ':';
  }
  text += item["success"].truth() ? "true" : "false";
  return text;
}

CheckResult AvsOf(std::string_view text) {
  // "4 AVS not supported for this card type": the first number is Adyen's own code.
  // https://docs.adyen.com/risk-management/avs-checks
  const std::string_view code = text.substr(0, text.find(' '));
  if (code == "7" || code == "20" || code == "26") return CheckResult::kPass;
  if (code == "1" || code == "6" || code == "14" || code == "15") return CheckResult::kPartial;
  if (code == "2" || code == "17") return CheckResult::kFail;
  return code.empty() ? CheckResult::kUnset : CheckResult::kUnavailable;
}

CheckResult CvcOf(std::string_view text) {
  const std::string_view code = text.substr(0, text.find(' '));
  if (code == "1") return CheckResult::kPass;
  if (code == "2") return CheckResult::kFail;
  return code.empty() ? CheckResult::kUnset : CheckResult::kUnavailable;
}

class Adyen final : public WebhookProvider {
 public:
  std::string_view name() const override { return kAdyen; }

  Result<std::string> Verify(const Delivery& delivery, const WebhookSettings& settings,
                             const Trust&) const override {
    if (Status shown = CheckPassword(delivery, settings); !shown) {
      return tl::unexpected(shown.error());
    }
    const auto document = Read(delivery);
    if (!document) return tl::unexpected(document.error());
    Result<std::string> proved = std::string();
    for (const JsonValue& wrapped : ItemsOf(*document)) {
      const JsonValue& item = wrapped["NotificationRequestItem"];
      const std::string_view signature = item["additionalData"]["hmacSignature"].text();
      if (signature.empty()) return BadSignature("additionalData.hmacSignature is missing");
      const std::string text = SignedText(item);
      proved = AnySecret(settings, delivery.received, [&](const std::string& secret) {
        const auto key = DecodeHex(secret);
        return key && IsHmacBase64(signature, *key, text);
      });
      if (!proved) return proved;
    }
    return proved;
  }

  Result<Mapped> Map(const Delivery& delivery, const WebhookSettings& settings) const override {
    const auto document = Read(delivery);
    if (!document) return tl::unexpected(document.error());
    Mapped mapped;
    if (!document->root()["live"].truth() && !settings.sandbox) {
      mapped.kind = "test";
      mapped.nothing = "a notification of Adyen's test system; 'sandbox: true' takes those";
      return mapped;
    }
    for (const JsonValue& wrapped : ItemsOf(*document)) {
      const std::string_view account =
          wrapped["NotificationRequestItem"]["merchantAccountCode"].text();
      if (!settings.accounts.empty() &&
          std::find(settings.accounts.begin(), settings.accounts.end(), account) ==
              settings.accounts.end()) {
        mapped.nothing = "is of a merchant account that is not one of 'accounts'";
        continue;
      }
      MapItem(wrapped["NotificationRequestItem"], delivery, settings, mapped);
    }
    return mapped;
  }

 private:
  static std::span<const JsonValue> ItemsOf(const JsonDocument& document) {
    return document.root()["notificationItems"].list();
  }
  static Result<JsonDocument> Read(const Delivery& delivery) {
    auto document = JsonDocument::Parse(delivery.body);
    if (document && ItemsOf(*document).empty()) {
      return Fail(ErrorCode::kMalformedInput, {},
                  "is no Adyen notification: it needs notificationItems");
    }
    return document;
  }

  static Status CheckPassword(const Delivery& delivery, const WebhookSettings& settings) {
    if (settings.basic_auth.empty()) return {};
    std::string_view given = delivery.Header("Authorization");
    constexpr std::string_view kBasic = "Basic ";
    if (!given.starts_with(kBasic)) return BadSignature("the password is missing");
    const auto shown = DecodeBase64(Trim(given.substr(kBasic.size())));
    if (!shown || !SameSecret(*shown, settings.basic_auth)) {
      return BadSignature("the password is wrong");
    }
    return {};
  }

  // The meaning of one event code: the status that rules read, and the movement.
  struct Meaning {
    PaymentStatus status = PaymentStatus::kNone;
    MovementKind kind = MovementKind::kUnset;
    MovementState state = MovementState::kUnset;
    std::string_view reason = {};
    bool of_payment = false;  // the movement has the payment's own reference
    bool all = false;         // of everything, whatever amount the item names
  };
  static Meaning MeaningOf(std::string_view code, bool success, bool error,
                           const WebhookSettings& settings) {
    using Status = PaymentStatus;
    using Kind = MovementKind;
    using State = MovementState;
    // If authorised payments are captured at once, the authorisation is also the capture.
    const bool at_once = settings.captures_at_once;
    const Kind money = at_once ? Kind::kCapture : Kind::kAuthorization;
    const State done = success ? State::kSucceeded : State::kFailed;
    if (code == "AUTHORISATION") {
      if (!success) return {Status::kDenied, money, State::kFailed, {}, true};
      return {
          at_once ? Status::kCompleted : Status::kAuthorized, money, State::kSucceeded, {}, true};
    }
    if (code == "AUTHORISATION_ADJUSTMENT" && success) {
      if (at_once) return {Status::kCompleted, money, State::kSucceeded, {}, true};
      return {Status::kAuthorized, Kind::kAdjustment, State::kSucceeded, {}};
    }
    if (code == "PENDING") {
      return {Status::kPending, money, State::kPending, {}, true};
    }
    if (code == "CAPTURE" && success && error) {
      return {Status::kUnderReview, Kind::kCapture, State::kPending, "acquirer_error", at_once};
    }
    if (code == "CAPTURE") {
      return {success ? Status::kCompleted : Status::kDenied, Kind::kCapture, done, {}, at_once};
    }
    if (code == "CAPTURE_FAILED") {
      return {Status::kDenied, Kind::kCapture, State::kFailed, {}, at_once};
    }
    if (code == "MANUAL_REVIEW_REJECT") {
      return {Status::kDenied, money, State::kFailed, {}, true};
    }
    if ((code == "CANCELLATION" || code == "TECHNICAL_CANCEL" || code == "CANCEL_OR_REFUND") &&
        success) {
      if (at_once) return {Status::kVoided, money, State::kFailed, {}, true};
      return {Status::kVoided, Kind::kVoid, State::kSucceeded, {}, false, true};
    }
    if (code == "EXPIRE" && success) {
      return {Status::kExpired, money, State::kExpired, {}, true};
    }
    if (code == "REFUND" || code == "REFUND_FAILED" || code == "REFUNDED_REVERSED") {
      return {Status::kNone, Kind::kRefund, code == "REFUND" ? done : State::kFailed, {}};
    }
    if (code == "CHARGEBACK" || code == "SECOND_CHARGEBACK" || code == "PREARBITRATION_LOST") {
      return {Status::kChargedBack, Kind::kChargeback, State::kSucceeded, {}};
    }
    if (code == "CHARGEBACK_REVERSED" || code == "PREARBITRATION_WON") {
      return {Status::kCompleted, Kind::kChargeback, State::kUndone, {}};
    }
    return {};
  }

  static std::string_view PaymentId(const JsonValue& item) {
    const std::string_view original = item["originalReference"].text();
    return original.empty() ? item["pspReference"].text() : original;
  }

  // The draft of an event for an item. `part` distinguishes several events of one item.
  static EventDraft DraftOf(const JsonValue& item, const char* part, const Delivery& delivery,
                            const WebhookSettings& settings) {
    EventDraft draft(kAdyen,
                     std::string(item["pspReference"].text()) + ":" +
                         std::string(item["eventCode"].text()) + part + " " +
                         std::string(item["eventDate"].text()),
                     EventType::kPaymentUpdated,
                     FirstTime({item["eventDate"].text()}, delivery.received), settings);
    draft.SetOrderId(item["merchantReference"].text());
    draft.Refer(kAdyen, PaymentId(item));
    draft.SetProof(delivery);
    return draft;
  }

  static void MapItem(const JsonValue& item, const Delivery& delivery,
                      const WebhookSettings& settings, Mapped& mapped) {
    const std::string_view code = item["eventCode"].text();
    const bool success = item["success"].truth();
    if (!mapped.kind.empty()) mapped.kind += ", ";
    mapped.kind += code;
    EventDraft draft = DraftOf(item, success ? ":true" : ":false", delivery, settings);
    const auto currency = CurrencyOf(item["amount"]["currency"].text());
    const auto amount =
        currency ? draft.Amount(MinorAsDecimal(item["amount"]["value"].text(), DigitsOf(*currency)),
                                currency)
                 : std::nullopt;

    const bool in_favour = code == "ISSUER_RESPONSE_TIMEFRAME_EXPIRED";  // the issuer gave up
    const bool returns = code == "CHARGEBACK_REVERSED" || code == "PREARBITRATION_WON";
    const JsonValue& more = item["additionalData"];
    const bool error =
        !more["acquirerErrorCode"].text().empty() || !more["paypalErrorCode"].text().empty();
    const Meaning meaning = MeaningOf(code, success, error, settings);
    if (code == "REFUND" && success) {
      draft.event().type = EventType::kRefundIssued;
      draft.refund().id = draft.Id(item["pspReference"].text());
      draft.refund().amount = amount;
      if (amount) draft.refund().currency = currency;
    } else if (code == "NOTIFICATION_OF_CHARGEBACK" || code == "REQUEST_FOR_INFORMATION" ||
               code == "NOTIFICATION_OF_FRAUD") {
      draft.event().type = EventType::kDisputeOpened;
      Dispute& dispute = draft.dispute();
      dispute.id = draft.Id(item["pspReference"].text());
      dispute.reason = draft.Text(item["reason"].text());
      dispute.kind = code == "NOTIFICATION_OF_FRAUD"     ? DisputeKind::kFraudWarning
                     : code == "REQUEST_FOR_INFORMATION" ? DisputeKind::kInquiry
                                                         : DisputeKind::kChargeback;
      dispute.amount = amount;
      if (amount) dispute.currency = currency;
    } else if (meaning.kind != MovementKind::kUnset) {
      Payment& payment = draft.payment();
      payment.provider = kAdyen;
      payment.method = draft.Id(item["paymentMethod"].text());
      payment.status = meaning.status;
      payment.pending_reason = meaning.reason;
      if (returns) payment.reinstated = true;
      payment.source = ReportSource::kProvider;
      payment.transaction_id = draft.Id(PaymentId(item));
      payment.amount = amount;
      if (amount) payment.currency = currency;
      draft.SetMovement(meaning.kind, meaning.state,
                        meaning.of_payment ? PaymentId(item) : item["pspReference"].text(),
                        meaning.all ? std::nullopt : amount, currency);
      if (!settings.basic_auth.empty()) SetUnsigned(draft, payment, item["additionalData"]);
    } else if (!in_favour) {
      if (!mapped.nothing.empty()) mapped.nothing += "; ";
      mapped.nothing += "Adyen's " + std::string(code) + (success ? "" : " without success") +
                        " says nothing of an order's money";
      return;
    }
    if (!in_favour) mapped.events.push_back({draft.Json(), {}});
    if (code == "CANCEL_OR_REFUND" && success && !settings.captures_at_once) {
      // The code does not say which was done: captured money was refunded.
      EventDraft refund = DraftOf(item, ":refund", delivery, settings);
      refund.event().type = EventType::kRefundIssued;
      refund.refund().id = refund.Id(item["pspReference"].text());
      mapped.events.push_back({refund.Json(), {}});
    }
    // All notifications about a dispute have its id. A chargeback or its reversal ends the dispute,
    // until the next notification.
    if (meaning.kind != MovementKind::kChargeback && !in_favour) return;
    EventDraft end = DraftOf(item, ":end", delivery, settings);
    end.event().type = EventType::kDisputeClosed;
    end.dispute().id = end.Id(item["pspReference"].text());
    end.dispute().kind = DisputeKind::kChargeback;
    end.dispute().outcome = returns || in_favour ? DisputeOutcome::kWon : DisputeOutcome::kLost;
    end.dispute().amount = amount;
    if (amount) end.dispute().currency = currency;
    mapped.events.push_back({end.Json(), {}});
  }

  // The signature does not cover these fields. They count only from a sender with the right
  // password.
  static void SetUnsigned(EventDraft& draft, Payment& payment, const JsonValue& data) {
    payment.payer.name = draft.Text(data["cardHolderName"].text());
    payment.payer.email = draft.Text(data["shopperEmail"].text());
    payment.payer.account_id = draft.Id(data["shopperReference"].text());
    payment.payer.account_status = AccountStatus::kUnregistered;
    payment.card.bin = draft.Id(data["cardBin"].text());
    payment.card.fingerprint = draft.Id(data["PaymentAccountReference"].text());
    payment.card.country = draft.Country(data["cardIssuingCountry"].text().empty()
                                             ? data["issuerCountry"].text()
                                             : data["cardIssuingCountry"].text());
    payment.card.avs = AvsOf(data["avsResult"].text());
    payment.card.cvc = CvcOf(data["cvcResult"].text());
    const auto score = ParseNumber<std::uint32_t>(data["totalFraudScore"].text());
    constexpr std::uint32_t kMost = 99'999'999;
    if (score && *score <= kMost) payment.provider_risk.score = *score;
  }
};

}  // namespace

const WebhookProvider* AdyenWebhooks() {
  static const Adyen adyen;
  return &adyen;
}

}  // namespace holdfast
