// FundsTerms: a pack's settings for payments: names of providers, which reports of shops to trust,
// and which certainty of money is enough for each payment method. Immutable; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "engine/model/funds.h"

namespace holdfast {

using CertaintySet = std::array<bool, 6>;  // by FundsCertainty

struct FundsTerms {
  // For each method: the certainties that are enough for money paid by it.
  std::map<std::string, CertaintySet, std::less<>> methods;
  // Shops' names for a provider or method, as NormalName writes them, and what they mean.
  std::map<std::string, std::string, std::less<>> aliases;
  // Gateways for which a shop's report of a payment is trusted. Empty: gateways that are known to
  // take money at once, and payments with a transaction id.
  std::set<std::string, std::less<>> trust_shop;

  // Money that a person has recorded (review.paid) counts, above this amount in minor units of the
  // base currency, only when a second person has recorded it too. Empty: one person is enough.
  std::optional<std::int64_t> second_above;

  // The canonical name of a provider or method: "PayPal Express" is "paypal".
  std::string NameOf(std::string_view given) const;
  // The same as a view of `given`, `room`, the terms or a constant.
  std::string_view NameOf(std::string_view given, std::string& room) const;
  // True when a shop's report of such a payment is trusted. `later`: see SaysPaysLater.
  bool TrustsShop(std::string_view provider, std::string_view method, bool later,
                  bool has_transaction) const;
};

// The canonical name without a pack's aliases: a view of `given`, `room` or a constant.
std::string_view KnownNameOf(std::string_view given, std::string& room);

// In lower case, with one '_' for each run of other characters than letters and digits: "Cash on
// Delivery (COD)" is "cash_on_delivery_cod".
std::string NormalName(std::string_view name);

// True when the name of a gateway or method means that money comes after the order, such as cash on
// delivery, a cheque or a bank transfer. Any spelling.
bool PaysLater(std::string_view given);
// The same for a payment: by the provider's name as `given`; also by the method, unless `provider`
// is a payment provider.
bool SaysPaysLater(std::string_view provider, std::string_view given, std::string_view method);

// True for a shop system such as "shopify", false for a payment provider.
bool IsShopSystem(std::string_view provider);

}  // namespace holdfast
