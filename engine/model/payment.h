// Payment: what a provider said about the money of an order. Plain values, views as in Order.
#pragma once

#include <cstdint>
#include <optional>
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

struct Payment {
  std::string_view provider, method;
  PaymentStatus status = PaymentStatus::kNone;
  // Money that was reversed or charged back has come back; see GivesBack, and docs/formats.md for
  // what else ends those states.
  std::optional<bool> reinstated;
  std::string_view pending_reason;     // payment_review, echeck, unconfirmed_address, ...
  std::optional<std::int64_t> amount;  // minor units of `currency`
  std::optional<Currency> currency;    // within an order: the order's, where it names none
  std::string_view transaction_id;
  SellerProtection seller_protection = SellerProtection::kUnset;
  Payer payer;
  Card card;
  ProviderRisk provider_risk;
};

}  // namespace holdfast
