// PayPal's Instant Payment Notifications: forms without proof of their sender. The receiver asks
// PayPal whether one is genuine, and only then parses it here.
#include <algorithm>
#include <cstdio>
#include <iterator>
#include <map>

#include "engine/base/text.h"
#include "engine/base/url.h"
#include "engine/base/utf8.h"
#include "engine/webhooks/event_draft.h"
#include "engine/webhooks/signature.h"
#include "engine/webhooks/webhook.h"

namespace holdfast {
namespace {

constexpr std::string_view kPayPal = "paypal";

// The bytes 0x80 to 0x9f of windows-1252; 0: not assigned.
constexpr char16_t kWindows1252[] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

// `text` as UTF-8. PayPal uses windows-1252 unless the seller chose another charset. Of other
// charsets only ASCII is read.
std::string ToUtf8(std::string_view text, std::string_view charset) {
  const std::string name = ToLowerAscii(charset);
  if (name == "utf-8" && IsValidUtf8(text)) return std::string(text);
  const bool western = name == "windows-1252" || name == "iso-8859-1" || name.empty();
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    unsigned code = byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80] : byte;
    if (byte >= 0x80 && !western) code = 0xFFFD;
    if (code == 0 && byte != 0) code = 0xFFFD;
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xC0 | code >> 6);
      out += static_cast<char>(0x80 | (code & 0x3F));
    } else {
      out += static_cast<char>(0xE0 | code >> 12);
      out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
      out += static_cast<char>(0x80 | (code & 0x3F));
    }
  }
  return out;
}

using Form = std::map<std::string, std::string, std::less<>>;

Form ReadForm(std::string_view body) {
  Form raw;
  constexpr std::size_t kMostFields = 1000;
  while (!body.empty() && raw.size() < kMostFields) {
    const std::size_t end = std::min(body.find('&'), body.size());
    const std::string_view field = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    const std::size_t equals = std::min(field.find('='), field.size());
    raw.emplace(DecodeUrl(field.substr(0, equals)),
                DecodeUrl(field.substr(std::min(equals + 1, field.size()))));
  }
  const auto charset = raw.find("charset");
  const std::string name = charset == raw.end() ? std::string() : charset->second;
  for (auto& [key, value] : raw) value = ToUtf8(value, name);
  return raw;
}

// "20:12:59 Jan 13, 2009 PST": Pacific time, standard or daylight saving.
std::optional<EventTime> PaymentDate(const std::string& text) {
  static constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  int hour = 0, minute = 0, second = 0, day = 0, year = 0;
  char month[4] = {}, zone[4] = {};
  const int read = std::sscanf(text.c_str(), "%2d:%2d:%2d %3s %2d, %4d %3s", &hour, &minute,
                               &second, month, &day, &year, zone);
  const auto known = std::find(std::begin(kMonths), std::end(kMonths), std::string_view(month));
  const bool summer = std::string_view(zone) == "PDT";
  if (read != 7 || known == std::end(kMonths) || (!summer && std::string_view(zone) != "PST")) {
    return std::nullopt;
  }
  const auto local =
      FromCivil(year, static_cast<int>(known - std::begin(kMonths)) + 1, day, hour, minute, second);
  constexpr std::int64_t kHour = 3600;
  if (!local || *local < 0) return std::nullopt;
  return UnixTime(std::to_string(*local + (summer ? 7 : 8) * kHour));
}

struct Reported {
  PaymentStatus status;
  std::string reason;
};

Reported StatusOf(const Form& form) {
  const auto get = [&](const char* name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string() : found->second;
  };
  const std::string status = get("payment_status"), pending = get("pending_reason");
  const bool filtered = form.lower_bound("fraud_management_pending_filters_") !=
                        form.lower_bound("fraud_management_pending_filters_~");
  if (get("case_type") == "chargeback" && get("txn_type").empty()) {
    return {PaymentStatus::kChargedBack, {}};
  }
  if (status == "Pending" || status == "Created" || status == "Processed") {
    static constexpr std::pair<std::string_view, std::string_view> kReasons[] = {
        {"echeck", "echeck"},
        {"authorization", "authorization"},
        {"intl", "international_withdrawal"},
        {"multi_currency", "multi_currency"},
        {"order", "order"},
        {"unilateral", "unilateral"},
        {"upgrade", "upgrade"},
        {"verify", "verification_required"},
        {"address", "unconfirmed_address"},
        {"delayed_disbursement", "delayed_disbursement"}};
    if (filtered) return {PaymentStatus::kUnderReview, "fraud_filters"};
    if (pending == "paymentreview") return {PaymentStatus::kUnderReview, "payment_review"};
    for (const auto& [theirs, ours] : kReasons) {
      if (pending == theirs) return {PaymentStatus::kPending, std::string(ours)};
    }
    if (pending.empty() && status != "Pending") return {PaymentStatus::kPending, {}};
    return {PaymentStatus::kUnderReview, pending};
  }
  if (status == "Completed" || status == "Canceled_Reversal") {
    return {get("payment_type") == "instant" ? PaymentStatus::kCleared : PaymentStatus::kCompleted,
            {}};
  }
  if (status == "Denied" || status == "Failed" || status == "Expired" || status == "Voided") {
    return {PaymentStatus::kDenied, {}};
  }
  if (status == "Reversed") {
    return {
        get("reason_code") == "chargeback" ? PaymentStatus::kChargedBack : PaymentStatus::kReversed,
        {}};
  }
  return {PaymentStatus::kUnderReview, status};
}

std::string_view Get(const Form& form, const char* name) {
  const auto found = form.find(name);
  return found == form.end() ? std::string_view() : std::string_view(found->second);
}

