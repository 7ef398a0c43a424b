// Payment: what a provider said about the money of an order. Plain values, views as in Order.
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

// A movement of a payment. An adjustment says what is authorised in all from then on.
enum class MovementKind : std::uint8_t {
  kUnset,
  kAuthorization,
  kAdjustment,
  kCapture,
  kRefund,
  kVoid,
  kChargeback,
};

// kPending: asked for, or under way. kUndone: it had succeeded and was taken back, such as a
// chargeback that was reversed; with an amount, so much of it.
enum class MovementState : std::uint8_t {
  kUnset,
  kPending,
  kSucceeded,
  kFailed,
  kExpired,
  kUndone,
};

// Who says it: the provider (a proved delivery), the seller's own system, the shop in its copy of
// the payment, a file. A copy never outranks what the provider or the seller reports.
enum class ReportSource : std::uint8_t { kUnset, kProvider, kSeller, kFile, kShop };

enum class SellerProtection : std::uint8_t { kUnset, kEligible, kPartiallyEligible, kNotEligible };
enum class AccountStatus : std::uint8_t { kUnset, kVerified, kUnverified, kUnregistered };
enum class AddressStatus : std::uint8_t { kUnset, kConfirmed, kUnconfirmed };
enum class CardFunding : std::uint8_t { kUnset, kCredit, kDebit, kPrepaid };
enum class CheckResult : std::uint8_t { kUnset, kPass, kFail, kPartial, kUnavailable };
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
};

struct ProviderRisk {
  RiskLevel level = RiskLevel::kUnset;
  std::optional<std::int64_t> score;  // the provider's own scale
};

// One movement of a payment, for senders who know more than a status.
struct PaymentMovement {
  MovementKind kind = MovementKind::kUnset;
  std::string_view reference;  // the movement's own id; empty: one a kind
  MovementState state = MovementState::kUnset;
  std::optional<std::int64_t> amount;  // minor units of `currency`; absent: not said, or all
  std::optional<Currency> currency;
};

struct Payment {
  std::string_view provider, method;
  ReportSource source = ReportSource::kUnset;  // kUnset: the seller's own system
  // Of a shop's copy: the providers whose own reports the seller receives. What the copy says of
  // money by one of them, without its transaction id, is never more than pending.
  std::span<const std::string_view> connected;
  PaymentStatus status = PaymentStatus::kNone;
  // Of a completed payment: money that was charged back has come back.
  std::optional<bool> reinstated;
  std::string_view pending_reason;     // payment_review, echeck, unconfirmed_address, ...
  std::optional<std::int64_t> amount;  // minor units of `currency`
  std::optional<Currency> currency;    // within an order: the order's, where it names none
  std::string_view transaction_id;
  SellerProtection seller_protection = SellerProtection::kUnset;
  PaymentMovement movement;  // of kind kUnset: `status` says all
  Payer payer;
  Card card;
  ProviderRisk provider_risk;
};

}  // namespace holdfast
