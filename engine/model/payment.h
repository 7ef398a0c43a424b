// Payment: what a provider reports about the money of an order. Plain values, views as in Order.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/base/money.h"
#include "engine/model/address.h"

namespace holdfast {

// The state a provider reports, in the common vocabulary. kNone: nothing reported.
enum class PaymentStatus : std::uint8_t {
  kNone,
  kCreated,
  kAuthorized,
  kPending,
  kUnderReview,
  kCompleted,
  kCleared,
  kDenied,
  kFailed,
  kVoided,
  kExpired,
  kPartiallyRefunded,
  kRefunded,
  kReversed,
  kChargedBack,
  kDisputed,
};

// A movement of a payment. An adjustment sets the total authorised amount from then on.
enum class MovementKind : std::uint8_t {
  kUnset,
  kAuthorization,
  kAdjustment,
  kCapture,
  kRefund,
  kVoid,
  kChargeback,
};

// kPending: requested or in progress. kUndone: it had succeeded and was taken back, such as a
// reversed chargeback; with an amount, only that much of it.
enum class MovementState : std::uint8_t {
  kUnset,
  kPending,
  kSucceeded,
  kFailed,
  kExpired,
  kUndone,
};

// The source of a report: the provider (a verified delivery), the seller's own system, a file, or
// the shop's copy of a payment. A copy never outranks a report of the provider or the seller.
enum class ReportSource : std::uint8_t { kUnset, kProvider, kSeller, kFile, kShop };

enum class SellerProtection : std::uint8_t { kUnset, kEligible, kPartiallyEligible, kNotEligible };
enum class AccountStatus : std::uint8_t { kUnset, kVerified, kUnverified, kUnregistered };
enum class AddressStatus : std::uint8_t { kUnset, kConfirmed, kUnconfirmed };
enum class CardFunding : std::uint8_t { kUnset, kCredit, kDebit, kPrepaid };
enum class CheckResult : std::uint8_t { kUnset, kPass, kFail, kPartial, kUnavailable };
// The result of 3-D Secure. kAttempted: the issuer could not authenticate, and says that it was
// tried; kExempt: it was not asked for.
enum class ThreeDSecure : std::uint8_t {
  kUnset,
  kAuthenticated,
  kAttempted,
  kExempt,
  kFailed,
  kNotSupported,
  kUnavailable,
};
enum class RiskLevel : std::uint8_t { kUnset, kLow, kNormal, kElevated, kHighest };

struct Payer {
  std::string_view name, email, account_id;
  AccountStatus account_status = AccountStatus::kUnset;
  std::string_view account_holder;  // the name the account is registered under
  std::string_view country;         // of the account
  Address address;
  AddressStatus address_status = AddressStatus::kUnset;
};

struct Card {
  std::string_view fingerprint, bin, country;
  CardFunding funding = CardFunding::kUnset;
  CheckResult avs = CheckResult::kUnset;
  CheckResult cvc = CheckResult::kUnset;
  ThreeDSecure three_d_secure = ThreeDSecure::kUnset;
  std::optional<bool> liability_shift;  // true: the issuer bears the loss of a fraud chargeback
};

struct ProviderRisk {
  RiskLevel level = RiskLevel::kUnset;
  std::optional<std::int64_t> score;  // the provider's own scale
};

// One movement of a payment, for senders that know more than a status.
struct PaymentMovement {
  MovementKind kind = MovementKind::kUnset;
  std::string_view reference;  // the movement's id; empty: the only one of its kind
  MovementState state = MovementState::kUnset;
  std::optional<std::int64_t> amount;  // minor units of `currency`; absent: not said, or all
  std::optional<Currency> currency;
};

struct Payment {
  std::string_view provider, method;
  ReportSource source = ReportSource::kUnset;  // kUnset: the seller's own system
  // Of a shop's copy: the providers that also report to the seller directly. Money of such a
  // provider without its transaction id is never more than pending.
  std::span<const std::string_view> connected;
  PaymentStatus status = PaymentStatus::kNone;
  // Of a completed payment: true when money that was charged back has come back.
  std::optional<bool> reinstated;
  std::string_view pending_reason;     // payment_review, echeck, unconfirmed_address, ...
  std::optional<std::int64_t> amount;  // minor units of `currency`
  std::optional<Currency> currency;    // within an order: the order's, where it names none
  std::string_view transaction_id;
  SellerProtection seller_protection = SellerProtection::kUnset;
  PaymentMovement movement;  // kUnset: only `status` is given
  Payer payer;
  Card card;
  ProviderRisk provider_risk;
  std::optional<std::int64_t> instalments;  // number of parts in which the buyer pays
  std::optional<std::int64_t> attempts;     // how often the buyer tried to pay, this time included
};

}  // namespace holdfast