void SetPayer(const Form& form, EventDraft& draft, Payer& payer) {
  payer.name = draft.Name(Get(form, "first_name"), Get(form, "last_name"));
  payer.account_holder = draft.Text(Get(form, "payer_business_name"));
  payer.email = draft.Text(Get(form, "payer_email"));
  payer.account_id = draft.Id(Get(form, "payer_id"));
  payer.country = draft.Country(Get(form, "residence_country"));
  payer.account_status = Get(form, "payer_status") == "verified"     ? AccountStatus::kVerified
                         : Get(form, "payer_status") == "unverified" ? AccountStatus::kUnverified
                         : payer.account_id.empty()                  ? AccountStatus::kUnregistered
                                                                     : AccountStatus::kUnset;
  payer.address_status = Get(form, "address_status") == "confirmed" ? AddressStatus::kConfirmed
                         : Get(form, "address_status") == "unconfirmed"
                             ? AddressStatus::kUnconfirmed
                             : AddressStatus::kUnset;
  payer.address.line1 = draft.Text(Get(form, "address_street"));
  payer.address.city = draft.Text(Get(form, "address_city"));
  payer.address.region = draft.Text(Get(form, "address_state"));
  payer.address.postal_code = draft.Id(Get(form, "address_zip"));
  payer.address.country = draft.Country(Get(form, "address_country_code"));
}

void SetPayment(const Form& form, EventDraft& draft, std::optional<std::int64_t> amount,
                std::optional<Currency> currency) {
  Payment& payment = draft.payment();
  payment.provider = kPayPal;
  const Reported found = StatusOf(form);
  payment.status = found.status;
  payment.pending_reason = draft.Id(found.reason);
  if (Get(form, "payment_status") == "Canceled_Reversal") payment.reinstated = true;
  payment.amount = amount;
  if (amount) payment.currency = currency;
  // A reversal has its own id beside the id of the payment that it reverses.
  const bool reversal = Get(form, "payment_status").ends_with("Reversal") ||
                        Get(form, "payment_status") == "Reversed";
  const std::string_view parent = Get(form, "parent_txn_id");
  payment.transaction_id = draft.Id(reversal && !parent.empty() ? parent : Get(form, "txn_id"));
  const std::string protection = ToLowerAscii(Get(form, "protection_eligibility"));
  payment.seller_protection = protection == "eligible" ? SellerProtection::kEligible
                              : protection.starts_with("partially")
                                  ? SellerProtection::kPartiallyEligible
                              : protection == "ineligible" ? SellerProtection::kNotEligible
                                                           : SellerProtection::kUnset;
  SetPayer(form, draft, payment.payer);
}

}  // namespace

bool IsIpn(const Delivery& delivery) {
  const std::string type = ToLowerAscii(delivery.Header("Content-Type"));
  return type.starts_with("application/x-www-form-urlencoded");
}

Result<Mapped> MapIpn(const Delivery& delivery, const WebhookSettings& settings) {
  const Form form = ReadForm(delivery.body);
  if (Get(form, "txn_id").empty() && Get(form, "txn_type").empty()) {
    return Fail(ErrorCode::kMalformedInput, {}, "is no PayPal IPN: it needs txn_id or txn_type");
  }
  // PayPal confirms every IPN that it sent to anyone. The receiver says whose money it is about.
  const bool ours = std::any_of(
      settings.receivers.begin(), settings.receivers.end(), [&](const std::string& receiver) {
        return receiver == Get(form, "receiver_email") || receiver == Get(form, "receiver_id");
      });
  if (!ours) return BadSignature("is for a PayPal account that is not one of this merchant's");
  if (Get(form, "test_ipn") == "1" && !settings.sandbox) {
    return BadSignature("is of PayPal's sandbox");
  }
  Mapped mapped;
  mapped.kind = "IPN." + std::string(Get(form, "payment_status"));
  const auto date = PaymentDate(std::string(Get(form, "payment_date")));
  const EventTime at = FirstTime({date ? FormatRfc3339(*date) : std::string()}, delivery.received);
  const std::string id = "ipn " + std::string(Get(form, "txn_id")) + " " +
                         std::string(Get(form, "payment_status")) + " " +
                         std::string(Get(form, "ipn_track_id"));
  const bool refund = Get(form, "payment_status") == "Refunded";
  const bool dispute = Get(form, "txn_type") == "new_case";
  EventDraft draft(kPayPal, id,
                   refund    ? EventType::kRefundIssued
                   : dispute ? EventType::kDisputeOpened
                             : EventType::kPaymentUpdated,
                   at, settings);
  for (const std::string& field : settings.order_id_from) {
    if (draft.event().order_id.empty()) {
      draft.SetOrderId(Get(form, field == "custom_id" ? "custom" : "invoice"));
    }
  }
  draft.Refer(kPayPal, Get(form, "txn_id"));
  draft.Refer(kPayPal, Get(form, "parent_txn_id"));
  draft.SetProof(delivery);
  const auto currency = CurrencyOf(Get(form, "mc_currency"));
  const auto amount = draft.Amount(Get(form, "mc_gross"), currency);
  if (refund) {
    draft.refund().id = draft.Id(Get(form, "txn_id"));
    draft.refund().amount = amount;
    if (amount) draft.refund().currency = currency;
  } else if (dispute) {
    draft.dispute().id =
        draft.Id(Get(form, "case_id").empty() ? Get(form, "txn_id") : Get(form, "case_id"));
    draft.dispute().reason = draft.Text(Get(form, "reason_code"));
    draft.dispute().kind =
        Get(form, "case_type") == "chargeback" ? DisputeKind::kChargeback : DisputeKind::kDispute;
  } else {
    SetPayment(form, draft, amount, currency);
  }
  mapped.events.push_back({draft.Json(), {}});
  return mapped;
}

}  // namespace holdfast
