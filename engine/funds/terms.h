// FundsTerms: what a pack says of payments: how providers are called, whom to believe, and what is
// enough for the money of a method. Immutable; any thread.
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
  // What less than certain is enough for the part of the money that comes by a method.
  std::map<std::string, CertaintySet, std::less<>> methods;
  // Shops' names for a provider or method, as NormalName writes them, and what they mean.
  std::map<std::string, std::string, std::less<>> aliases;
  // Gateways of which the shop's word that they were paid counts; empty: those that are known to
  // take money at once, and those that give a transaction id.
  std::set<std::string, std::less<>> trust_shop;

  // Amounts in minor units of the base currency above which money that a person has seen arrive
  // counts once a second person has seen it too; nothing: one is enough.
  std::optional<std::int64_t> second_above;

  // The one name of a provider or method: "PayPal Express" is "paypal".
  std::string NameOf(std::string_view given) const;
  // The same: a part of `given`, of `room`, of the terms, or of the program.
  std::string_view NameOf(std::string_view given, std::string& room) const;
  // Does the shop's word count that the money came this way? `later`: see SaysPaysLater.
  bool TrustsShop(std::string_view provider, std::string_view method, bool later,
                  bool has_transaction) const;
};

// The same by what is known without a pack: a part of `given`, of `room` or of the program.
std::string_view KnownNameOf(std::string_view given, std::string& room);

// Lower case, with one '_' for whatever is no letter or digit: "Cash on Delivery (COD)" is
// "cash_on_delivery_cod".
std::string NormalName(std::string_view name);

// Does the name of a gateway or method say that money comes later than the order, such as cash on
// delivery, a cheque or a bank transfer? In whatever form it is written.
bool PaysLater(std::string_view given);
// The same of a payment: by how its provider was `given`, and by its method where `provider` is no
// provider of payments itself.
bool SaysPaysLater(std::string_view provider, std::string_view given, std::string_view method);

// Is this a shop's system, rather than a provider of payments?
bool IsShopSystem(std::string_view provider);

}  // namespace holdfast
